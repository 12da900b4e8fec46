// The graph of a workflow by positions: what validation asks of it, in linear time and without recursion. Internal to model/.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace mbflow {

inline constexpr std::uint32_t no_position = 0xffffffff;

struct Arc {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint32_t edge = no_position;  // position in the workflow's edges; none for the bond of a loop and its body
};

class Graph {
 public:
  Graph(std::size_t nodes, std::vector<Arc> arcs);
  [[nodiscard]] std::size_t size() const { return first_.size() - 1; }
  // Outgoing arcs in the order given.
  [[nodiscard]] std::span<const Arc> out(std::uint32_t node) const;

 private:
  std::vector<Arc> arcs_;  // by source
  std::vector<std::uint32_t> first_;
};

// Strongly connected components (Tarjan). Numbered so that an arc between two components leads to the lower number.
struct Components {
  std::vector<std::uint32_t> of;  // by node
  std::uint32_t count = 0;
};
[[nodiscard]] Components components(const Graph& graph);

// For each component of several nodes one cycle, as its arcs in order; begins at the lowest node. By lowest node.
[[nodiscard]] std::vector<std::vector<Arc>> cycles(const Graph& graph, const Components& components);

[[nodiscard]] std::vector<bool> reachable(const Graph& graph, std::span<const std::uint32_t> from);

// Which of the (upstream, downstream) pairs are joined by no path. Costs (pairs' distinct upstream nodes / 64) walks.
[[nodiscard]] std::vector<bool> not_joined(const Graph& graph, const Components& components,
                                           std::span<const std::pair<std::uint32_t, std::uint32_t>> pairs);

}  // namespace mbflow
