#include "engine/plan.h"

#include <algorithm>
#include <unordered_map>

namespace mbflow::engine {
namespace {

bool runs_each(const Node& node, const NodeType& type) {
  if (node.run == RunMode::each) return true;
  if (node.run == RunMode::once) return false;
  if (type.run_of) return type.run_of(node.config) == NodeType::Run::each;
  return type.run == NodeType::Run::each;
}

// Kahn's algorithm: what never becomes free of incoming edges lies on or behind a cycle.
bool has_cycle(const Plan& plan) {
  std::vector<std::size_t> open(plan.nodes.size());
  std::vector<NodeIndex> free;
  for (NodeIndex i = 0; i < plan.nodes.size(); ++i) {
    open[i] = plan.nodes[i].in.size();
    if (open[i] == 0) free.push_back(i);
  }
  std::size_t seen = 0;
  while (!free.empty()) {
    const NodeIndex node = free.back();
    free.pop_back();
    ++seen;
    for (auto edge : plan.nodes[node].out) {
      const NodeIndex target = plan.edges[edge].target;
      if (--open[target] == 0) free.push_back(target);
    }
  }
  return seen != plan.nodes.size();
}

}  // namespace

NodeIndex Plan::find(std::string_view id) const {
  const auto it = std::find(ids.begin(), ids.end(), id);
  return it == ids.end() ? no_node : static_cast<NodeIndex>(it - ids.begin());
}

NodeIndex Plan::find_name(std::string_view name) const {
  const auto it = std::find_if(workflow.nodes.begin(), workflow.nodes.end(), [&](const Node& n) { return n.name == name; });
  return it == workflow.nodes.end() ? no_node : static_cast<NodeIndex>(it - workflow.nodes.begin());
}

NodeIndex Plan::default_entry() const {
  NodeIndex first = no_node;
  for (auto root : roots) {
    if (!nodes[root].type->entry) continue;
    if (nodes[root].type->type == "manual") return root;
    if (first == no_node) first = root;
  }
  return first;
}

Result<std::shared_ptr<const Plan>> make_plan(Workflow workflow, const NodeTable& types) {
  auto plan = std::make_shared<Plan>();
  plan->workflow = std::move(workflow);
  const Workflow& flow = plan->workflow;
  std::unordered_map<std::string_view, NodeIndex> by_id;
  for (const auto& node : flow.nodes) {
    const NodeType* type = types.find(node.type);
    if (!type) {
      return fail(Kind::invalid, "engine.unknown_type", "no node type is called '" + node.type + "'; see `mbflow nodes`")
          .with_at("/nodes/" + std::to_string(plan->nodes.size()) + "/type");
    }
    by_id.emplace(node.id, static_cast<NodeIndex>(plan->nodes.size()));
    plan->ids.push_back(node.id);
    plan->nodes.push_back(PlanNode{type, runs_each(node, *type), type->pure, {}, {}});
  }
  for (const auto& edge : flow.edges) {
    const auto source = by_id.find(edge.source);
    const auto target = by_id.find(edge.target);
    const auto index = static_cast<std::uint32_t>(plan->edges.size());
    if (source == by_id.end() || target == by_id.end()) {
      return fail(Kind::invalid, "engine.dangling_edge", "the edge names a node that does not exist")
          .with_at("/edges/" + std::to_string(index));
    }
    plan->nodes[source->second].out.push_back(index);
    plan->nodes[target->second].in.push_back(index);
    plan->edges.push_back({source->second, target->second, edge.source_port, edge.target_port, !edge.condition.empty()});
  }
  for (NodeIndex i = 0; i < plan->nodes.size(); ++i) {
    if (!plan->nodes[i].in.empty()) continue;
    plan->roots.push_back(i);
    plan->has_entry |= plan->nodes[i].type->entry;
  }
  if (has_cycle(*plan)) return fail(Kind::invalid, "engine.cycle", "the edges form a cycle; remove one of them");
  return std::shared_ptr<const Plan>(std::move(plan));
}

}  // namespace mbflow::engine
