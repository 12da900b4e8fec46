#include "runtime/program.h"

#include "model/document.h"
#include "model/type_facts.h"

namespace mbflow::runtime {
namespace {

// For resolving configs that hold no expression: nothing is ever asked of it.
class EmptyScope final : public expr::Scope {
 public:
  Value json() const override { return Value::object(); }
  std::size_t index() const override { return 0; }
  expr::ItemsView input() const override { return {}; }
  Result<expr::NodeView> node(std::string_view) const override {
    return fail(Kind::internal, "expr.node", "a constant config refers to no node");
  }
  Value root(std::string_view) const override { return Value::object(); }
  Timestamp now() const override { return {}; }
  std::string_view timezone() const override { return "UTC"; }
};

Result<PreparedNode> prepare_node(const Node& node, const NodeType& type, const Value& schema) {
  MBF_TRY(auto config, expr::ConfigTemplate::compile(node.config, schema));
  PreparedNode prepared{std::move(config), nullptr};
  if (!prepared.config.is_constant()) return prepared;
  expr::Evaluator evaluator;
  MBF_TRY(auto value, prepared.config.resolve(evaluator, EmptyScope()));
  MBF_TRY(prepared.constant, type.parse(value));
  return prepared;
}

Result<void> prepare_concurrency(const Value& setting, Program& program) {
  if (!setting.is_object()) return {};
  program.concurrency = static_cast<int>(setting["limit"].as_integer());
  if (!setting.find("key")) return {};
  auto key = expr::Template::compile(setting["key"].as_string());
  if (!key) return std::move(key).error().with_at("/settings/concurrency/key");
  program.concurrency_key = *std::move(key);
  return {};
}

}  // namespace

Result<std::shared_ptr<const Program>> prepare(Workflow workflow, const NodeTable& types) {
  auto program = std::make_shared<Program>();
  program->document = write_document(workflow);
  program->variables = workflow.variables;
  MBF_TRY(program->plan, engine::make_plan(std::move(workflow), types));
  const auto& flow = program->plan->workflow;
  for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
    const NodeType& type = *program->plan->nodes[i].type;
    auto node = prepare_node(flow.nodes[i], type, facts_of(type)->config);
    if (!node) {
      const std::string at = "/nodes/" + std::to_string(i) + "/config" + node.error().at;
      return std::move(node).error().with_at(at);
    }
    program->nodes.push_back(*std::move(node));
  }
  for (std::size_t i = 0; i < flow.edges.size(); ++i) {
    std::optional<expr::Template> condition;
    if (!flow.edges[i].condition.empty()) {
      auto compiled = expr::Template::compile(flow.edges[i].condition);
      if (!compiled) return std::move(compiled).error().with_at("/edges/" + std::to_string(i) + "/condition");
      condition = *std::move(compiled);
    }
    program->edge_conditions.push_back(std::move(condition));
  }
  MBF_CHECK(prepare_concurrency(flow.settings.rest["concurrency"], *program));
  return std::shared_ptr<const Program>(std::move(program));
}

Result<Value> inline_document(const std::vector<std::string>& chunks) {
  if (chunks.empty()) return fail(Kind::internal, "journal.damaged", "the execution has no journal");
  MBF_TRY(auto start, decode_first_event(chunks.front()));
  return start.data["document"];
}

}  // namespace mbflow::runtime
