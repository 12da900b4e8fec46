#include "runtime/inputs.h"

#include "runtime/worker.h"

#include <algorithm>

namespace mbflow::runtime {
namespace {

using engine::Plan;
using engine::State;

// Positions [from, to) of a filter that is ascending.
std::span<const std::uint32_t> within(const std::vector<std::uint32_t>& filter, std::size_t from, std::size_t to) {
  const auto begin = std::ranges::lower_bound(filter, from);
  const auto end = std::ranges::lower_bound(begin, filter.end(), to);
  return {begin, end};
}

}  // namespace

NodeInputs::NodeInputs(const Plan& plan, const State& state, NodeIndex node) {
  const auto& in = plan.nodes[node].in;
  if (in.empty()) {
    items_ = state.input;
    size_ = items_.size();
    edges_.push_back(Input{"main", "", items_});
    return;
  }
  edges_.reserve(in.size());
  bool apart = false;
  for (auto edge : in) {
    const auto& output = state.nodes[plan.edges[edge].source].output;
    const auto* port = output ? output->port(plan.edges[edge].source_port) : nullptr;
    apart = apart || (port && !port->apart.empty());
    if (output) alive_.push_back(output);
  }
  for (auto edge : in) {
    const auto& output = state.nodes[plan.edges[edge].source].output;
    if (apart) {
      const auto& plan_edge = plan.edges[edge];
      const auto* port = output ? output->port(plan_edge.source_port) : nullptr;
      const auto* filter = port && plan_edge.conditional ? engine::edge_filter(*output, edge) : nullptr;
      const std::size_t count = output ? engine::edge_item_count(plan, *output, edge) : 0;
      edges_.push_back(Input{plan_edge.target_port, plan.workflow.nodes[plan_edge.source].name, {}});
      parts_.push_back(Part{port, filter, size_, count});
      size_ += count;
    } else {
      add_edge(plan, output.get(), edge);
      size_ += edges_.back().items.size();
    }
  }
  if (!apart) join();
}

void NodeInputs::join() {
  if (edges_.size() == 1) {
    items_ = edges_.front().items;
    return;
  }
  joined_.reserve(size_);
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

const NodeInputs::Part& NodeInputs::part_at(std::size_t position) const {
  return *std::ranges::find_if(parts_, [&](const Part& part) { return position < part.first + part.count; });
}

Task<Result<Stretch>> NodeInputs::read(Worker& worker, std::size_t position) const {
  const Part& part = part_at(position);
  const auto& port = *part.port;
  const std::size_t index = part.filter ? (*part.filter)[position - part.first] : position - part.first;
  const std::size_t apart = port.apart_count();
  Stretch stretch;
  stretch.first = position;
  std::span<const Item> all = port.items;
  std::size_t begins = apart;  // where `all` does, in the port
  if (index < apart) {
    const Segment segment = *std::ranges::upper_bound(port.apart, index, {}, &Segment::end);
    MBF_CO_TRY(stretch.held, co_await read_patiently(worker, segment));
    all = *stretch.held;
    begins = segment.first;
  }
  if (!part.filter) {
    stretch.items = all.subspan(index - begins);
    co_return stretch;
  }
  for (const auto passed : within(*part.filter, index, begins + all.size())) stretch.kept.push_back(all[passed - begins]);
  stretch.items = stretch.kept;
  co_return stretch;
}

Task<Result<void>> NodeInputs::gather(Worker& worker) {
  joined_.reserve(size_);
  while (joined_.size() < size_) {
    MBF_CO_TRY(const Stretch stretch, co_await read(worker, joined_.size()));
    joined_.insert(joined_.end(), stretch.items.begin(), stretch.items.end());
  }
  items_ = joined_;
  for (std::size_t i = 0; i < parts_.size(); ++i) edges_[i].items = items_.subspan(parts_[i].first, parts_[i].count);
  parts_.clear();
  co_return {};
}

std::uint64_t NodeInputs::bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& part : parts_) {
    if (!part.port) continue;
    for (const auto& segment : part.port->apart) bytes += segment.blob.bytes;
  }
  return bytes;
}

Result<const Item*> NodeInputs::at(const PortReader& reader, std::size_t position) const {
  if (in_memory()) return &items_[position];
  const Part& part = part_at(position);
  return reader.at(*part.port, part.filter ? (*part.filter)[position - part.first] : position - part.first);
}

}  // namespace mbflow::runtime
