#include "engine/state.h"
#include "server/live/live.h"
#include "server/routes/execution_search.h"
#include "server/routes/routes.h"

namespace mbflow::server {
namespace {

Value time_or_null(Timestamp at) { return at == Timestamp{} ? Value() : Value(format_timestamp(at)); }

Value record_error(const store::ExecutionRecord& record) {
  if (record.error_code.empty()) return {};
  return Value::object({{"code", record.error_code}, {"message", record.error_message}});
}

Value record_to_json(const store::ExecutionRecord& record) {
  ObjectBuilder json;
  json.append("id", record.id.to_string());
  json.append("workflow_id", record.workflow.is_nil() ? Value() : Value(record.workflow.to_string()));
  json.append("version", record.version);
  json.append("status", to_string(record.status));
  json.append("trigger", record.trigger);
  json.append("created_at", time_or_null(record.created_at));
  json.append("started_at", time_or_null(record.started_at));
  json.append("finished_at", time_or_null(record.finished_at));
  return json.build();
}

Value node_to_json(const engine::NodeState& node) {
  ObjectBuilder json;
  json.append("status", to_string(node.status));
  json.append("attempts", node.attempt);
  json.append("started_at", time_or_null(node.started_at));
  json.append("finished_at", time_or_null(node.finished_at));
  const bool sleeps = node.status == NodeStatus::waiting || node.status == NodeStatus::retrying;
  if (sleeps) json.append("until", time_or_null(node.until));
  if (node.output) {
    ObjectBuilder items;
    for (const auto& port : node.output->ports) items.set(port.name, static_cast<std::int64_t>(port.size()));
    json.append("items", items.build());
  }
  if (node.error) json.append("error", error_to_json(node.error.get(), ""));
  return json.build();
}

Result<ExecutionId> execution_id(const Call& call) { return id_param<ExecutionId>(call, 0, "execution"); }

Value state_error(const runtime::Runtime::View& view) {
  const auto& state = view.state;
  const std::string node = state.failed_node == no_node ? std::string() : view.program->plan->ids[state.failed_node];
  return error_to_json(state.error.get(), node);
}

}  // namespace

Value error_to_json(const Error* error, std::string_view node) {
  if (!error) return {};
  ObjectBuilder json;
  json.append("code", error->code);
  json.append("message", error->message);
  if (!error->at.empty()) json.append("at", error->at);
  if (!node.empty()) json.append("node", node);
  return json.build();
}

Value ending_to_json(const ExecutionId& id, const runtime::Ending& ending) {
  const bool over = is_final(ending.status);
  return Value::object({{"id", id.to_string()},
                        {"status", to_string(ending.status)},
                        {"output", over ? Value::array(ending.output) : Value()},
                        {"error", error_to_json(ending.error.get(), ending.failed_node)}});
}

Value summary_to_json(const store::ExecutionRecord& record, std::string_view workflow_name) {
  const Value name = workflow_name.empty() ? Value() : Value(workflow_name);
  return record_to_json(record).with("workflow_name", name).with("error", record_error(record));
}

Task<Result<Reply>> get_execution(Api& api, Call call) {
  MBF_CO_TRY(auto id, execution_id(call));
  MBF_CO_TRY(auto view, co_await api.runtime.inspect(call.who.tenant, id));
  ObjectBuilder nodes;
  for (std::size_t i = 0; i < view.state.nodes.size(); ++i) {
    nodes.append(view.program->plan->ids[i], node_to_json(view.state.nodes[i]));
  }
  const std::vector<store::ExecutionRecord> records{view.record};
  MBF_CO_TRY(auto names, co_await names_of(api, call.who.tenant, records));
  const Value origin = view.state.start["replay_of"];
  Reply reply;
  reply.body = summary_to_json(view.record, names[0]).with("replay_of", origin).with("nodes", nodes.build()).with("error", state_error(view));
  co_return reply;
}

Task<Result<Reply>> get_result(Api& api, Call call) {
  MBF_CO_TRY(auto id, execution_id(call));
  MBF_CO_TRY(auto view, co_await api.runtime.inspect(call.who.tenant, id));
  const bool over = is_final(view.state.status);
  Value output;
  if (over) {
    MBF_CO_TRY(auto items, co_await api.runtime.result(view));
    output = Value::array(std::move(items));
  }
  Reply reply;
  reply.body = Value::object({{"status", to_string(view.state.status)}, {"output", output}, {"error", state_error(view)}});
  co_return reply;
}

Task<Result<Reply>> get_events(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"after", "limit", "output"}));
  MBF_CO_TRY(auto id, execution_id(call));
  MBF_CO_TRY(auto after, int_query(call, "after", 0, 0, 2'000'000'000));
  MBF_CO_TRY(auto limit, int_query(call, "limit", 1'000, 1, 10'000));
  const bool with_output = call.query("output") == "true";
  MBF_CO_TRY(auto view, co_await api.runtime.inspect(call.who.tenant, id));
  std::vector<Value> items;
  const auto first = std::min(static_cast<std::size_t>(after), view.events.size());  // seq counts from 1 without gaps
  const auto last = std::min(view.events.size(), first + static_cast<std::size_t>(limit));
  for (auto i = first; i < last; ++i) items.push_back(event_to_json(view.events[i], view.program->plan->ids, with_output));
  Reply reply;
  const Value next = last < view.events.size() ? Value(static_cast<std::int64_t>(last)) : Value();
  reply.body = Value::object({{"items", Value::array(std::move(items))}, {"next_after", next}});
  co_return reply;
}

Task<Result<Reply>> cancel_execution(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {}));
  MBF_CO_TRY(auto id, execution_id(call));
  MBF_CO_TRY(const auto status, co_await api.runtime.cancel(call.who.tenant, id, call.who.name));
  Reply reply;
  if (!is_final(status)) reply.status = 202;
  reply.body = Value::object({{"id", id.to_string()}, {"status", to_string(status)}});
  co_return reply;
}

Task<Result<Reply>> retry_execution(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {}));
  MBF_CO_TRY(auto id, execution_id(call));
  MBF_CO_CHECK(co_await api.runtime.retry(call.who.tenant, id));
  Reply reply;
  reply.status = 202;
  reply.body = Value::object({{"id", id.to_string()}, {"status", "running"}});
  co_return reply;
}

Task<Result<Reply>> decide_execution(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"node", "action", "items"}));
  MBF_CO_TRY(auto id, execution_id(call));
  runtime::Decision decision;
  decision.node = call.body["node"].as_string();
  decision.action = call.body["action"].as_string();
  decision.items = call.body["items"];
  decision.by = call.who.name;
  MBF_CO_CHECK(co_await api.runtime.decide(call.who.tenant, id, std::move(decision)));
  Reply reply;
  reply.status = 202;
  reply.body = Value::object({{"id", id.to_string()}, {"node", call.body["node"]}, {"action", call.body["action"]}});
  co_return reply;
}

Task<Result<Reply>> delete_execution(Api& api, Call call) {
  MBF_CO_TRY(auto id, execution_id(call));
  MBF_CO_TRY(const auto record, co_await api.services.store.execution(call.who.tenant, id));
  MBF_CO_CHECK(co_await api.services.store.delete_execution(call.who.tenant, id));
  api.live().announce(record);
  Reply reply;
  reply.status = 204;
  co_return reply;
}

}  // namespace mbflow::server
