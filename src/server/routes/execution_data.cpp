// The data of executions: what a node gave, in pages; two executions side by side.
#include "base/yaml.h"
#include "engine/state.h"
#include "server/difference.h"
#include "server/routes/execution_search.h"
#include "server/routes/routes.h"

namespace mbflow::server {
namespace {

using View = runtime::Runtime::View;

constexpr std::size_t most_differences = 50;

Value port_counts(const NodeOutput& output) {
  ObjectBuilder counts;
  for (const auto& port : output.ports) counts.set(port.name, static_cast<std::int64_t>(port.items.size()));
  return counts.build();
}

std::vector<Value> items_of(const Output::Port* port) {
  std::vector<Value> items;
  if (!port) return items;
  for (const auto& item : port->items) items.push_back(item.json);
  return items;
}

// A part of what a port gave: the list of its items, or what a pointer leads to in it.
Result<Value> part_of(std::vector<Value> items, const std::string& path) {
  const Value whole = Value::array(std::move(items));
  const bool is_pointer = path.empty() || path.front() == '/';
  const Value* found = is_pointer ? resolve_pointer(whole, path) : nullptr;
  if (found) return *found;
  return fail(Kind::not_found, "execution.no_part", "the output has nothing at '" + path + "'; give a JSON pointer such as /0/name");
}

Value outputs_of(const engine::NodeState& node) {
  ObjectBuilder ports;
  if (!node.output) return ports.build();
  for (const auto& port : node.output->ports) ports.set(port.name, Value::array(items_of(&port)));
  return ports.build();
}

const engine::NodeState* node_of(const View& view, std::string_view id) {
  const NodeIndex node = view.program->plan->find(id);
  return node == no_node ? nullptr : &view.state.nodes[node];
}

Value compare_node(const std::string& id, const engine::NodeState* a, const engine::NodeState* b) {
  auto status = [](const engine::NodeState* node) { return node ? Value(to_string(node->status)) : Value(); };
  std::vector<Value> found;
  if (a && b) found = differences(outputs_of(*a), outputs_of(*b), most_differences);
  const bool same = a && b && a->status == b->status && found.empty();
  return Value::object({{"node", id}, {"a", status(a)}, {"b", status(b)}, {"same", same}, {"differences", Value::array(std::move(found))}});
}

Task<Result<View>> view_of(Api& api, const Call& call, std::string_view query) {
  const auto id = ExecutionId::parse(call.query(query));
  if (!id) co_return fail(Kind::invalid, "request.query", "'" + std::string(query) + "' must be the id of an execution");
  co_return co_await api.runtime.inspect(call.who.tenant, *id);
}

}  // namespace

Task<Result<Reply>> get_node_output(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"port", "path", "offset", "limit"}));
  MBF_CO_TRY(auto id, id_param<ExecutionId>(call, 0, "execution"));
  MBF_CO_TRY(const auto offset, int_query(call, "offset", 0, 0, 1'000'000'000));
  MBF_CO_TRY(const auto limit, int_query(call, "limit", 50, 1, 1'000));
  MBF_CO_TRY(auto view, co_await api.runtime.inspect(call.who.tenant, id));
  const auto* node = node_of(view, call.params[1]);
  if (!node) co_return fail(Kind::not_found, "workflow.no_part", "the workflow has no such node");
  if (!node->output) co_return fail(Kind::not_found, "execution.no_output", "this node has given nothing; see its status and error");
  std::string port = call.query("port");
  if (port.empty()) port = node->output->ports.empty() ? "main" : node->output->ports.front().name;
  MBF_CO_TRY(auto part, part_of(items_of(node->output->port(port)), call.query("path")));
  const bool is_list = part.is_array();
  std::vector<Value> page;
  const auto all = is_list ? part.elements() : std::span<const Value>(&part, 1);
  const auto first = std::min(all.size(), static_cast<std::size_t>(offset));
  for (auto i = first; i < std::min(all.size(), first + static_cast<std::size_t>(limit)); ++i) page.push_back(all[i]);
  Reply reply;
  reply.body = Value::object({{"node", call.params[1]},
                              {"port", port},
                              {"ports", port_counts(*node->output)},
                              {"is_list", is_list},
                              {"total", static_cast<std::int64_t>(all.size())},
                              {"offset", offset},
                              {"items", Value::array(std::move(page))},
                              {"schema", summarize(all)}});
  co_return reply;
}

Task<Result<Reply>> compare_executions(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"a", "b"}));
  MBF_CO_TRY(auto a, co_await view_of(api, call, "a"));
  MBF_CO_TRY(auto b, co_await view_of(api, call, "b"));
  const std::vector<store::ExecutionRecord> records{a.record, b.record};
  MBF_CO_TRY(auto names, co_await names_of(api, call.who.tenant, records));
  std::vector<Value> nodes;
  for (const auto& id : a.program->plan->ids) nodes.push_back(compare_node(id, node_of(a, id), node_of(b, id)));
  for (const auto& id : b.program->plan->ids) {
    if (!node_of(a, id)) nodes.push_back(compare_node(id, nullptr, node_of(b, id)));
  }
  const auto input = differences(a.state.start["input"], b.state.start["input"], most_differences);
  Reply reply;
  reply.body = Value::object({{"a", summary_to_json(a.record, names[0])},
                              {"b", summary_to_json(b.record, names[1])},
                              {"input", Value::array(input)},
                              {"nodes", Value::array(std::move(nodes))}});
  co_return reply;
}

}  // namespace mbflow::server
