// The keywords of draft 7, a line or a function each.
#include "base/describe.h"
#include "base/json_schema_compiler.h"
#include "base/yaml.h"

#include <algorithm>
#include <map>
#include <span>

namespace mbflow::schema {
namespace {

using C = Compiler&;
using R = Rule&;
using V = const Value&;
using At = const std::string&;
using Table = std::map<std::string_view, Keyword>;

template <class Part>
Part& part(std::optional<Part>& place) {
  return place ? *place : place.emplace();
}

std::string below(At at, std::string_view key) { return at + "/" + pointer_escape(key); }

unsigned bits_of(std::string_view name) {
  static const std::map<std::string_view, unsigned> known = {
      {"null", type_bit(Value::Type::null)},
      {"boolean", type_bit(Value::Type::boolean)},
      {"integer", type_bit(Value::Type::integer)},
      {"number", type_bit(Value::Type::integer) | type_bit(Value::Type::number)},
      {"string", type_bit(Value::Type::string)},
      {"array", type_bit(Value::Type::array)},
      {"object", type_bit(Value::Type::object)}};
  const auto found = known.find(name);
  return found == known.end() ? 0 : found->second;
}

void type(C c, R rule, V argument, At at) {
  const std::span<const Value> names = argument.is_array() ? argument.elements() : std::span(&argument, 1);
  for (const auto& name : names) {
    const unsigned bits = bits_of(name.as_string());
    if (bits == 0) c.refuse(at, "expected null, boolean, integer, number, string, array or object, not " + describe(name));
    rule.types |= bits;
  }
}

void properties(C c, R rule, V argument, At at) {
  if (!argument.is_object()) return c.refuse(at, "expected an object of schemas");
  auto& properties = part(rule.object).properties;
  for (const auto& [key, schema] : argument.members()) {
    properties.emplace_back(key.as_string(), c.rule_at(schema, below(at, key.as_string())));
  }
  std::ranges::sort(properties);
}

void pattern_properties(C c, R rule, V argument, At at) {
  if (!argument.is_object()) return c.refuse(at, "expected an object of schemas");
  for (const auto& [key, schema] : argument.members()) {
    auto compiled = c.pattern(key.as_string(), at);
    if (!compiled) return;
    part(rule.object).patterns.emplace_back(*compiled, c.rule_at(schema, below(at, key.as_string())));
  }
}

void dependencies(C c, R rule, V argument, At at) {
  if (!argument.is_object()) return c.refuse(at, "expected an object");
  for (const auto& [key, needed] : argument.members()) {
    Dependency& dependency = part(rule.object).dependencies.emplace_back();
    dependency.property = key.as_string();
    if (needed.is_array()) dependency.needs = c.names(needed, below(at, key.as_string()));
    if (!needed.is_array()) dependency.rule = c.rule_at(needed, below(at, key.as_string()));
  }
}

void items(C c, R rule, V argument, At at) {
  ArrayRules& array = part(rule.array);
  if (!argument.is_array()) array.items = c.rule_at(argument, at);
  array.listed = argument.is_array();
  if (argument.size() != 0 && argument.is_array()) array.tuple = c.list(argument, at);
}

void multiple_of(C c, R rule, V argument, At at) {
  if (argument.is_number() && argument.as_number() <= 0) c.refuse(at, "expected a number above 0");
  part(rule.number).multiple_of = c.number(argument, at);
}

void choices(C c, R rule, V argument, At at) {
  if (!argument.is_array()) c.refuse(at, "expected a list of values");
  rule.choices = argument;
}

void format(C c, R rule, V argument, At at) {
  if (!argument.is_string()) c.refuse(at, "expected the name of a format");
  part(rule.text).format = argument.as_string();
}

void pattern(C c, R rule, V argument, At at) {
  if (!argument.is_string()) c.refuse(at, "expected a regular expression");
  part(rule.text).pattern = c.pattern(argument.as_string(), at);
}

void reading(C, R rule, V argument, At) {
  rule.literal = argument.as_string() == "literal";
  rule.path = argument.as_string() == "path";
}

const Table& of_values() {
  static const Table table = {
      {"type", type},
      {"enum", choices},
      {"const", [](C, R r, V v, At) { r.constant = v; }},
      {"title", [](C, R r, V v, At) { r.title = v.as_string(); }},
      {"x-mbflow", reading},
      {"minimum", [](C c, R r, V v, At at) { part(r.number).minimum = c.number(v, at); }},
      {"maximum", [](C c, R r, V v, At at) { part(r.number).maximum = c.number(v, at); }},
      {"exclusiveMinimum", [](C c, R r, V v, At at) { part(r.number).above = c.number(v, at); }},
      {"exclusiveMaximum", [](C c, R r, V v, At at) { part(r.number).below = c.number(v, at); }},
      {"multipleOf", multiple_of},
      {"minLength", [](C c, R r, V v, At at) { part(r.text).length.least = c.count(v, at); }},
      {"maxLength", [](C c, R r, V v, At at) { part(r.text).length.most = c.count(v, at); }},
      {"pattern", pattern},
      {"format", format},
  };
  return table;
}

const Table& of_containers() {
  static const Table table = {
      {"items", items},
      {"additionalItems", [](C c, R r, V v, At at) { part(r.array).others = c.rule_at(v, at); }},
      {"contains", [](C c, R r, V v, At at) { part(r.array).contains = c.rule_at(v, at); }},
      {"minItems", [](C c, R r, V v, At at) { part(r.array).count.least = c.count(v, at); }},
      {"maxItems", [](C c, R r, V v, At at) { part(r.array).count.most = c.count(v, at); }},
      {"uniqueItems", [](C, R r, V v, At) { part(r.array).unique = v.as_bool(); }},
      {"properties", properties},
      {"patternProperties", pattern_properties},
      {"additionalProperties", [](C c, R r, V v, At at) { part(r.object).others = c.rule_at(v, at); }},
      {"propertyNames", [](C c, R r, V v, At at) { part(r.object).names = c.rule_at(v, at); }},
      {"required", [](C c, R r, V v, At at) { part(r.object).required = c.names(v, at); }},
      {"minProperties", [](C c, R r, V v, At at) { part(r.object).count.least = c.count(v, at); }},
      {"maxProperties", [](C c, R r, V v, At at) { part(r.object).count.most = c.count(v, at); }},
      {"dependencies", dependencies},
  };
  return table;
}

const Table& of_combinations() {
  static const Table table = {
      {"allOf", [](C c, R r, V v, At at) { part(r.combined).all_of = c.list(v, at); }},
      {"anyOf", [](C c, R r, V v, At at) { part(r.combined).any_of = c.list(v, at); }},
      {"oneOf", [](C c, R r, V v, At at) { part(r.combined).one_of = c.list(v, at); }},
      {"not", [](C c, R r, V v, At at) { part(r.combined).not_ = c.rule_at(v, at); }},
      {"if", [](C c, R r, V v, At at) { part(r.combined).if_ = c.rule_at(v, at); }},
      {"then", [](C c, R r, V v, At at) { part(r.combined).then_ = c.rule_at(v, at); }},
      {"else", [](C c, R r, V v, At at) { part(r.combined).else_ = c.rule_at(v, at); }},
  };
  return table;
}

}  // namespace

Keyword find_keyword(std::string_view name) {
  for (const Table* table : {&of_values(), &of_containers(), &of_combinations()}) {
    if (const auto found = table->find(name); found != table->end()) return found->second;
  }
  return nullptr;
}

}  // namespace mbflow::schema
