#include "runtime/rules.h"

#include "expr/expr.h"

namespace mbflow::runtime {

DocumentRules document_rules(const NodeTable& nodes) {
  CheckExpression check = [](std::string_view text) -> Result<ExpressionUse> {
    MBF_TRY(auto compiled, expr::Template::compile(text));
    return ExpressionUse{compiled.nodes()};
  };
  return DocumentRules{nodes, std::move(check)};
}

}  // namespace mbflow::runtime
