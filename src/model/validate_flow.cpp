// Cycles, and nodes that no start leads to.
#include "model/links.h"

#include <algorithm>
#include <unordered_set>

namespace mbflow {
namespace {

constexpr std::size_t most_named = 12;
constexpr int most_rounds = 10;

// "A → B → C → A"; the middle of a long cycle is only counted.
std::string describe_cycle(const Draft& draft, const std::vector<Arc>& cycle) {
  const auto& nodes = draft.workflow.nodes;
  std::string path;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    if (cycle.size() > most_named && i == most_named - 2) {
      path += "… " + std::to_string(cycle.size() - most_named + 1) + " more … → ";
      i = cycle.size() - 1;
    }
    path += nodes[cycle[i].from].name + " → ";
  }
  return path + nodes[cycle.front().from].name;
}

// Cycles that share nodes come to light one after the other: each round looks at what is left without the edges that
// closed the cycles of the round before.
void check_cycles(const Draft& draft, const Links& links, FaultList& faults) {
  std::vector<Arc> arcs = arcs_of(draft, links, Bonds::left_out);
  for (int round = 0; round < most_rounds; ++round) {
    const Graph graph(draft.nodes.size(), arcs);
    const auto found = cycles(graph, components(graph));
    if (found.empty()) return;
    std::unordered_set<std::uint32_t> closing;
    for (const auto& cycle : found) {
      const auto last = std::ranges::max(cycle, {}, &Arc::edge).edge;
      closing.insert(last);
      faults.add(draft.at_edge(last), "engine.cycle",
                 "the edges form a cycle: " + describe_cycle(draft, cycle) + "; remove one of them, or repeat with a loop node");
    }
    std::erase_if(arcs, [&](const Arc& arc) { return closing.contains(arc.edge); });
  }
}

// Without a trigger every root starts the workflow. With one, only triggers do.
void check_reachable(const Draft& draft, const Links& links, FaultList& faults) {
  std::vector<std::uint32_t> entries;
  for (std::uint32_t i = 0; i < draft.nodes.size(); ++i) {
    if (!links.types[i]) return;  // it may have been meant as a trigger: first things first
    if (links.types[i]->entry) entries.push_back(i);
  }
  if (entries.empty()) return;
  const auto seen = reachable(graph_of(draft, links, Bonds::included), entries);
  for (std::uint32_t i = 0; i < draft.nodes.size(); ++i) {
    if (seen[i]) continue;
    faults.warn(draft.at_node(i), "document.unreachable",
                in_quotes(draft.workflow.nodes[i].name) + " never runs: no trigger leads to it; connect it or remove it");
  }
}

}  // namespace

std::vector<Arc> arcs_of(const Draft& draft, const Links& links, Bonds bonds) {
  std::vector<Arc> arcs;
  for (std::uint32_t i = 0; i < draft.edges.size(); ++i) {
    if (links.joined(i)) arcs.push_back({links.sources[i], links.targets[i], i});
  }
  for (std::uint32_t i = 0; bonds == Bonds::included && i < draft.nodes.size(); ++i) {
    const auto parent = links.by_id.find(draft.workflow.nodes[i].parent);
    if (parent != links.by_id.end() && parent->second != i) arcs.push_back({parent->second, i, no_position});
  }
  return arcs;
}

Graph graph_of(const Draft& draft, const Links& links, Bonds bonds) {
  return Graph(draft.nodes.size(), arcs_of(draft, links, bonds));
}

void check_flow(const Draft& draft, const Links& links, FaultList& faults) {
  check_cycles(draft, links, faults);
  check_reachable(draft, links, faults);
}

void validate(Draft& draft, const DocumentRules& rules, FaultList& faults) {
  const Links links = find_links(draft, rules);
  check_nodes(draft, links, rules, faults);
  check_edges(draft, links, faults);
  check_flow(draft, links, faults);
  check_configs(draft, links, rules, faults);
}

}  // namespace mbflow
