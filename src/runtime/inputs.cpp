#include "runtime/inputs.h"

namespace mbflow::runtime {
namespace {

using engine::Plan;
using engine::State;

// Item `index` of one node's inputs, found again at its source.
struct Source {
  NodeIndex node = no_node;
  const Output::Port* port = nullptr;
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
  Source found{};
  bool many = false;
  int budget = 10'000;

  void from_output(const Source& place) {
    if (--budget < 0 || many || !place.port || place.index >= place.port->items.size()) return;
    if (place.node == target) {
      many = found.node != no_node && (found.port != place.port || found.index != place.index);
      found = place;
      return;
    }
    const Item& item = place.port->items[place.index];
    if (item.origin.index != Origin::none) from_input(place.node, item.origin.index);
    if (!item.more_origins) return;
    for (const auto& origin : *item.more_origins) from_input(place.node, origin.index);
  }
  void from_input(NodeIndex node, std::size_t index) { from_output(source_of(plan, state, node, index)); }
};

}  // namespace

NodeInputs::NodeInputs(const Plan& plan, const State& state, NodeIndex node) {
  const auto& in = plan.nodes[node].in;
  if (in.empty()) {
    items_ = state.input;
    edges_.push_back(Input{"main", "", items_});
    return;
  }
  edges_.reserve(in.size());
  std::size_t total = 0;
  for (auto edge : in) {
    const auto& output = state.nodes[plan.edges[edge].source].output;
    if (output) alive_.push_back(output);
    add_edge(plan, output.get(), edge);
    total += edges_.back().items.size();
  }
  if (in.size() == 1) {
    items_ = edges_.front().items;
    return;
  }
  joined_.reserve(total);
  for (const auto& input : edges_) joined_.insert(joined_.end(), input.items.begin(), input.items.end());
  items_ = joined_;
}

void NodeInputs::add_edge(const Plan& plan, const NodeOutput* output, std::uint32_t edge) {
  const auto& plan_edge = plan.edges[edge];
  Input input{plan_edge.target_port, plan.workflow.nodes[plan_edge.source].name, {}};
  const auto* port = output ? output->port(plan_edge.source_port) : nullptr;
  if (port && !plan_edge.conditional) input.items = port->items;
  const auto* filter = port && plan_edge.conditional ? engine::edge_filter(*output, edge) : nullptr;
  if (filter) {
    auto kept = std::make_unique<std::vector<Item>>();
    kept->reserve(filter->size());
    for (auto position : *filter) kept->push_back(port->items[position]);
    input.items = *kept;
    filtered_.push_back(std::move(kept));
  }
  edges_.push_back(input);
}

Result<expr::NodeView> view_node(const Plan& plan, const State& state, const Place& from, NodeIndex target) {
  const auto& output = state.nodes[target].output;
  if (!output) {
    return fail(Kind::invalid, "expr.node",
                "node '" + plan.workflow.nodes[target].name + "' did not run, so it has no data here");
  }
  Walk walk{plan, state, target};
  if (from.port) walk.from_output({from.node, from.port, from.index});
  else walk.from_input(from.node, from.index);
  expr::NodeView view;
  view.paired = expr::NodeView::npos;
  if (walk.found.node != no_node && !walk.many) {
    view.items = walk.found.port->items;
    view.paired = walk.found.index;
    return view;
  }
  for (const auto& port : output->ports) {
    if (port.items.empty()) continue;
    view.items = port.items;
    break;
  }
  return view;
}

}  // namespace mbflow::runtime
