// What flows into a node: reads of an execution's state. Lists in memory are seen as they are, with no copies where one edge
// suffices; lists that are kept apart are read stretch by stretch, or gathered as a whole if a node must have them so.
#pragma once

#include "engine/state.h"
#include "expr/expr.h"
#include "runtime/segments.h"

#include <span>
#include <vector>

namespace mbflow::runtime {

struct Worker;

// Items that lie one behind the other in the inputs of a node, in memory while this lives.
struct Stretch {
  std::span<const Item> items;
  std::size_t first = 0;  // the position of the first of them
  Items held;
  std::vector<Item> kept;  // when a condition let only some of a segment pass
  [[nodiscard]] std::size_t end() const { return first + items.size(); }
};

// The items on all incoming edges of one node. Holds the outputs it points into.
class NodeInputs {
 public:
  NodeInputs(const engine::Plan& plan, const engine::State& state, NodeIndex node);
  NodeInputs(const NodeInputs&) = delete;
  NodeInputs& operator=(const NodeInputs&) = delete;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool in_memory() const { return parts_.empty(); }
  // When they are in memory:
  [[nodiscard]] std::span<const Item> items() const { return items_; }
  [[nodiscard]] std::span<const Input> edges() const { return edges_; }

  // When they are not: the stretch that begins at `position`. Errors: store.*.
  [[nodiscard]] Task<Result<Stretch>> read(Worker& worker, std::size_t position) const;
  // All into memory. Errors: store.*.
  [[nodiscard]] Task<Result<void>> gather(Worker& worker);
  // What that would take.
  [[nodiscard]] std::uint64_t bytes() const;
  // One item, where they lie now (see PortReader).
  [[nodiscard]] Result<const Item*> at(const PortReader& reader, std::size_t position) const;

 private:
  // One edge of several, not all of which are in memory.
  struct Part {
    const NodeOutput::Port* port;
    const std::vector<std::uint32_t>* filter;  // null: all pass
    std::size_t first;
    std::size_t count;
  };
  void add_edge(const engine::Plan& plan, const NodeOutput* output, std::uint32_t edge);
  void join();
  [[nodiscard]] const Part& part_at(std::size_t position) const;

  std::vector<Input> edges_;
  std::span<const Item> items_;
  std::size_t size_ = 0;
  std::vector<Item> joined_;                        // when there are several edges
  std::vector<std::unique_ptr<std::vector<Item>>> filtered_;  // of edges with a condition
  std::vector<std::shared_ptr<const NodeOutput>> alive_;
  std::vector<Part> parts_;
};

// A place in the data: item `index` of what flows into `node`, or `leaving`: an item that comes out of it.
struct Place {
  NodeIndex node = no_node;
  std::size_t index = 0;
  const Item* leaving = nullptr;
};

// What $('target') is from there: the items of target, and which of them the place descends from. Errors: expr.node, those of
// PortReader.
[[nodiscard]] Result<expr::NodeView> view_node(const engine::Plan& plan, const engine::State& state, const Place& from,
                                               NodeIndex target, const PortReader& reader);

}  // namespace mbflow::runtime
