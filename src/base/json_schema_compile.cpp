#include "base/describe.h"
#include "base/json_schema_compiler.h"
#include "base/yaml.h"

#include <algorithm>
#include <cmath>

namespace mbflow::schema {

void Compiler::refuse(std::string at, std::string message) {
  if (!error_) error_ = fail(Kind::invalid, "schema.invalid", std::move(message)).with_at(std::move(at));
}

const Rule* Compiler::rule_at(const Value& schema, const std::string& at) {
  if (const auto known = by_place_.find(at); known != by_place_.end()) return known->second;
  Rule& rule = made_.rules.emplace_back();
  by_place_.emplace(at, &rule);
  open_.push_back({&rule, &schema, at});
  return &rule;
}

std::vector<const Rule*> Compiler::list(const Value& argument, const std::string& at) {
  if (!argument.is_array() || argument.size() == 0) refuse(at, "expected a list of schemas that is not empty");
  std::vector<const Rule*> rules;
  std::size_t index = 0;
  for (const auto& schema : argument.elements()) rules.push_back(rule_at(schema, at + "/" + std::to_string(index++)));
  return rules;
}

std::vector<std::string> Compiler::names(const Value& argument, const std::string& at) {
  std::vector<std::string> found;
  for (const auto& name : argument.elements()) {
    if (!name.is_string()) refuse(at, "expected a list of property names");
    found.emplace_back(name.as_string());
  }
  if (!argument.is_array()) refuse(at, "expected a list of property names");
  return found;
}

std::optional<std::size_t> Compiler::count(const Value& argument, const std::string& at) {
  if (argument.is_number() && argument.as_number() >= 0 && argument.as_number() == std::floor(argument.as_number())) {
    return static_cast<std::size_t>(argument.as_integer());
  }
  refuse(at, "expected a whole number, 0 or more");
  return std::nullopt;
}

Value Compiler::number(const Value& argument, const std::string& at) {
  if (!argument.is_number()) refuse(at, "expected a number");
  return argument;
}

std::optional<Pattern> Compiler::pattern(std::string_view text, const std::string& at) {
  auto compiled = Pattern::compile(text);
  if (compiled) return *compiled;
  refuse(at, compiled.error().message);
  return std::nullopt;
}

void Compiler::compile_rule(const Site& site) {
  const Value& schema = *site.schema;
  if (schema.is_bool()) {
    site.rule->never = !schema.as_bool();
    return;
  }
  if (!schema.is_object()) return refuse(site.at, "a schema is an object, true or false, not " + describe(schema));
  if (const Value* ref = schema.find("$ref"); ref && ref->is_string()) return follow(site, ref->as_string());
  for (const auto& [key, argument] : schema.members()) {
    const Keyword keyword = find_keyword(key.as_string());
    if (keyword) keyword(*this, *site.rule, argument, site.at + "/" + pointer_escape(key.as_string()));
  }
}

namespace {

std::string percent_decode(std::string_view text) {
  const auto digit = [](char c) { return std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20)); };
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) < 16 && digit(text[i + 2]) < 16;
    decoded += escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return decoded;
}

// The rules that look at the same value as `rule` does.
std::vector<const Rule*> same_value(const Rule& rule) {
  std::vector<const Rule*> all{rule.ref};
  if (rule.combined) {
    const Combined& combined = *rule.combined;
    for (const auto* rules : {&combined.all_of, &combined.any_of, &combined.one_of}) {
      all.insert(all.end(), rules->begin(), rules->end());
    }
    all.insert(all.end(), {combined.not_, combined.if_, combined.then_, combined.else_});
  }
  if (rule.object) {
    for (const auto& dependency : rule.object->dependencies) all.push_back(dependency.rule);
  }
  std::erase(all, nullptr);
  return all;
}

// True if checking one value could go round for ever.
bool refers_to_itself(const Compiled& made) {
  std::unordered_map<const Rule*, std::size_t> waiting;  // for how many rules that lead to it
  for (const auto& rule : made.rules) {
    for (const Rule* next : same_value(rule)) ++waiting[next];
  }
  std::vector<const Rule*> free;
  for (const auto& rule : made.rules) {
    if (!waiting.contains(&rule)) free.push_back(&rule);
  }
  std::size_t seen = 0;
  for (; !free.empty(); ++seen) {
    const Rule* rule = free.back();
    free.pop_back();
    for (const Rule* next : same_value(*rule)) {
      if (--waiting[next] == 0) free.push_back(next);
    }
  }
  return seen != made.rules.size();
}

}  // namespace

// The subschema that says "$id": id, and its place.
const Value* Compiler::find_id(std::string_view id, std::string& at) const {
  std::vector<std::pair<const Value*, std::string>> open{{&root_, ""}};
  while (!open.empty()) {
    const auto [value, place] = std::move(open.back());
    open.pop_back();
    const Value* own = value->find("$id");
    if (own && own->is_string() && own->as_string() == id) {
      at = place;
      return value;
    }
    for (const auto& [key, member] : value->members()) {
      if (member.size() != 0) open.emplace_back(&member, place + "/" + pointer_escape(key.as_string()));
    }
    std::size_t index = 0;
    for (const auto& element : value->elements()) open.emplace_back(&element, place + "/" + std::to_string(index++));
  }
  return nullptr;
}

void Compiler::follow(const Site& site, std::string_view ref) {
  const std::size_t hash = std::min(ref.find('#'), ref.size());
  std::string at;
  const Value* target = hash == 0 ? &root_ : find_id(ref.substr(0, hash), at);
  const std::string fragment = percent_decode(ref.substr(std::min(hash + 1, ref.size())));
  if (target && !fragment.empty() && fragment.front() != '/') target = find_id("#" + fragment, at);
  if (target && fragment.starts_with('/')) {
    target = resolve_pointer(*target, fragment);
    at += fragment;
  }
  if (!target) {
    return refuse(site.at + "/$ref", "'" + std::string(ref) + "' is not within this schema; nothing is fetched, so copy it "
                                     "into \"definitions\" and refer to \"#/definitions/…\"");
  }
  site.rule->ref = rule_at(*target, at);
}

Result<Compiled> Compiler::run() {
  made_.root = rule_at(root_, "");
  while (!open_.empty() && !error_) {
    const Site site = std::move(open_.back());
    open_.pop_back();
    compile_rule(site);
  }
  if (error_) return std::move(*error_);
  if (refers_to_itself(made_)) {
    return fail(Kind::invalid, "schema.invalid", "a $ref leads back to itself without looking any deeper into the value");
  }
  return std::move(made_);
}

Result<Compiled> compile(const Value& schema) { return Compiler(schema).run(); }

}  // namespace mbflow::schema
