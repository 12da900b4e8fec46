// Where an item came from, found by walking back through what the nodes gave.
#include "runtime/inputs.h"

namespace mbflow::runtime {
namespace {

using engine::Plan;
using engine::State;

// Item `index` of one node's inputs, found again at its source.
struct Source {
  NodeIndex node = no_node;
  const NodeOutput::Port* port = nullptr;
  std::size_t index = 0;
};

Source source_of(const Plan& plan, const State& state, NodeIndex node, std::size_t index) {
  for (auto edge : plan.nodes[node].in) {
    const NodeIndex source = plan.edges[edge].source;
    const auto& output = state.nodes[source].output;
    if (!output) continue;
    const std::size_t count = engine::edge_item_count(plan, *output, edge);
    if (index >= count) {
      index -= count;
      continue;
    }
    const auto* filter = plan.edges[edge].conditional ? engine::edge_filter(*output, edge) : nullptr;
    return {source, output->port(plan.edges[edge].source_port), filter ? (*filter)[index] : index};
  }
  return {};
}

// Walks up the lineage until the target is met. An item with several parents is followed along each; `found` says where it
// ended, `many` that it ended in more than one place. Bounded: lineage of a merge of merges can be wide.
struct Walk {
  const Plan& plan;
  const State& state;
  NodeIndex target;
  const PortReader& reader;
  Source found{};
  bool many = false;
  int budget = 10'000;
  std::optional<Error> error{};

  void from_output(const Source& place) {
    if (--budget < 0 || many || error || !place.port || place.index >= place.port->size()) return;
    if (place.node == target) {
      many = found.node != no_node && (found.port != place.port || found.index != place.index);
      found = place;
      return;
    }
    auto item = reader.at(*place.port, place.index);
    if (!item) error = item.error();
    else from_item(place.node, **item);
  }
  void from_item(NodeIndex node, const Item& item) {
    const auto more = item.more_origins;
    if (item.origin.index != Origin::none) from_input(node, item.origin.index);
    if (!more) return;
    for (const auto& origin : *more) from_input(node, origin.index);
  }
  void from_input(NodeIndex node, std::size_t index) { from_output(source_of(plan, state, node, index)); }
};

// A list that is kept apart, for as long as an expression looks at it.
class PortItems final : public expr::ItemSource {
 public:
  PortItems(const NodeOutput::Port& port, PortReader reader) : port_(port), reader_(reader) {}
  [[nodiscard]] Result<const Item*> at(std::size_t index) const override { return reader_.at(port_, index); }

 private:
  const NodeOutput::Port& port_;
  PortReader reader_;
};

expr::ItemsView view_of(const NodeOutput::Port& port, const PortReader& reader) {
  if (port.apart.empty()) return port.items;
  return {std::make_shared<const PortItems>(port, reader), port.size()};
}

}  // namespace

Result<expr::NodeView> view_node(const Plan& plan, const State& state, const Place& from, NodeIndex target, const PortReader& reader) {
  const auto& output = state.nodes[target].output;
  if (!output) {
    return fail(Kind::invalid, "expr.node",
                "node '" + plan.workflow.nodes[target].name + "' did not run, so it has no data here");
  }
  Walk walk{plan, state, target, reader};
  if (from.leaving) walk.from_item(from.node, *from.leaving);
  else walk.from_input(from.node, from.index);
  if (walk.error) return *std::move(walk.error);
  expr::NodeView view;
  view.paired = expr::NodeView::npos;
  if (walk.found.node != no_node && !walk.many) {
    view.items = view_of(*walk.found.port, reader);
    view.paired = walk.found.index;
    return view;
  }
  for (const auto& port : output->ports) {
    if (port.size() == 0) continue;
    view.items = view_of(port, reader);
    break;
  }
  return view;
}

}  // namespace mbflow::runtime
