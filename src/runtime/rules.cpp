#include "runtime/rules.h"

#include "expr/expr.h"
#include "trigger/schedule.h"
#include "trigger/webhook.h"

namespace mbflow::runtime {

DocumentRules document_rules(const NodeTable& nodes) {
  CheckExpression check = [](std::string_view text) -> Result<ExpressionUse> {
    MBF_TRY(auto compiled, expr::Template::compile(text));
    return ExpressionUse{compiled.nodes()};
  };
  DocumentRules rules{nodes, std::move(check)};
  rules.check_path = [](std::string_view path) -> Result<void> {
    MBF_CHECK(expr::Template::compile_path(path));
    return {};
  };
  rules.check_config = [](const Node& node, const Settings& settings) {
    if (node.type == "schedule") return trigger::schedule_faults(node.config, settings.timezone);
    if (node.type == "webhook") return trigger::webhook_faults(node.config);
    return std::vector<Error>();
  };
  return rules;
}

}  // namespace mbflow::runtime
