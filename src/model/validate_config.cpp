// Configs against the schemas of their types, expressions, and what the expressions refer to.
#include "model/links.h"

#include "base/nearest.h"
#include "base/yaml.h"
#include "model/schema_place.h"
#include "model/type_facts.h"

#include <algorithm>

namespace mbflow {
namespace {

// A $('name') in some expression.
struct Reference {
  std::string name;
  std::string at;
  std::uint32_t node;       // only what is upstream of it has run then; no_position: nothing has
  bool own_output = false;  // the node itself has run, too: conditions of its edges
  bool warning = false;     // the node is disabled
};

// A part of a config, and what the schema says of it.
struct Part {
  const Value* value;
  SchemaPlace schema;
  std::string at;
  TextKind kind;
};

bool holds_expression(std::string_view text) { return text.find("{{") != std::string_view::npos; }

// Evaluated when the node runs.
bool is_code(std::string_view text, TextKind kind) {
  return kind == TextKind::path || (kind == TextKind::template_ && holds_expression(text));
}

bool is_plain_authorization(std::string_view name, const Value& value) {
  constexpr std::string_view header = "authorization";
  const bool same = std::ranges::equal(name, header, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  return same && value.is_string() && !value.as_string().empty() && !holds_expression(value.as_string());
}

class ConfigCheck {
 public:
  ConfigCheck(const Draft& draft, const Links& links, const DocumentRules& rules, FaultList& faults)
      : draft_(draft), links_(links), rules_(rules), faults_(faults) {}

  void run() {
    const Value& key = draft_.workflow.settings.rest["concurrency"]["key"];
    if (key.is_string()) expression(key.as_string(), {"", draft_.at + "/settings/concurrency/key", no_position});
    for (std::uint32_t i = 0; i < draft_.nodes.size(); ++i) node(i);
    for (std::uint32_t i = 0; i < draft_.edges.size(); ++i) {
      const std::string& condition = draft_.workflow.edges[i].condition;
      if (!condition.empty()) expression(condition, {"", draft_.at_edge(i) + "/condition", links_.sources[i], true});
    }
    references();
  }

 private:
  void node(std::uint32_t index);
  bool texts(std::uint32_t index, const Value& schema);
  void text(std::uint32_t index, std::string_view text, const std::string& at, TextKind kind);
  void further(std::uint32_t index);
  void condition(std::uint32_t index, std::string_view text, const std::string& at);
  void parse(std::uint32_t index, const NodeType& type);
  void expression(std::string_view text, const Reference& from);
  void references();
  void unknown(const Reference& reference);

  const Draft& draft_;
  const Links& links_;
  const DocumentRules& rules_;
  FaultList& faults_;
  std::vector<Reference> references_;
};

void ConfigCheck::node(std::uint32_t index) {
  if (!draft_.nodes[index].config_read) return;
  const Node& node = draft_.workflow.nodes[index];
  const NodeType* type = links_.types[index];
  const auto facts = type ? facts_of(*type) : nullptr;
  bool good = true;
  if (facts && facts->schema) {
    const std::string at = draft_.at_node(index) + "/config";
    for (auto& fault : facts->schema->check_template(node.config)) {
      good = false;
      faults_.note(at + fault.at, "document.config", std::move(fault.message), node.disabled);
    }
  }
  const bool constant = texts(index, facts ? facts->config : Value());
  if (good && constant && type && type->parse) parse(index, *type);
}

// Limits that a schema cannot say, such as those of durations. A config with expressions has none of its values yet.
void ConfigCheck::parse(std::uint32_t index, const NodeType& type) {
  const Node& node = draft_.workflow.nodes[index];
  auto parsed = type.parse(node.config);
  if (parsed) return further(index);
  faults_.note(draft_.at_node(index) + "/config" + parsed.error().at, "document.config", parsed.error().message, node.disabled);
}

void ConfigCheck::further(std::uint32_t index) {
  if (!rules_.check_config) return;
  const Node& node = draft_.workflow.nodes[index];
  for (const auto& fault : rules_.check_config(node, draft_.workflow.settings)) {
    faults_.note(draft_.at_node(index) + "/config" + fault.at, fault.code, fault.message, node.disabled);
  }
}

// Every string of the config, without recursion: how deep a config goes is its author's choice. True: the config is what
// it will be when the node runs.
bool ConfigCheck::texts(std::uint32_t index, const Value& schema) {
  bool constant = true;
  const Value& config = draft_.workflow.nodes[index].config;
  std::vector<Part> open{{&config, SchemaPlace(schema), draft_.at_node(index) + "/config", TextKind::template_}};
  while (!open.empty()) {
    const Part part = std::move(open.back());
    open.pop_back();
    const TextKind kind = part.schema.kind(part.kind);
    const bool wrapped = part.value->size() == 1 && part.value->find("$literal");
    constant = constant && !wrapped && !(part.value->is_string() && is_code(part.value->as_string(), kind));
    if (kind == TextKind::literal || wrapped) continue;
    if (part.value->is_string()) text(index, part.value->as_string(), part.at, kind);
    if (part.value->is_string() && part.schema.has_format("condition")) condition(index, part.value->as_string(), part.at);
    for (const auto& [key, member] : part.value->members()) {
      const std::string_view name = key.as_string();
      if (is_plain_authorization(name, member)) {
        faults_.warn(part.at + "/" + pointer_escape(name), "document.plain_secret",
                     "this secret stands in plain text in the workflow, and in every export of it; use a credential");
      }
      open.push_back({&member, part.schema.member(name), part.at + "/" + pointer_escape(name), kind});
    }
    for (std::size_t i = 0; i < part.value->elements().size(); ++i) {
      open.push_back({&(*part.value)[i], part.schema.element(i), part.at + "/" + std::to_string(i), kind});
    }
  }
  return constant;
}

void ConfigCheck::text(std::uint32_t index, std::string_view text, const std::string& at, TextKind kind) {
  const bool disabled = draft_.workflow.nodes[index].disabled;
  if (holds_expression(text)) return expression(text, {"", at, index, false, disabled});
  if (kind != TextKind::path || !rules_.check_path) return;
  const auto path = rules_.check_path(text);
  if (!path) faults_.note(at, path.error().code, path.error().message, disabled);
}

// Any other text is true, whatever the item holds.
void ConfigCheck::condition(std::uint32_t index, std::string_view text, const std::string& at) {
  if (!is_one_expression(text)) faults_.note(at, "document.bad_condition", std::string(bad_condition), draft_.workflow.nodes[index].disabled);
}

void ConfigCheck::expression(std::string_view text, const Reference& from) {
  if (!rules_.check_expression || !holds_expression(text)) return;
  const auto use = rules_.check_expression(text);
  if (!use) return faults_.note(from.at, use.error().code, use.error().message, from.warning);
  for (const auto& name : use->nodes) {
    references_.push_back(from);
    references_.back().name = name;
  }
}

void ConfigCheck::unknown(const Reference& reference) {
  if (const auto meant = links_.by_id.find(reference.name); meant != links_.by_id.end()) {
    const std::string& name = draft_.workflow.nodes[meant->second].name;
    return faults_.note(reference.at, "expr.unknown_node",
                        in_quotes(reference.name) + " is the id of a node; $('…') takes its name, which is " + in_quotes(name),
                        reference.warning);
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; faults_.wants_hint() && i < draft_.nodes.size() && i < 2000; ++i) names.push_back(draft_.workflow.nodes[i].name);
  const std::string hint = did_you_mean(reference.name, names);
  faults_.note(reference.at, "expr.unknown_node",
               "no node is called " + in_quotes(reference.name) + (hint.empty() ? "; $('…') takes the name of a node" : hint),
               reference.warning);
}

void ConfigCheck::references() {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  std::vector<const Reference*> asked;
  for (const auto& reference : references_) {
    const auto found = links_.by_name.find(reference.name);
    if (found == links_.by_name.end()) {
      unknown(reference);
    } else if (reference.node == no_position) {
      // The source of a dangling edge is a fault already; for settings, no node runs before the limit is applied.
      if (reference.own_output) continue;
      faults_.add(reference.at, "expr.not_upstream", "no node has run yet when this is evaluated; use $json, the input of the execution");
    } else if (!reference.own_output || found->second != reference.node) {
      pairs.emplace_back(found->second, reference.node);
      asked.push_back(&reference);
    }
  }
  const Graph graph = graph_of(draft_, links_, Bonds::included);
  const auto apart = not_joined(graph, components(graph), pairs);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (!apart[i]) continue;
    const auto& nodes = draft_.workflow.nodes;
    const bool itself = pairs[i].first == pairs[i].second;
    faults_.note(asked[i]->at, "expr.not_upstream",
                 itself ? in_quotes(asked[i]->name) + " is this node itself, which has not run yet; use $json for its input"
                        : in_quotes(asked[i]->name) + " is not upstream of " + in_quotes(nodes[pairs[i].second].name) +
                              ", so it may not have run; connect it or refer to another node",
                 asked[i]->warning);
  }
}

}  // namespace

void check_configs(const Draft& draft, const Links& links, const DocumentRules& rules, FaultList& faults) {
  ConfigCheck(draft, links, rules, faults).run();
}

}  // namespace mbflow
