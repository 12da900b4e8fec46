// A workflow on its way in: what has been read so far, and where in the given document each part of it stands.
// Internal to model/.
#pragma once

#include "model/document.h"
#include "model/faults.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow {

// Where a node or an edge stands in the document's list: those that are not objects are not in the workflow.
struct NodePlace {
  std::uint32_t index = 0;
  bool on_error_given = false;
  bool config_read = true;  // false: it was given, and is a fault already
};

// The keys as spelled: `from` or `source`.
struct EdgePlace {
  std::uint32_t index = 0;
  std::string_view source = "source";
  std::string_view source_port = "source_port";
  std::string_view target = "target";
  std::string_view target_port = "target_port";
  bool conditional = false;        // "type": "CONDITIONAL": needs a condition or a port
  bool source_port_given = false;
  std::string verdict;  // "true" or "false": the whole of the condition, bare; the concept's way to name a port
  bool condition_read = true;  // false: it was given, and is a fault already
};

struct Draft {
  std::string at;  // of the workflow in the document: "", or "/workflow" when it is wrapped
  Workflow workflow;
  std::vector<NodePlace> nodes;  // as workflow.nodes
  std::vector<EdgePlace> edges;  // as workflow.edges

  [[nodiscard]] std::string at_node(std::size_t node) const { return at + "/nodes/" + std::to_string(nodes[node].index); }
  [[nodiscard]] std::string at_edge(std::size_t edge) const { return at + "/edges/" + std::to_string(edges[edge].index); }
};

void read_node(const Value& value, std::uint32_t index, Draft& draft, FaultList& faults);
void read_edge(const Value& value, std::uint32_t index, Draft& draft, FaultList& faults);
void read_ui(const Value& value, const std::string& at, Draft& draft, FaultList& faults);  // after the nodes
void read_settings(const Value& value, const std::string& at, Settings& settings, FaultList& faults);

// What reading one part alone cannot see. Normalises what needs the node types: their spelling, ports that the concept's
// form leaves to guess.
void validate(Draft& draft, const DocumentRules& rules, FaultList& faults);

// One expression and nothing around it. Braces inside quotes are rare enough to be left to check_expression.
[[nodiscard]] bool is_one_expression(std::string_view text);
inline constexpr std::string_view bad_condition =
    "a condition is one expression and nothing around it: put all of it between one {{ and one }}";

}  // namespace mbflow
