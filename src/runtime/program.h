// Program: a workflow version made ready to run. The plan, every expression compiled, every constant config parsed: paid once
// a version, shared by all its executions. Immutable: any thread.
#pragma once

#include "engine/plan.h"
#include "expr/expr.h"

#include <memory>
#include <optional>
#include <vector>

namespace mbflow::runtime {

struct PreparedNode {
  expr::ConfigTemplate config;
  std::shared_ptr<const void> constant;  // the typed config, when no expression is in it
};

struct Program {
  std::shared_ptr<const engine::Plan> plan;
  std::vector<PreparedNode> nodes;                            // by position
  std::vector<std::optional<expr::Template>> edge_conditions;  // by position
  int concurrency = 0;                           // of settings; 0: no limit
  std::optional<expr::Template> concurrency_key;  // of settings
  Value variables;
  WorkflowId workflow;  // nil: not saved
  int version = 0;
  Value document;  // canonical; kept for runs that are not saved under a workflow
};

// The workflow must be valid. Errors: those of make_plan, expr.syntax, config.*; `at` points into the document.
[[nodiscard]] Result<std::shared_ptr<const Program>> prepare(Workflow workflow, const NodeTable& types);

// The document of an execution that was not started from a saved workflow: its first event carries it.
[[nodiscard]] Result<Value> inline_document(const std::vector<std::string>& chunks);

}  // namespace mbflow::runtime
