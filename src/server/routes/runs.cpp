// What starts executions by hand: of a saved workflow, of a document that is not saved, of a part of one, of a past one again.
#include "model/document.h"
#include "runtime/rules.h"
#include "server/routes/routes.h"

#include <set>

namespace mbflow::server {
namespace {

using runtime::StartRequest;

Error starting() { return fail(Kind::unavailable, "server.starting", "the server is starting; try again in a moment"); }

Task<Result<Reply>> accepted(Api& api, TenantId tenant, ExecutionId id) {
  MBF_CO_TRY(auto record, co_await api.services.store.execution(tenant, id));
  Reply reply;
  reply.status = 202;
  reply.body = Value::object({{"id", id.to_string()}, {"status", to_string(record.status)}});
  co_return reply;
}

}  // namespace

Task<Result<Reply>> run_once(Api& api, StartRequest start, Duration wait) {
  start.awaited = wait > Duration(0);
  if (!api.ready) co_return starting();
  const TenantId tenant = start.tenant;
  const ExecutionId id = start.id;
  auto started = co_await api.runtime.start(std::move(start));
  const bool before = !started && started.error().code == "store.exists" && !id.is_nil();
  if (before) co_return co_await accepted(api, tenant, id);  // by the same call, which did not hear its answer
  if (!started) co_return std::move(started).error();
  Reply reply;
  if (wait > Duration(0)) {
    MBF_CO_TRY(auto ending, co_await api.runtime.outcome(*started, wait));
    if (ending) {
      reply.body = ending_to_json(started->id, *ending);
      co_return reply;
    }
  }
  reply.status = 202;
  reply.body = Value::object({{"id", started->id.to_string()}, {"status", to_string(started->status_now())}});
  co_return reply;
}

namespace {

// A document that is not saved, made ready; or the answer that says what is wrong with it.
struct Inline {
  std::shared_ptr<const runtime::Program> program;
  std::optional<Reply> refusal;
};

Result<Inline> prepare_inline(Api& api, const Value& document) {
  Inline made;
  auto reading = read_document(document, runtime::document_rules(api.services.nodes));
  if (!reading.valid()) {
    made.refusal = invalid_document(reading.faults);
    return made;
  }
  MBF_TRY(made.program, runtime::prepare(std::move(reading.workflow), api.services.nodes));
  return made;
}

// The nodes that lead to `node`, or that it leads to; itself among them.
std::set<std::string> reachable(const Value& document, const std::string& node, std::string_view from, std::string_view to) {
  std::set<std::string> seen{node};
  std::vector<std::string> open{node};
  while (!open.empty()) {
    const std::string here = std::move(open.back());
    open.pop_back();
    for (const auto& edge : document["edges"].elements()) {
      if (edge[from].as_string() != here) continue;
      std::string next(edge[to].as_string());
      if (seen.insert(next).second) open.push_back(std::move(next));
    }
  }
  return seen;
}

bool has_node(const Value& document, std::string_view id) {
  return std::ranges::any_of(document["nodes"].elements(), [&](const Value& node) { return node["id"].as_string() == id; });
}

Value keep_nodes(const Value& document, const std::set<std::string>& kept) {
  std::vector<Value> nodes, edges;
  auto has = [&](const Value& id) { return kept.contains(std::string(id.as_string())); };
  for (const auto& node : document["nodes"].elements()) {
    if (has(node["id"])) nodes.push_back(node);
  }
  for (const auto& edge : document["edges"].elements()) {
    if (has(edge["source"]) && has(edge["target"])) edges.push_back(edge);
  }
  return document.with("nodes", Value::array(std::move(nodes))).with("edges", Value::array(std::move(edges)));
}

Value pin(const Value& document, const Value& pinned) {
  std::vector<Value> nodes;
  for (const auto& node : document["nodes"].elements()) {
    const Value* items = pinned.find(node["id"].as_string());
    nodes.push_back(items ? node.with("pinned", *items) : node);
  }
  return document.with("nodes", Value::array(std::move(nodes)));
}

// The part of the document that a test runs: up to `to`, and from `from` on with the pinned nodes before it.
Result<Value> part_to_test(Value document, const Value& body) {
  for (const auto& member : body["pinned"].members()) {
    if (!has_node(document, member.key.as_string())) {
      return fail(Kind::invalid, "workflow.no_part", "there is no such node to pin").with_at("/pinned/" + std::string(member.key.as_string()));
    }
  }
  document = pin(document, body["pinned"]);
  for (const std::string_view end : {"to", "from"}) {
    const std::string node(body[end].as_string());
    if (node.empty()) continue;
    if (!has_node(document, node)) return fail(Kind::invalid, "workflow.no_part", "there is no such node").with_at("/" + std::string(end));
    auto kept = end == "to" ? reachable(document, node, "target", "source") : reachable(document, node, "source", "target");
    for (const auto& other : document["nodes"].elements()) {
      if (end == "from" && !other["pinned"].is_null()) kept.emplace(other["id"].as_string());
    }
    document = keep_nodes(document, kept);
  }
  return document.without("on_failure");
}

}  // namespace

Task<Result<Reply>> execute_workflow(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"wait", "version"}));
  MBF_CO_CHECK(only_fields(call.body, {"input"}));
  MBF_CO_TRY(auto wait, duration_query(call, "wait", Duration(0), api.options.longest_wait));
  StartRequest start;
  start.tenant = call.who.tenant;
  start.input = call.body["input"];
  start.id = ExecutionId(call.subject);
  MBF_CO_TRY(auto record, co_await find_version(api, std::move(call)));
  MBF_CO_CHECK(api.check_rate(record.id));
  MBF_CO_TRY(start.program, co_await api.runtime.program(start.tenant, record.id, record.version));
  co_return co_await run_once(api, std::move(start), wait);
}

Task<Result<Reply>> run_inline(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"wait"}));
  MBF_CO_CHECK(only_fields(call.body, {"workflow", "input"}));
  MBF_CO_TRY(auto wait, duration_query(call, "wait", Duration(0), api.options.longest_wait));
  MBF_CO_TRY(auto made, prepare_inline(api, call.body["workflow"]));
  if (made.refusal) co_return *std::move(made.refusal);
  StartRequest start;
  start.tenant = call.who.tenant;
  start.input = call.body["input"];
  start.id = ExecutionId(call.subject);
  start.program = std::move(made.program);
  co_return co_await run_once(api, std::move(start), wait);
}

Task<Result<Reply>> test_workflow(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"wait", "version"}));
  MBF_CO_CHECK(only_fields(call.body, {"input", "from", "to", "pinned"}));
  MBF_CO_TRY(auto wait, duration_query(call, "wait", std::chrono::seconds(30), api.options.longest_wait));
  const Value body = call.body;
  StartRequest start;
  start.tenant = call.who.tenant;
  start.input = body["input"];
  start.id = ExecutionId(call.subject);
  MBF_CO_TRY(auto record, co_await find_version(api, std::move(call)));
  MBF_CO_TRY(auto document, part_to_test(record.document, body));
  MBF_CO_TRY(auto made, prepare_inline(api, document));
  if (made.refusal) co_return *std::move(made.refusal);
  start.program = std::move(made.program);
  co_return co_await run_once(api, std::move(start), wait);
}

Task<Result<Reply>> replay_execution(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"from", "input"}));
  MBF_CO_TRY(auto id, id_param<ExecutionId>(call, 0, "execution"));
  if (!api.ready) co_return starting();
  runtime::ReplayRequest request;
  request.node = call.body["from"].as_string();
  if (const Value* input = call.body.find("input")) request.input = *input;
  request.by = call.who.name;
  MBF_CO_TRY(auto made, co_await api.runtime.replay(call.who.tenant, id, std::move(request)));
  Reply reply;
  reply.status = 202;
  reply.body = Value::object({{"id", made.to_string()}, {"status", "running"}, {"replay_of", id.to_string()}});
  co_return reply;
}

}  // namespace mbflow::server
