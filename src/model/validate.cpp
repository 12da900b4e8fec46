// Names, types and ends: what each node and edge says of the others.
#include "model/links.h"

#include "base/nearest.h"
#include "model/type_facts.h"

#include <algorithm>
#include <unordered_set>

namespace mbflow {
namespace {

std::uint32_t find(const Positions& positions, std::string_view name) {
  const auto found = positions.find(name);
  return found == positions.end() ? no_position : found->second;
}

bool has(const std::vector<std::string>& ports, std::string_view port) {
  return std::ranges::find(ports, port) != ports.end();
}

// `"condition": "true"` out of a node with the ports true and false is the concept's way to name the port.
void port_from_verdict(Draft& draft, const Links& links, std::size_t index) {
  const EdgePlace& place = draft.edges[index];
  const std::uint32_t source = links.sources[index];
  if (place.verdict.empty() || place.source_port_given || source == no_position || !links.types[source]) return;
  if (!has(output_ports(*links.types[source], draft.workflow.nodes[source]), place.verdict)) return;
  draft.workflow.edges[index].source_port = place.verdict;
  draft.workflow.edges[index].condition.clear();
}

// An edge for errors means that the node's errors leave by it, unless the node says something else.
void port_for_errors(Draft& draft, const Links& links, std::size_t index) {
  const std::uint32_t source = links.sources[index];
  if (draft.workflow.edges[index].source_port != "error" || source == no_position) return;
  if (!draft.nodes[source].on_error_given) draft.workflow.nodes[source].on_error = OnError::port;
}

void check_type(const Draft& draft, std::size_t node, const DocumentRules& rules, FaultList& faults) {
  const std::string& type = draft.workflow.nodes[node].type;
  if (type.empty()) return;  // said already
  std::vector<std::string_view> known;
  for (const auto& one : rules.nodes.all()) known.push_back(one.type);
  const std::string hint = faults.wants_hint() ? did_you_mean(type, known) : "";
  faults.add(draft.at_node(node) + "/type", "document.unknown_type",
             "no node type is called " + in_quotes(type) + (hint.empty() ? "; `mbflow nodes` lists all" : hint));
}

void check_names(const Draft& draft, std::uint32_t index, const Links& links, FaultList& faults) {
  const Node& node = draft.workflow.nodes[index];
  const auto at = draft.at_node(index);
  if (!node.id.empty() && find(links.by_id, node.id) != index) {
    faults.add(at + "/id", "document.duplicate_id", "another node has the id " + in_quotes(node.id) + "; choose a different one");
    if (node.name == node.id) return;
  }
  if (node.name.empty() || find(links.by_name, node.name) == index) return;
  faults.add(at + "/name", "document.duplicate_name",
             "another node has the name " + in_quotes(node.name) + ", so $('…') could mean either; choose a different one");
}

void check_parents(const Draft& draft, const Links& links, FaultList& faults) {
  std::vector<Arc> arcs;
  for (std::uint32_t i = 0; i < draft.nodes.size(); ++i) {
    const std::string& parent = draft.workflow.nodes[i].parent;
    if (parent.empty()) continue;
    const std::uint32_t found = find(links.by_id, parent);
    if (found == no_position) {
      faults.add(draft.at_node(i) + "/parent", "document.unknown_parent", "no node has the id " + in_quotes(parent));
    } else if (found == i) {
      faults.add(draft.at_node(i) + "/parent", "document.parent_cycle", "a node cannot be in its own body; remove 'parent'");
    } else {
      arcs.push_back({found, i, no_position});
    }
  }
  const Graph bodies(draft.nodes.size(), std::move(arcs));
  for (const auto& cycle : cycles(bodies, components(bodies))) {
    faults.add(draft.at_node(cycle.back().to) + "/parent", "document.parent_cycle",
               "loops lie in each other's bodies; remove one 'parent' of them");
  }
}

void check_end(const Draft& draft, const Links& links, const std::string& id, const std::string& at, FaultList& faults) {
  if (id.empty() || links.by_id.contains(id)) return;
  if (const auto meant = links.by_name.find(id); meant != links.by_name.end()) {
    const std::string& right = draft.workflow.nodes[meant->second].id;
    return faults.add(at, "document.dangling_edge", in_quotes(id) + " is the name of a node; edges take its id, which is " + in_quotes(right));
  }
  std::vector<std::string> ids;
  for (std::size_t i = 0; faults.wants_hint() && i < draft.nodes.size() && i < 2000; ++i) ids.push_back(draft.workflow.nodes[i].id);
  const std::string hint = did_you_mean(id, ids);
  faults.add(at, "document.dangling_edge", "no node has the id " + in_quotes(id) + (hint.empty() ? "; add the node or remove the edge" : hint));
}

std::string list_ports(const std::vector<std::string>& ports) {
  std::string list;
  for (const auto& port : ports) list.append(list.empty() ? "" : ", ").append(port);
  return list;
}

void check_source_port(const Draft& draft, const Links& links, std::uint32_t index, FaultList& faults) {
  const Edge& edge = draft.workflow.edges[index];
  const Node& source = draft.workflow.nodes[links.sources[index]];
  const std::string at = draft.at_edge(index) + "/" + std::string(draft.edges[index].source_port);
  if (edge.source_port == "error" && source.on_error != OnError::port) {
    return faults.add(at, "document.unused_error_edge",
                      "errors of " + in_quotes(source.name) + " never leave by this edge; set its on_error to \"port\", or remove the edge");
  }
  if (!links.types[links.sources[index]]) return;
  const auto ports = output_ports(*links.types[links.sources[index]], source);
  if (has(ports, edge.source_port)) return;
  faults.add(at, "document.unknown_port",
             in_quotes(source.name) + " has no output port " + in_quotes(edge.source_port) +
                 (ports.empty() ? "; it has none" : "; it has " + list_ports(ports)));
}

void check_target_port(const Draft& draft, const Links& links, std::uint32_t index, FaultList& faults) {
  const Edge& edge = draft.workflow.edges[index];
  const NodeType* type = links.types[links.targets[index]];
  const Node& target = draft.workflow.nodes[links.targets[index]];
  if (!type) return;
  const std::string at = draft.at_edge(index) + "/";
  if (type->entry) {
    return faults.add(at + std::string(draft.edges[index].target), "document.edge_into_entry",
                      in_quotes(target.name) + " starts the workflow and takes no input; remove the edge");
  }
  const auto ports = input_ports(*type);
  if (has(ports, edge.target_port)) return;
  faults.add(at + std::string(draft.edges[index].target_port), "document.unknown_port",
             in_quotes(target.name) + " has no input port " + in_quotes(edge.target_port) +
                 (ports.empty() ? "; it has none" : "; it has " + list_ports(ports)));
}

void check_edge(const Draft& draft, const Links& links, std::uint32_t index, FaultList& faults) {
  const Edge& edge = draft.workflow.edges[index];
  const EdgePlace& place = draft.edges[index];
  const std::string at = draft.at_edge(index);
  check_end(draft, links, edge.source, at + "/" + std::string(place.source), faults);
  check_end(draft, links, edge.target, at + "/" + std::string(place.target), faults);
  if (!edge.source.empty() && edge.source == edge.target) {
    faults.add(at, "document.self_loop", "the edge leads back to its own start; to repeat a node use a loop node");
  }
  if (place.conditional && edge.condition.empty() && place.condition_read && !place.source_port_given && place.verdict.empty()) {
    faults.add(at + "/condition", "document.missing_condition",
               "an edge of type CONDITIONAL needs a condition such as \"{{ $json.active }}\", or the port true or false");
  }
  if (links.sources[index] != no_position) check_source_port(draft, links, index, faults);
  if (links.targets[index] != no_position) check_target_port(draft, links, index, faults);
}

}  // namespace

Links find_links(Draft& draft, const DocumentRules& rules) {
  Links links;
  const auto& nodes = draft.workflow.nodes;
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    links.types.push_back(rules.nodes.find(nodes[i].type));
    if (!nodes[i].id.empty()) links.by_id.emplace(nodes[i].id, i);
    if (!nodes[i].name.empty()) links.by_name.emplace(nodes[i].name, i);
  }
  for (std::size_t i = 0; i < draft.edges.size(); ++i) {
    links.sources.push_back(find(links.by_id, draft.workflow.edges[i].source));
    links.targets.push_back(find(links.by_id, draft.workflow.edges[i].target));
    port_from_verdict(draft, links, i);
    port_for_errors(draft, links, i);
  }
  return links;
}

void check_nodes(const Draft& draft, const Links& links, const DocumentRules& rules, FaultList& faults) {
  for (std::uint32_t i = 0; i < draft.nodes.size(); ++i) {
    check_names(draft, i, links, faults);
    if (!links.types[i]) check_type(draft, i, rules, faults);
  }
  check_parents(draft, links, faults);
}

void check_edges(const Draft& draft, const Links& links, FaultList& faults) {
  std::unordered_set<std::string> seen;
  for (std::uint32_t i = 0; i < draft.edges.size(); ++i) {
    check_edge(draft, links, i, faults);
    if (!links.joined(i)) continue;
    const Edge& edge = draft.workflow.edges[i];
    std::string same = std::to_string(links.sources[i]) + " " + std::to_string(links.targets[i]);
    for (const auto* part : {&edge.source_port, &edge.target_port, &edge.condition}) same.append(1, '\0').append(*part);
    if (seen.insert(std::move(same)).second) continue;
    faults.add(draft.at_edge(i), "document.duplicate_edge", "the same edge is there already, and would deliver every item twice; remove it");
  }
}

}  // namespace mbflow
