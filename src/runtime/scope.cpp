#include "runtime/scope.h"

namespace mbflow::runtime {
namespace {

class InputItems final : public expr::ItemSource {
 public:
  InputItems(const NodeInputs& inputs, PortReader reader) : inputs_(inputs), reader_(reader) {}
  [[nodiscard]] Result<const Item*> at(std::size_t index) const override { return inputs_.at(reader_, index); }

 private:
  const NodeInputs& inputs_;
  PortReader reader_;
};

}  // namespace

expr::ItemsView input_view(const NodeInputs& inputs, Segments& segments, std::vector<Segment>& wanted) {
  if (inputs.in_memory()) return inputs.items();
  return {std::make_shared<const InputItems>(inputs, PortReader(segments, wanted)), inputs.size()};
}

Result<expr::NodeView> RunScope::node(std::string_view name) const {
  const NodeIndex target = run_.plan().find_name(name);
  if (target == no_node) {
    return fail(Kind::invalid, "expr.node", "no node of this workflow is named '" + std::string(name) + "'");
  }
  return view_node(run_.plan(), run_.state, place_, target, reader_);
}

Value RunScope::root(std::string_view name) const {
  if (name == "vars") return run_.variables;
  if (name == "env") return run_.worker.services.environment;
  if (name == "execution") {
    return Value::object({{"id", run_.record.id.to_string()}, {"trigger", run_.record.trigger}});
  }
  if (name == "workflow") {
    const std::string id = run_.record.workflow.is_nil() ? std::string() : run_.record.workflow.to_string();
    return Value::object({{"id", id}, {"name", run_.plan().workflow.name}, {"version", run_.record.version}});
  }
  if (name == "trigger") {
    const auto& input = run_.state.input;
    const Value item = input.empty() ? Value::object() : input.front().json;
    return Value::object({{"type", run_.record.trigger}, {"item", item}});
  }
  return {};
}

}  // namespace mbflow::runtime
