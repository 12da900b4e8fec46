// Plan: a workflow made ready to run: node types found, edges by position. Immutable, shared by all its executions.
#pragma once

#include "model/event.h"
#include "model/workflow.h"

#include <mbflow/node.h>

#include <memory>
#include <string>
#include <vector>

namespace mbflow::engine {

struct PlanEdge {
  NodeIndex source = no_node;
  NodeIndex target = no_node;
  std::string source_port;
  std::string target_port;
  bool conditional = false;
};

struct PlanNode {
  const NodeType* type = nullptr;
  bool each = true;  // run once per item, or once over all
  bool pure = false;
  std::vector<std::uint32_t> in;   // edges, in document order
  std::vector<std::uint32_t> out;
};

struct Plan {
  Workflow workflow;
  std::vector<std::string> ids;  // node ids by position
  std::vector<PlanNode> nodes;   // by position, as workflow.nodes
  std::vector<PlanEdge> edges;   // by position, as workflow.edges
  std::vector<NodeIndex> roots;  // no incoming edge
  bool has_entry = false;        // some root is a trigger: other roots do not start

  [[nodiscard]] NodeIndex find(std::string_view id) const;
  [[nodiscard]] NodeIndex find_name(std::string_view name) const;
  // The trigger node an execution starts at when it is fired by hand: `manual`, else the first entry; no_node: all roots.
  [[nodiscard]] NodeIndex default_entry() const;
};

// The document must be valid (model/document.h); what that does not see is an error here: engine.cycle, engine.unknown_type.
[[nodiscard]] Result<std::shared_ptr<const Plan>> make_plan(Workflow workflow, const NodeTable& types);

}  // namespace mbflow::engine
