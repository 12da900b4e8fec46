// Changes of single nodes and edges: the newest document with one part added, replaced or removed, saved as a new version.
#include "base/yaml.h"
#include "server/routes/routes.h"

#include <functional>

namespace mbflow::server {
namespace {

using Edit = std::function<Result<Value>(const Value& document)>;

Task<Result<Reply>> edit(Api& api, Call call, Edit change, int status) {
  MBF_CO_TRY(auto id, id_param<WorkflowId>(call, 0, "workflow"));
  MBF_CO_TRY(auto expected, if_match(call));
  MBF_CO_TRY(auto record, co_await api.services.store.workflow(call.who.tenant, id, 0));
  MBF_CO_TRY(auto document, change(record.document));
  // Nobody's change in between is overwritten, also when the client did not ask for that.
  const int base = expected.value_or(record.version);
  co_return co_await save_document(api, std::move(record), std::move(document), base, status);
}

std::vector<Value> list_of(const Value& document, std::string_view key) {
  const auto elements = document[key].elements();
  return {elements.begin(), elements.end()};
}

Error no_part(std::string_view what) { return fail(Kind::not_found, "workflow.no_part", "the workflow has no such " + std::string(what)); }

// Replaces (or, with null, removes) the first element that `is_it` picks.
Result<Value> replace_in(const Value& document, std::string_view list, const std::function<bool(const Value&)>& is_it,
                         const Value& by) {
  auto elements = list_of(document, list);
  for (auto it = elements.begin(); it != elements.end(); ++it) {
    if (!is_it(*it)) continue;
    if (by.is_null()) elements.erase(it);
    else *it = by;
    return document.with(list, Value::array(std::move(elements)));
  }
  return no_part(list == "nodes" ? "node" : "edge");
}

std::string port(const Value& edge, std::string_view key) {
  const Value* given = edge.find(key);
  return given ? std::string(given->as_string()) : "main";
}

// An edge is named by its ends: "source:source_port:target:target_port"; "source:target" when both ports are main.
bool edge_is(const Value& edge, std::string_view name) {
  const std::string source(edge["source"].as_string());
  const std::string target(edge["target"].as_string());
  const std::string from = port(edge, "source_port");
  const std::string to = port(edge, "target_port");
  if (name == source + ":" + from + ":" + target + ":" + to) return true;
  return from == "main" && to == "main" && name == source + ":" + target;
}

Edit append(std::string_view list, Value part) {
  return [list, part = std::move(part)](const Value& document) -> Result<Value> {
    auto elements = list_of(document, list);
    elements.push_back(part);
    return document.with(list, Value::array(std::move(elements)));
  };
}

Result<void> must_be_object(const Value& body) {
  if (body.is_object()) return {};
  return fail(Kind::invalid, "request.body", "the body must be a JSON object");
}

}  // namespace

Task<Result<Reply>> add_node(Api& api, Call call) {
  MBF_CO_CHECK(must_be_object(call.body));
  auto change = append("nodes", call.body);
  co_return co_await edit(api, std::move(call), std::move(change), 201);
}

Task<Result<Reply>> change_node(Api& api, Call call) {
  MBF_CO_CHECK(must_be_object(call.body));
  const std::string id = call.params[1];
  Value node = call.body;
  if (!node.find("id")) node = Value::object({{"id", id}});
  if (node["id"].as_string() != id) {
    co_return fail(Kind::invalid, "workflow.node_id", "the id in the body must be the one in the address; add a node to give it another").with_at("/id");
  }
  if (!call.body.find("id")) {
    for (const auto& member : call.body.members()) node = node.with(member.key.as_string(), member.value);
  }
  Edit change = [id, node](const Value& document) {
    return replace_in(document, "nodes", [&](const Value& other) { return other["id"].as_string() == id; }, node);
  };
  co_return co_await edit(api, std::move(call), std::move(change), 200);
}

Task<Result<Reply>> remove_node(Api& api, Call call) {
  const std::string id = call.params[1];
  // Its edges go with it: an edge without an end is no workflow.
  Edit change = [id](const Value& document) -> Result<Value> {
    MBF_TRY(auto without, replace_in(document, "nodes", [&](const Value& node) { return node["id"].as_string() == id; }, {}));
    auto edges = list_of(without, "edges");
    std::erase_if(edges, [&](const Value& e) { return e["source"].as_string() == id || e["target"].as_string() == id; });
    return without.with("edges", Value::array(std::move(edges)));
  };
  co_return co_await edit(api, std::move(call), std::move(change), 200);
}

Task<Result<Reply>> add_edge(Api& api, Call call) {
  MBF_CO_CHECK(must_be_object(call.body));
  auto change = append("edges", call.body);
  co_return co_await edit(api, std::move(call), std::move(change), 201);
}

Task<Result<Reply>> change_edge(Api& api, Call call) {
  MBF_CO_CHECK(must_be_object(call.body));
  Edit change = [name = call.params[1], edge = call.body](const Value& document) {
    return replace_in(document, "edges", [&](const Value& other) { return edge_is(other, name); }, edge);
  };
  co_return co_await edit(api, std::move(call), std::move(change), 200);
}

Task<Result<Reply>> remove_edge(Api& api, Call call) {
  Edit change = [name = call.params[1]](const Value& document) {
    return replace_in(document, "edges", [&](const Value& edge) { return edge_is(edge, name); }, {});
  };
  co_return co_await edit(api, std::move(call), std::move(change), 200);
}

}  // namespace mbflow::server
