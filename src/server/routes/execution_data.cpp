// The data of executions: what a node gave, in pages; two executions side by side.
#include "base/yaml.h"
#include "engine/state.h"
#include "runtime/segments.h"
#include "server/difference.h"
#include "server/routes/execution_search.h"
#include "server/routes/routes.h"

#include <charconv>

namespace mbflow::server {
namespace {

using View = runtime::Runtime::View;

constexpr std::size_t most_differences = 50;
constexpr std::size_t most_compared = 10'000;   // items of a port
constexpr std::size_t most_summarized = 1'000;  // of them, the first

Value port_counts(const NodeOutput& output) {
  ObjectBuilder counts;
  for (const auto& port : output.ports) counts.set(port.name, static_cast<std::int64_t>(port.size()));
  return counts.build();
}

// Of the items that the port gave, `count` at most from `first` on; of those that are kept apart only the segments they lie in are read.
Task<Result<std::vector<Value>>> read_items(Api& api, const NodeOutput::Port* port, std::size_t first, std::size_t count) {
  std::vector<Value> items;
  if (!port) co_return items;
  const std::size_t end = std::min(port->size(), first + count);
  runtime::Segments segments;
  for (const auto& segment : port->apart) {
    if (segment.end() <= first || segment.first >= end) continue;
    MBF_CO_TRY(const auto held, co_await segments.read(api.services.store, segment));
    for (auto i = std::max<std::size_t>(first, segment.first); i < std::min<std::size_t>(end, segment.end()); ++i) items.push_back((*held)[i - segment.first].json);
  }
  const std::size_t apart = port->apart_count();
  for (auto i = std::max(first, apart); i < end; ++i) items.push_back(port->items[i - apart].json);
  co_return items;
}

// What a path like /7/name leads to in the list of the port's items.
Task<Result<Value>> read_part(Api& api, const NodeOutput::Port* port, std::string path) {
  const Error nothing = fail(Kind::not_found, "execution.no_part", "the output has nothing at '" + path + "'; give a JSON pointer such as /0/name");
  std::size_t index = 0;
  const char* last = path.data() + path.size();
  const auto [end, failed] = std::from_chars(path.data() + 1, last, index);
  const bool is_index = path.starts_with('/') && failed == std::errc() && (end == last || *end == '/');
  if (!is_index) co_return nothing;
  MBF_CO_TRY(const auto items, co_await read_items(api, port, index, 1));
  const Value* found = items.empty() ? nullptr : resolve_pointer(items.front(), std::string_view(end, last));
  if (!found) co_return nothing;
  co_return *found;
}

Task<Result<Value>> outputs_of(Api& api, const engine::NodeState& node) {
  ObjectBuilder ports;
  if (!node.output) co_return ports.build();
  for (const auto& port : node.output->ports) {
    MBF_CO_TRY(auto items, co_await read_items(api, &port, 0, most_compared));
    ports.set(port.name, Value::array(std::move(items)));
  }
  co_return ports.build();
}

const engine::NodeState* node_of(const View& view, std::string_view id) {
  const NodeIndex node = view.program->plan->find(id);
  return node == no_node ? nullptr : &view.state.nodes[node];
}

Task<Result<Value>> compare_node(Api& api, std::string id, const engine::NodeState* a, const engine::NodeState* b) {
  auto status = [](const engine::NodeState* node) { return node ? Value(to_string(node->status)) : Value(); };
  std::vector<Value> found;
  if (a && b) {
    MBF_CO_TRY(const Value left, co_await outputs_of(api, *a));
    MBF_CO_TRY(const Value right, co_await outputs_of(api, *b));
    found = differences(left, right, most_differences);
  }
  const bool same = a && b && a->status == b->status && found.empty();
  co_return Value::object({{"node", id}, {"a", status(a)}, {"b", status(b)}, {"same", same}, {"differences", Value::array(std::move(found))}});
}

Task<Result<View>> view_of(Api& api, const Call& call, std::string_view query) {
  const auto id = ExecutionId::parse(call.query(query));
  if (!id) co_return fail(Kind::invalid, "request.query", "'" + std::string(query) + "' must be the id of an execution");
  co_return co_await api.runtime.inspect(call.who.tenant, *id);
}

}  // namespace

namespace {

struct OutputPage {
  bool is_list = true;
  std::size_t total = 0;
  std::vector<Value> items;
  Value schema;
};

Task<Result<OutputPage>> read_page(Api& api, const NodeOutput::Port* port, std::string path, std::size_t first, std::size_t most) {
  OutputPage page;
  if (path.empty()) {
    page.total = port ? port->size() : 0;
    MBF_CO_TRY(page.items, co_await read_items(api, port, first, most));
    MBF_CO_TRY(const auto sample, co_await read_items(api, port, 0, most_summarized));
    page.schema = summarize(sample);
    co_return page;
  }
  MBF_CO_TRY(const Value part, co_await read_part(api, port, std::move(path)));
  page.is_list = part.is_array();
  const auto all = page.is_list ? part.elements() : std::span<const Value>(&part, 1);
  page.total = all.size();
  page.schema = summarize(all);
  for (auto i = first; i < std::min(page.total, first + most); ++i) page.items.push_back(all[i]);
  co_return page;
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
  std::string path = call.query("path");
  MBF_CO_TRY(auto page, co_await read_page(api, node->output->port(port), std::move(path), static_cast<std::size_t>(offset), static_cast<std::size_t>(limit)));
  Reply reply;
  reply.body = Value::object({{"node", call.params[1]},
                              {"port", port},
                              {"ports", port_counts(*node->output)},
                              {"is_list", page.is_list},
                              {"total", static_cast<std::int64_t>(page.total)},
                              {"offset", offset},
                              {"items", Value::array(std::move(page.items))},
                              {"schema", page.schema}});
  co_return reply;
}

Task<Result<Reply>> compare_executions(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"a", "b"}));
  MBF_CO_TRY(auto a, co_await view_of(api, call, "a"));
  MBF_CO_TRY(auto b, co_await view_of(api, call, "b"));
  const std::vector<store::ExecutionRecord> records{a.record, b.record};
  MBF_CO_TRY(auto names, co_await names_of(api, call.who.tenant, records));
  std::vector<Value> nodes;
  std::vector<std::string> ids = a.program->plan->ids;
  std::ranges::copy_if(b.program->plan->ids, std::back_inserter(ids), [&](const std::string& id) { return !node_of(a, id); });
  for (const auto& id : ids) {
    MBF_CO_TRY(auto compared, co_await compare_node(api, id, node_of(a, id), node_of(b, id)));
    nodes.push_back(std::move(compared));
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
