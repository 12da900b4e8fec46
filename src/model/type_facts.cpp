#include "model/type_facts.h"

#include "base/yaml.h"
#include "model/document.h"

#include <mbflow/json.h>

#include <algorithm>
#include <map>

namespace mbflow {
namespace {

constexpr std::size_t most_kept = 1000;

std::vector<std::string> texts(const Value& list) {
  std::vector<std::string> all;
  for (const auto& one : list.elements()) all.emplace_back(one.as_string());
  return all;
}

std::shared_ptr<const TypeFacts> read_facts(const NodeType& type) {
  auto facts = std::make_shared<TypeFacts>();
  const auto definition = parse_json(type.definition);
  if (!definition) return facts;  // a custom type without a definition: one port each way, any config
  facts->config = (*definition)["config"];
  if (facts->config.is_object()) {
    // A schema that is itself wrong is a bug of the node and fails its own tests; here it checks nothing.
    if (auto compiled = JsonSchema::compile(facts->config)) facts->schema = *compiled;
  }
  if (const Value* inputs = definition->find("inputs")) facts->inputs = texts(*inputs);
  const Value& outputs = (*definition)["outputs"];
  if (outputs.is_array()) facts->outputs = texts(outputs);
  if (!outputs.is_object()) return facts;
  facts->outputs = texts(outputs["also"]);
  facts->made_from = outputs["each"].as_string();
  facts->made_name = outputs["name"].as_string();
  return facts;
}

void add_once(std::vector<std::string>& ports, std::string port) {
  if (std::ranges::find(ports, port) == ports.end()) ports.push_back(std::move(port));
}

}  // namespace

std::shared_ptr<const TypeFacts> facts_of(const NodeType& type) {
  thread_local std::map<std::string, std::shared_ptr<const TypeFacts>, std::less<>> kept;
  if (type.definition.empty()) return read_facts(type);
  if (const auto found = kept.find(type.definition); found != kept.end()) return found->second;
  if (kept.size() >= most_kept) kept.clear();
  return kept.emplace(std::string(type.definition), read_facts(type)).first->second;
}

std::vector<std::string> output_ports(const NodeType& type, const Node& node) {
  const auto facts = facts_of(type);
  std::vector<std::string> ports;
  const Value* list = facts->made_from.empty() ? nullptr : resolve_pointer(node.config, facts->made_from);
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    const std::string_view name = (*list)[i][facts->made_name].as_string();
    add_once(ports, name.empty() ? std::to_string(i) : std::string(name));
  }
  for (const auto& port : facts->outputs) add_once(ports, port);
  if (node.on_error == OnError::port) add_once(ports, "error");
  return ports;
}

std::vector<std::string> input_ports(const NodeType& type) {
  return type.entry ? std::vector<std::string>() : facts_of(type)->inputs;
}

}  // namespace mbflow
