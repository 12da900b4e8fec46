// What starts published workflows: webhooks, schedules and event nodes that are live. A trigger is named by its workflow and its node,
// "WORKFLOW:NODE"; it comes and goes with publishing.
#include "server/routes/routes.h"
#include "trigger/schedule.h"

namespace mbflow::server {
namespace {

constexpr std::size_t runs_in_lists = 3;

struct Live {
  WorkflowId workflow;
  int version = 0;
  std::string node;
  std::optional<store::Schedule> schedule;
  std::vector<store::WebhookRoute> routes;  // of a webhook
  std::string event;                        // of an event node: the names it hears

  [[nodiscard]] std::string_view type() const { return schedule ? "schedule" : routes.empty() ? "event" : "webhook"; }
};

Task<Result<std::vector<Live>>> live_triggers(Api& api, TenantId tenant, std::optional<WorkflowId> workflow) {
  MBF_CO_TRY(auto schedules, co_await api.services.store.schedules());
  MBF_CO_TRY(auto routes, co_await api.services.store.routes());
  MBF_CO_TRY(auto subscriptions, co_await api.services.store.subscriptions());
  auto counts = [&](const auto& row) { return row.tenant == tenant && (!workflow || row.workflow == *workflow); };
  std::vector<Live> list;
  for (auto& row : schedules) {
    if (counts(row)) list.push_back({row.workflow, row.version, row.node_id, row, {}, {}});
  }
  for (auto& row : routes) {
    if (!counts(row)) continue;
    const auto same = std::ranges::find_if(list, [&](const Live& live) { return live.workflow == row.workflow && live.node == row.node_id; });
    if (same != list.end()) same->routes.push_back(row);
    else list.push_back({row.workflow, row.version, row.node_id, std::nullopt, {row}, {}});
  }
  for (auto& row : subscriptions) {
    if (counts(row)) list.push_back({row.workflow, row.version, row.node_id, std::nullopt, {}, row.name});
  }
  std::ranges::sort(list, [](const Live& a, const Live& b) { return std::tie(b.workflow, a.node) < std::tie(a.workflow, b.node); });
  co_return list;
}

// The part of the address before the colon, and the node after it ("" when there is none).
Result<std::pair<WorkflowId, std::string>> trigger_id(const Call& call) {
  const std::string& text = call.params[0];
  const auto colon = std::min(text.find(':'), text.size());
  const auto workflow = WorkflowId::parse(text.substr(0, colon));
  if (workflow) return std::pair(*workflow, colon < text.size() ? text.substr(colon + 1) : std::string());
  return fail(Kind::not_found, "trigger.unknown", "there is no live trigger with this id; it may not be published");
}

Task<Result<Live>> find_live(Api& api, const Call& call) {
  MBF_CO_TRY(auto id, trigger_id(call));
  MBF_CO_TRY(auto list, co_await live_triggers(api, call.who.tenant, id.first));
  for (auto& live : list) {
    if (live.node == id.second) co_return std::move(live);
  }
  co_return fail(Kind::not_found, "trigger.unknown", "there is no live trigger with this id; it may not be published");
}

Value times_to_json(const std::vector<Timestamp>& times) {
  std::vector<Value> list;
  for (const auto at : times) list.emplace_back(format_timestamp(at));
  return Value::array(std::move(list));
}

Result<trigger::Schedule> schedule_of(const runtime::Program& program, const std::string& node) {
  const NodeIndex index = program.plan->find(node);
  if (index == no_node) return fail(Kind::not_found, "trigger.unknown", "the published version has no such node");
  return trigger::parse_schedule(program.plan->workflow.nodes[index].config, program.plan->workflow.settings.timezone);
}

Task<Result<Value>> to_json(Api& api, TenantId tenant, const Live& live) {
  MBF_CO_TRY(auto program, co_await api.runtime.program(tenant, live.workflow, live.version));
  ObjectBuilder json;
  json.append("id", live.workflow.to_string() + ":" + live.node);
  json.append("type", live.type());
  json.append("workflow_id", live.workflow.to_string());
  json.append("workflow_name", program->plan->workflow.name);
  json.append("version", live.version);
  json.append("node", live.node);
  if (live.schedule) {
    const Timestamp now = api.services.env.now();
    auto schedule = schedule_of(*program, live.node);
    json.append("since", format_timestamp(live.schedule->since));
    json.append("last_run_at", live.schedule->last == Timestamp{} ? Value() : Value(format_timestamp(live.schedule->last)));
    json.append("next_runs", schedule ? times_to_json(trigger::next_runs(*schedule, now, runs_in_lists)) : Value::array());
    co_return json.build();
  }
  if (live.routes.empty()) {
    json.append("event", live.event);
    co_return json.build();
  }
  std::vector<Value> methods;
  for (const auto& route : live.routes) methods.emplace_back(route.method);
  json.append("path", "/webhooks/" + live.routes.front().path);
  json.append("methods", Value::array(std::move(methods)));
  co_return json.build();
}

}  // namespace

Task<Result<Reply>> list_triggers(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"workflow_id", "type", "limit", "cursor"}));
  MBF_CO_TRY(const auto limit, int_query(call, "limit", 50, 1, 200));
  MBF_CO_TRY(const auto offset, int_query(call, "cursor", 0, 0, 1'000'000'000));
  const std::string text = call.query("workflow_id");
  const std::string type = call.query("type");
  std::optional<WorkflowId> workflow;
  if (!text.empty()) workflow = WorkflowId::parse(text);
  if (!text.empty() && !workflow) co_return fail(Kind::invalid, "request.query", "'workflow_id' must be an id");
  if (!type.empty() && type != "webhook" && type != "schedule" && type != "event") {
    co_return fail(Kind::invalid, "request.query", "'type' must be webhook, schedule or event");
  }
  MBF_CO_TRY(auto list, co_await live_triggers(api, call.who.tenant, workflow));
  std::erase_if(list, [&](const Live& live) { return !type.empty() && live.type() != type; });
  const auto first = std::min(list.size(), static_cast<std::size_t>(offset));
  const auto last = std::min(list.size(), first + static_cast<std::size_t>(limit));
  std::vector<Value> items;
  for (auto i = first; i < last; ++i) {
    MBF_CO_TRY(auto item, co_await to_json(api, call.who.tenant, list[i]));
    items.push_back(std::move(item));
  }
  Reply reply;
  const Value next = last < list.size() ? Value(std::to_string(last)) : Value();
  reply.body = Value::object({{"items", Value::array(std::move(items))}, {"next_cursor", next}});
  co_return reply;
}

Task<Result<Reply>> get_trigger(Api& api, Call call) {
  MBF_CO_TRY(auto live, co_await find_live(api, call));
  Reply reply;
  MBF_CO_TRY(reply.body, co_await to_json(api, call.who.tenant, live));
  co_return reply;
}

Task<Result<Reply>> trigger_next_runs(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"count"}));
  MBF_CO_TRY(const auto count, int_query(call, "count", 10, 1, 100));
  MBF_CO_TRY(auto live, co_await find_live(api, call));
  if (!live.schedule) co_return fail(Kind::invalid, "trigger.no_schedule", "it runs when it is called; only schedules have next runs");
  MBF_CO_TRY(auto program, co_await api.runtime.program(call.who.tenant, live.workflow, live.version));
  MBF_CO_TRY(auto schedule, schedule_of(*program, live.node));
  const auto runs = trigger::next_runs(schedule, api.services.env.now(), static_cast<std::size_t>(count));
  Reply reply;
  reply.body = Value::object({{"items", times_to_json(runs)}});
  co_return reply;
}

Task<Result<Reply>> trigger_history(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"limit", "cursor"}));
  MBF_CO_TRY(const auto limit, int_query(call, "limit", 50, 1, 200));
  MBF_CO_TRY(auto id, trigger_id(call));
  Timestamp before{};
  const std::string cursor = call.query("cursor");
  if (!cursor.empty()) {
    MBF_CO_TRY(before, parse_timestamp(cursor));
  }
  MBF_CO_CHECK(co_await api.services.store.workflow(call.who.tenant, id.first, 0));
  MBF_CO_TRY(auto ticks, co_await api.services.store.ticks(call.who.tenant, id.first, id.second, before, limit + 1));
  const bool more = ticks.size() > static_cast<std::size_t>(limit);
  if (more) ticks.pop_back();
  std::vector<Value> items;
  for (const auto& tick : ticks) {
    const Value execution = tick.execution.is_nil() ? Value() : Value(tick.execution.to_string());
    items.push_back(Value::object({{"at", format_timestamp(tick.at)}, {"outcome", tick.outcome}, {"execution_id", execution}}));
  }
  Reply reply;
  const Value next = more ? Value(format_timestamp(ticks.back().at)) : Value();
  reply.body = Value::object({{"items", Value::array(std::move(items))}, {"next_cursor", next}});
  co_return reply;
}

// By the id of a trigger, or of a workflow: then at the node it starts at by hand.
Task<Result<Reply>> fire_trigger(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"input"}));
  MBF_CO_TRY(auto id, trigger_id(call));
  MBF_CO_TRY(auto record, co_await api.services.store.workflow(call.who.tenant, id.first, 0));
  if (record.published_version == 0) co_return fail(Kind::conflict, "workflow.not_published", "this workflow is not published; publish it first");
  MBF_CO_CHECK(api.check_rate(record.id));
  runtime::StartRequest start;
  start.tenant = call.who.tenant;
  start.id = ExecutionId(call.subject);
  start.entry = id.second;
  start.input = call.body["input"];
  MBF_CO_TRY(start.program, co_await api.runtime.program(start.tenant, id.first, record.published_version));
  const NodeIndex node = start.entry.empty() ? no_node : start.program->plan->find(start.entry);
  const bool is_entry = start.entry.empty() || (node != no_node && start.program->plan->nodes[node].type->entry);
  if (!is_entry) co_return fail(Kind::not_found, "trigger.unknown", "the published version has no trigger with this id");
  co_return co_await run_once(api, std::move(start), Duration(0));
}

Task<Result<Reply>> preview_schedule(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"config", "timezone", "count"}));
  const std::string timezone = call.body.find("timezone") ? std::string(call.body["timezone"].as_string()) : std::string("UTC");
  const auto count = call.body.find("count") ? std::clamp<std::int64_t>(call.body["count"].as_integer(), 1, 100) : 10;
  MBF_CO_TRY(auto schedule, trigger::parse_schedule(call.body["config"], timezone));
  const auto runs = trigger::next_runs(schedule, api.services.env.now(), static_cast<std::size_t>(count));
  Reply reply;
  reply.body = Value::object({{"items", times_to_json(runs)}});
  co_return reply;
}

}  // namespace mbflow::server
