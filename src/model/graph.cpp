#include "model/graph.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <unordered_map>

namespace mbflow {
namespace {

constexpr std::uint32_t unseen = no_position;

// Tarjan's algorithm with its own stack: a chain of 100,000 nodes must not need 100,000 frames.
class Tarjan {
 public:
  explicit Tarjan(const Graph& graph)
      : graph_(graph), index_(graph.size(), unseen), low_(graph.size()), on_stack_(graph.size()) {
    found_.of.resize(graph.size());
  }

  Components run() {
    for (std::uint32_t node = 0; node < graph_.size(); ++node) {
      if (index_[node] == unseen) visit(node);
    }
    return std::move(found_);
  }

 private:
  struct Frame {
    std::uint32_t node;
    std::uint32_t next;  // of its outgoing arcs
  };

  void enter(std::uint32_t node) {
    index_[node] = low_[node] = counter_++;
    stack_.push_back(node);
    on_stack_[node] = true;
    frames_.push_back({node, 0});
  }

  void leave(std::uint32_t node) {
    frames_.pop_back();
    if (!frames_.empty()) low_[frames_.back().node] = std::min(low_[frames_.back().node], low_[node]);
    if (low_[node] != index_[node]) return;
    for (std::uint32_t member = no_position; member != node;) {
      member = stack_.back();
      stack_.pop_back();
      on_stack_[member] = false;
      found_.of[member] = found_.count;
    }
    ++found_.count;
  }

  void visit(std::uint32_t root) {
    enter(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const auto arcs = graph_.out(frame.node);
      if (frame.next == arcs.size()) {
        leave(frame.node);
        continue;
      }
      const std::uint32_t target = arcs[frame.next++].to;
      if (index_[target] == unseen) {
        enter(target);
      } else if (on_stack_[target]) {
        low_[frame.node] = std::min(low_[frame.node], index_[target]);
      }
    }
  }

  const Graph& graph_;
  Components found_;
  std::vector<std::uint32_t> index_;
  std::vector<std::uint32_t> low_;
  std::vector<bool> on_stack_;
  std::vector<std::uint32_t> stack_;
  std::vector<Frame> frames_;
  std::uint32_t counter_ = 0;
};

// The shortest way from `start` back to it within its component, breadth first.
std::vector<Arc> cycle_through(const Graph& graph, const Components& components, std::uint32_t start) {
  std::unordered_map<std::uint32_t, Arc> came_by;
  std::vector<std::uint32_t> queue{start};
  for (std::size_t i = 0; i < queue.size() && !came_by.contains(start); ++i) {
    for (const Arc& arc : graph.out(queue[i])) {
      if (components.of[arc.to] != components.of[start]) continue;
      if (came_by.emplace(arc.to, arc).second) queue.push_back(arc.to);
    }
  }
  std::vector<Arc> way;
  std::uint32_t node = start;
  do {
    way.push_back(came_by.at(node));
    node = way.back().from;
  } while (node != start);
  std::ranges::reverse(way);
  return way;
}

// All nodes, those of one component together: an arc leads to a lower component, so one pass sees every path.
std::vector<std::uint32_t> sources_first(const Components& components) {
  std::vector<std::uint32_t> order(components.of.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::greater(), [&](std::uint32_t node) { return components.of[node]; });
  return order;
}

std::uint64_t bit_of(std::span<const std::uint32_t> block, std::uint32_t node) {
  const auto at = std::ranges::lower_bound(block, node);
  return at != block.end() && *at == node ? std::uint64_t{1} << (at - block.begin()) : 0;
}

// By component, a bit for each node of the block from which a path of one arc or more leads here.
std::vector<std::uint64_t> spread(const Graph& graph, const Components& components, std::span<const std::uint32_t> order,
                                  std::span<const std::uint32_t> block) {
  std::vector<std::uint64_t> reaches(components.count);
  const auto same = [&](std::uint32_t a, std::uint32_t b) { return components.of[a] == components.of[b]; };
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && same(order[end], order[begin])) ++end;
    const auto members = order.subspan(begin, end - begin);
    std::uint64_t& here = reaches[components.of[members.front()]];
    for (const auto node : members) {
      const auto inside = [&](const Arc& arc) { return same(arc.to, node); };
      if (std::ranges::any_of(graph.out(node), inside)) here |= bit_of(block, node);
    }
    for (const auto node : members) {
      for (const Arc& arc : graph.out(node)) reaches[components.of[arc.to]] |= here | bit_of(block, node);
    }
  }
  return reaches;
}

}  // namespace

Graph::Graph(std::size_t nodes, std::vector<Arc> arcs) : arcs_(std::move(arcs)), first_(nodes + 1) {
  std::ranges::stable_sort(arcs_, {}, &Arc::from);
  for (const Arc& arc : arcs_) ++first_[arc.from + 1];
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
}

std::span<const Arc> Graph::out(std::uint32_t node) const {
  return std::span(arcs_).subspan(first_[node], first_[node + 1] - first_[node]);
}

Components components(const Graph& graph) { return Tarjan(graph).run(); }

std::vector<std::vector<Arc>> cycles(const Graph& graph, const Components& components) {
  std::vector<std::uint32_t> size(components.count);
  for (const auto component : components.of) ++size[component];
  std::vector<std::vector<Arc>> found;
  for (std::uint32_t node = 0; node < graph.size(); ++node) {
    auto& left = size[components.of[node]];
    if (left < 2) continue;
    left = 0;
    found.push_back(cycle_through(graph, components, node));
  }
  return found;
}

std::vector<bool> reachable(const Graph& graph, std::span<const std::uint32_t> from) {
  std::vector<bool> seen(graph.size());
  std::vector<std::uint32_t> open(from.begin(), from.end());
  for (const auto node : open) seen[node] = true;
  while (!open.empty()) {
    const std::uint32_t node = open.back();
    open.pop_back();
    for (const Arc& arc : graph.out(node)) {
      if (seen[arc.to]) continue;
      seen[arc.to] = true;
      open.push_back(arc.to);
    }
  }
  return seen;
}

std::vector<bool> not_joined(const Graph& graph, const Components& components,
                             std::span<const std::pair<std::uint32_t, std::uint32_t>> pairs) {
  std::vector<std::uint32_t> sources;
  for (const auto& [from, to] : pairs) sources.push_back(from);
  std::ranges::sort(sources);
  sources.erase(std::ranges::unique(sources).begin(), sources.end());
  const auto order = sources_first(components);

  std::vector<bool> apart(pairs.size(), true);
  for (std::size_t begin = 0; begin < sources.size(); begin += 64) {
    const auto block = std::span(sources).subspan(begin, std::min<std::size_t>(64, sources.size() - begin));
    const auto reaches = spread(graph, components, order, block);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const std::uint64_t bit = bit_of(block, pairs[i].first);
      if (bit != 0 && (reaches[components.of[pairs[i].second]] & bit) != 0) apart[i] = false;
    }
  }
  return apart;
}

}  // namespace mbflow
