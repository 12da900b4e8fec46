// What the names in a draft stand for: types, ends of edges, the graph. Internal to model/.
#pragma once

#include "model/draft.h"
#include "model/graph.h"

#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mbflow {

using Positions = std::unordered_map<std::string_view, std::uint32_t>;

struct Links {
  Positions by_id;    // of several with one id or name the first
  Positions by_name;
  std::vector<const NodeType*> types;   // by node; null pointer: unknown
  std::vector<std::uint32_t> sources;   // by edge; no_position: dangling
  std::vector<std::uint32_t> targets;
  [[nodiscard]] bool joined(std::size_t edge) const {
    return sources[edge] != no_position && targets[edge] != no_position && sources[edge] != targets[edge];
  }
};

// Each notes what is wrong with its part; find_links comes first.
[[nodiscard]] Links find_links(Draft& draft, const DocumentRules& rules);
void check_nodes(const Draft& draft, const Links& links, const DocumentRules& rules, FaultList& faults);
void check_edges(const Draft& draft, const Links& links, FaultList& faults);
void check_flow(const Draft& draft, const Links& links, FaultList& faults);
void check_configs(const Draft& draft, const Links& links, const DocumentRules& rules, FaultList& faults);

// The edges that join two nodes and, where asked for, the bonds that lead from a loop to the nodes of its body.
enum class Bonds : std::uint8_t { left_out, included };
[[nodiscard]] std::vector<Arc> arcs_of(const Draft& draft, const Links& links, Bonds bonds);
[[nodiscard]] Graph graph_of(const Draft& draft, const Links& links, Bonds bonds);

[[nodiscard]] inline std::string in_quotes(std::string_view name) { return "'" + std::string(name.substr(0, 200)) + "'"; }

}  // namespace mbflow
