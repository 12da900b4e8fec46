// Documents in and out: reading (with the normalisations users may write), checking, writing in the stable key order.
#pragma once

#include "model/workflow.h"

#include <mbflow/node.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow {

struct Reading {
  Workflow workflow;
  Value document;             // the canonical form: what write_document(workflow) gives
  std::vector<Fault> faults;  // of shape and meaning, in document order
  [[nodiscard]] bool valid() const;  // no fault that is not a warning
};

// What an expression needs of its surroundings, found without evaluating it.
struct ExpressionUse {
  std::vector<std::string> nodes;  // names in $('…')
};
// Parses the text of a config string: error expr.syntax, or what it refers to. Text without {{ }} uses nothing.
using CheckExpression = std::function<Result<ExpressionUse>(std::string_view text)>;

struct DocumentRules {
  const NodeTable& nodes;
  CheckExpression check_expression;  // may be empty: expressions are not looked at
  std::size_t max_nodes = 10'000;
  std::size_t max_edges = 50'000;
  // Parses a dotted path (config strings under "x-mbflow": "path"): error expr.path. May be empty.
  std::function<Result<void>(std::string_view path)> check_path = {};
  // What the schema of a node's config cannot say of it; `at` is relative to the config. May be empty.
  std::function<std::vector<Error>(const Node& node, const Settings& settings)> check_config = {};
};

// Never fails as a whole: what could be read is in `workflow`, all that is wrong is in `faults`. Accepts the wrapped form
// {"workflow": …}, upper-case types (HTTP, DATA_ADAPTER …), from/to/source_handle on edges, "type": DIRECT | CONDITIONAL |
// ERROR on edges. Pointers of faults are those of the value given.
[[nodiscard]] Reading read_document(const Value& document, const DocumentRules& rules);
// A document that was checked when it was saved: read, not checked again.
[[nodiscard]] Workflow read_saved_document(const Value& document, const NodeTable& nodes);

// Canonical form: every key in the order of the schema, defaults left out.
[[nodiscard]] Value write_document(const Workflow& workflow);

// The ports a node has, given its config: fixed by its type or made from it (switch).
[[nodiscard]] std::vector<std::string> output_ports(const NodeType& type, const Node& node);
[[nodiscard]] std::vector<std::string> input_ports(const NodeType& type);

// Flow as text for people and READMEs.
[[nodiscard]] std::string write_mermaid(const Workflow& workflow);

}  // namespace mbflow
