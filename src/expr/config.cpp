#include "expr/config_schema.h"
#include "expr/program.h"

#include "base/yaml.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace mbflow::expr {

struct ConfigTemplate::Tree {
  // A constant, a template, or an array or object some of whose members are no constants.
  struct Node {
    Value value;  // of a constant; else as written: it gives the type and the keys
    std::optional<Template> text;
    std::vector<Node> children;  // one a member or element
    [[nodiscard]] bool is_constant() const { return !text && children.empty(); }
  };

  Result<Node> compile(const Value& config, const SchemaPlace& place, Reading around);
  Result<Node> compile_text(const Value& text, Reading reading);
  Result<void> compile_child(Node& parent, const Value& child, std::string_view token, const SchemaPlace& place,
                             Reading reading);
  static Result<Value> resolve(const Node& node, Evaluator& evaluator, const Scope& scope);

  Node root;
  std::vector<std::string> nodes;
};

namespace {

Error below(Error error, std::string_view token) {
  error.at = "/" + pointer_escape(token) + error.at;
  return error;
}

// {"$literal": x} stands for x, whatever it looks like.
const Value* in_quotes(const Value& config) {
  return config.is_object() && config.size() == 1 ? config.find("$literal") : nullptr;
}

std::string token_of(const Value& config, std::size_t place) {
  return config.is_object() ? std::string(config.members()[place].key.as_string()) : std::to_string(place);
}

// The same object or array with other values at its places.
Value assembled(const Value& config, std::vector<Value> values) {
  if (config.is_array()) return Value::array(std::move(values));
  ObjectBuilder builder;
  builder.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) builder.append(config.members()[i].key, std::move(values[i]));
  return builder.build();
}

}  // namespace

Result<ConfigTemplate::Tree::Node> ConfigTemplate::Tree::compile(const Value& config, const SchemaPlace& place,
                                                                 Reading around) {
  const Reading reading = place.reading().value_or(around);
  if (config.is_string()) return compile_text(config, reading);
  if (!config.is_object() && !config.is_array()) return Node{config, std::nullopt, {}};
  if (const Value* inner = in_quotes(config)) return Node{*inner, std::nullopt, {}};
  Node node{config, std::nullopt, {}};
  node.children.reserve(config.size());
  for (const Member& member : config.members()) {
    const std::string_view key = member.key.as_string();
    MBF_CHECK(compile_child(node, member.value, key, place.member(key), reading));
  }
  for (std::size_t i = 0; i < config.elements().size(); ++i) {
    MBF_CHECK(compile_child(node, config[i], std::to_string(i), place.element(i), reading));
  }
  if (!std::ranges::all_of(node.children, &Node::is_constant)) return node;
  std::vector<Value> values;
  for (Node& child : node.children) values.push_back(std::move(child.value));
  return Node{assembled(config, std::move(values)), std::nullopt, {}};
}

Result<void> ConfigTemplate::Tree::compile_child(Node& parent, const Value& child, std::string_view token,
                                                 const SchemaPlace& place, Reading reading) {
  auto compiled = compile(child, place, reading);
  if (!compiled) return below(std::move(compiled).error(), token);
  parent.children.push_back(*std::move(compiled));
  return {};
}

Result<ConfigTemplate::Tree::Node> ConfigTemplate::Tree::compile_text(const Value& text, Reading reading) {
  if (reading == Reading::literal) return Node{text, std::nullopt, {}};
  const bool braces = text.as_string().find("{{") != std::string_view::npos;
  if (reading == Reading::expressions && !braces) return Node{text, std::nullopt, {}};
  MBF_TRY(Template compiled, braces ? Template::compile(text.as_string()) : Template::compile_path(text.as_string()));
  if (compiled.is_literal()) return Node{compiled.program().literal, std::nullopt, {}};
  for (const std::string& name : compiled.nodes()) {
    if (std::ranges::find(nodes, name) == nodes.end()) nodes.push_back(name);
  }
  return Node{text, std::move(compiled), {}};
}

Result<Value> ConfigTemplate::Tree::resolve(const Node& node, Evaluator& evaluator, const Scope& scope) {
  if (node.text) return evaluator.evaluate(*node.text, scope);
  if (node.children.empty()) return node.value;
  std::vector<Value> values;
  values.reserve(node.children.size());
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    auto value = resolve(node.children[i], evaluator, scope);
    if (!value) return below(std::move(value).error(), token_of(node.value, i));
    values.push_back(*std::move(value));
  }
  return assembled(node.value, std::move(values));
}

Result<ConfigTemplate> ConfigTemplate::compile(const Value& config, const Value& schema) {
  auto tree = std::make_shared<Tree>();
  MBF_TRY(tree->root, tree->compile(config, SchemaPlace(schema), Reading::expressions));
  ConfigTemplate result;
  result.tree_ = std::move(tree);
  return result;
}

bool ConfigTemplate::is_constant() const { return tree_->root.is_constant(); }
const std::vector<std::string>& ConfigTemplate::nodes() const { return tree_->nodes; }

Result<Value> ConfigTemplate::resolve(Evaluator& evaluator, const Scope& scope) const {
  return Tree::resolve(tree_->root, evaluator, scope);
}

}  // namespace mbflow::expr
