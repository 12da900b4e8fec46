#include "nodes/testing/case_config.h"

#include "expr/expr.h"

#include <mbflow/json.h>

namespace mbflow::nodes {

struct CaseConfig::State {
  State(expr::ConfigTemplate compiled, Value test_roots) : config(std::move(compiled)), roots(std::move(test_roots)) {}
  expr::ConfigTemplate config;
  Value roots;  // "vars", "trigger", … of the case
  expr::Evaluator evaluator;
};

namespace {

class CaseScope : public expr::Scope {
 public:
  CaseScope(const FakeContext& context, const Value& roots) : context_(context), roots_(roots) {}
  [[nodiscard]] Value json() const override {
    return context_.index() < context_.items().size() ? context_.item().json : Value::object();
  }
  [[nodiscard]] std::size_t index() const override { return context_.index(); }
  [[nodiscard]] expr::ItemsView input() const override { return context_.items(); }
  [[nodiscard]] Result<expr::NodeView> node(std::string_view name) const override {
    return fail(Kind::invalid, "expr.node", "a case has no other nodes, so no " + std::string(name));
  }
  [[nodiscard]] Value root(std::string_view name) const override { return roots_[name]; }
  [[nodiscard]] Timestamp now() const override { return context_.now(); }
  [[nodiscard]] std::string_view timezone() const override { return "UTC"; }

 private:
  const FakeContext& context_;
  const Value& roots_;
};

}  // namespace

Result<CaseConfig> CaseConfig::make(const NodeType& type, const Value& test) {
  MBF_TRY(const Value definition, parse_json(type.definition));
  const Value& config = test["config"];
  MBF_TRY(auto compiled,
          expr::ConfigTemplate::compile(config.is_null() ? Value::object() : config, definition["config"]));
  CaseConfig made;
  made.state_ = std::make_shared<State>(std::move(compiled), test["roots"]);
  return made;
}

Result<Value> CaseConfig::resolve(const FakeContext& context) const {
  return state_->config.resolve(state_->evaluator, CaseScope(context, state_->roots));
}

}  // namespace mbflow::nodes
