// What flows into a node, and where each item came from: reads of an execution's state, no copies where one edge suffices.
#pragma once

#include "engine/state.h"
#include "expr/expr.h"

#include <span>
#include <vector>

namespace mbflow::runtime {

// The items on all incoming edges of one node. Holds the outputs it points into.
class NodeInputs {
 public:
  NodeInputs(const engine::Plan& plan, const engine::State& state, NodeIndex node);
  NodeInputs(const NodeInputs&) = delete;
  NodeInputs& operator=(const NodeInputs&) = delete;
  [[nodiscard]] std::span<const Item> items() const { return items_; }
  [[nodiscard]] std::span<const Input> edges() const { return edges_; }

 private:
  void add_edge(const engine::Plan& plan, const NodeOutput* output, std::uint32_t edge);
  std::vector<Input> edges_;
  std::span<const Item> items_;
  std::vector<Item> joined_;                        // when there are several edges
  std::vector<std::unique_ptr<std::vector<Item>>> filtered_;  // of edges with a condition
  std::vector<std::shared_ptr<const NodeOutput>> alive_;
};

// A place in the data: item `index` of what flows into `node`, or — when `port` is given — of what leaves it.
struct Place {
  NodeIndex node = no_node;
  std::size_t index = 0;
  const Output::Port* port = nullptr;
};

// What $('target') is from there: the items of target, and which of them the place descends from. Error expr.node.
[[nodiscard]] Result<expr::NodeView> view_node(const engine::Plan& plan, const engine::State& state, const Place& from,
                                               NodeIndex target);

}  // namespace mbflow::runtime
