// What starts published workflows: webhooks, schedules and event nodes that are live. A trigger is named by its workflow and its node,
// "WORKFLOW:NODE"; it comes and goes with publishing.
#include "server/live_triggers.h"
#include "server/routes/routes.h"
#include "server/routes/series.h"
#include "trigger/schedule.h"

#include <map>

namespace mbflow::server {
namespace {

constexpr std::size_t runs_in_lists = 3;

Result<TriggerId> trigger_id(const Call& call) { return read_trigger_id(call.params[0]); }

Task<Result<LiveTrigger>> find_live(Api& api, const Call& call) {
  MBF_CO_TRY(auto id, trigger_id(call));
  co_return co_await find_trigger(api.services.store, call.who.tenant, std::move(id));
}

Value times_to_json(const std::vector<Timestamp>& times) {
  std::vector<Value> list;
  for (const auto at : times) list.emplace_back(format_timestamp(at));
  return Value::array(std::move(list));
}

// None while it is switched off.
Value next_runs_of(Api& api, const LiveTrigger& live, const trigger::Schedule& schedule, std::size_t count) {
  return live.enabled ? times_to_json(trigger::next_runs(schedule, api.services.env.now(), count)) : Value::array();
}

Result<trigger::Schedule> schedule_of(const runtime::Program& program, const std::string& node) {
  const NodeIndex index = program.plan->find(node);
  if (index == no_node) return fail(Kind::not_found, "trigger.unknown", "the published version has no such node");
  return trigger::parse_schedule(program.plan->workflow.nodes[index].config, program.plan->workflow.settings.timezone);
}

// How callers of a webhook prove who they are; never what they prove it with.
std::string_view proof_of(const Value& config) {
  const Value& auth = config["auth"];
  return auth.is_string() ? auth.as_string() : auth["type"].as_string();
}

Task<Result<Value>> to_json(Api& api, TenantId tenant, const LiveTrigger& live) {
  MBF_CO_TRY(auto program, co_await api.runtime.program(tenant, live.workflow, live.version));
  const NodeIndex index = program->plan->find(live.node);
  if (index == no_node) co_return fail(Kind::not_found, "trigger.unknown", "the published version has no such node");
  const Node& node = program->plan->workflow.nodes[index];
  ObjectBuilder json;
  json.append("id", live.id());
  json.append("type", live.type());
  json.append("workflow_id", live.workflow.to_string());
  json.append("workflow_name", program->plan->workflow.name);
  json.append("version", live.version);
  json.append("node", live.node);
  json.append("node_name", node.name);
  json.append("enabled", live.enabled);
  if (live.schedule) {
    auto schedule = schedule_of(*program, live.node);
    const Value& zone = node.config["timezone"];
    json.append("times", node.config.find("cron") ? node.config["cron"] : node.config["every"]);
    json.append("timezone", zone.is_string() ? zone : Value(program->plan->workflow.settings.timezone));
    json.append("since", format_timestamp(live.schedule->since));
    json.append("last_run_at", live.schedule->last == Timestamp{} ? Value() : Value(format_timestamp(live.schedule->last)));
    json.append("next_runs", schedule ? next_runs_of(api, live, *schedule, runs_in_lists) : Value::array());
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
  json.append("auth", proof_of(node.config));
  json.append("respond", node.config.find("respond") ? node.config["respond"] : Value("accepted"));
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
  MBF_CO_TRY(auto list, co_await live_triggers(api.services.store, call.who.tenant, workflow));
  std::erase_if(list, [&](const LiveTrigger& live) { return !type.empty() && live.type() != type; });
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
  Reply reply;
  reply.body = Value::object({{"items", next_runs_of(api, live, schedule, static_cast<std::size_t>(count))}});
  co_return reply;
}

namespace {

Task<Result<Reply>> turn(Api& api, Call call, bool on) {
  MBF_CO_CHECK(only_fields(call.body, {}));
  MBF_CO_TRY(auto live, co_await find_live(api, call));
  MBF_CO_CHECK(co_await api.services.store.switch_trigger(call.who.tenant, live.workflow, live.node, on));
  co_return co_await get_trigger(api, std::move(call));
}

}  // namespace

Task<Result<Reply>> enable_trigger(Api& api, Call call) { return turn(api, std::move(call), true); }
Task<Result<Reply>> disable_trigger(Api& api, Call call) { return turn(api, std::move(call), false); }

Task<Result<Reply>> trigger_history(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"limit", "cursor"}));
  MBF_CO_TRY(const auto limit, int_query(call, "limit", 50, 1, 200));
  MBF_CO_TRY(auto id, trigger_id(call));
  MBF_CO_TRY(auto page, co_await trigger_history(api.services.store, call.who.tenant, std::move(id), call.query("cursor"), static_cast<std::size_t>(limit)));
  Reply reply;
  reply.body = to_json(page);
  co_return reply;
}

Task<Result<Reply>> trigger_stats(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  Window window;
  window.until = api.services.env.now();
  window.since = window.until - std::chrono::hours(24);
  struct Activity {
    Series series;
    store::ExecutionRecord last;
  };
  std::map<std::pair<WorkflowId, std::string>, Activity> found;
  auto add = [&](const store::ExecutionRecord& record) {
    if (record.entry.empty()) return;
    found.try_emplace(std::pair(record.workflow, record.entry), Activity{Series(window), record}).first->second.series.add(record);
  };
  MBF_CO_TRY(const bool complete, co_await each_newest(api.services.store, call.who.tenant, std::nullopt, window, add));
  std::vector<Value> items;
  for (const auto& [trigger, activity] : found) {
    const Value last = Value::object({{"at", format_timestamp(activity.last.created_at)},
                                      {"execution_id", activity.last.id.to_string()},
                                      {"status", to_string(activity.last.status)}});
    items.push_back(Value::object({{"id", trigger.first.to_string() + ":" + trigger.second}, {"last", last}, {"series", activity.series.to_json()}}));
  }
  Reply reply;
  reply.body = Value::object({{"since", format_timestamp(window.since)},
                              {"until", format_timestamp(window.until)},
                              {"complete", complete},
                              {"items", Value::array(std::move(items))}});
  co_return reply;
}

// By the id of a trigger, or of a workflow: then at the node it starts at by hand.
Task<Result<Reply>> fire_trigger(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"input"}));
  MBF_CO_TRY(auto id, trigger_id(call));
  MBF_CO_TRY(auto record, co_await api.services.store.workflow(call.who.tenant, id.workflow, 0));
  if (record.published_version == 0) co_return fail(Kind::conflict, "workflow.not_published", "this workflow is not published; publish it first");
  MBF_CO_CHECK(api.check_rate(record.id));
  runtime::StartRequest start;
  start.tenant = call.who.tenant;
  start.id = ExecutionId(call.subject);
  start.entry = id.node;
  start.input = call.body["input"];
  MBF_CO_TRY(start.program, co_await api.runtime.program(start.tenant, id.workflow, record.published_version));
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
