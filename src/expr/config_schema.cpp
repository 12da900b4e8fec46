#include "expr/config_schema.h"

#include "base/yaml.h"

namespace mbflow::expr {
namespace {

constexpr int max_depth = 16;  // of $ref and of groups in one another

}  // namespace

SchemaPlace SchemaPlace::member(std::string_view key) const {
  SchemaPlace below(root_);
  for (const Value* schema : schemas_) {
    const Value* property = (*schema)["properties"].find(key);
    below.add(property != nullptr ? *property : (*schema)["additionalProperties"], 0);
  }
  return below;
}

SchemaPlace SchemaPlace::element(std::size_t index) const {
  SchemaPlace below(root_);
  for (const Value* schema : schemas_) {
    const Value& tuple = (*schema)["prefixItems"];
    below.add(index < tuple.size() ? tuple[index] : (*schema)["items"], 0);
  }
  return below;
}

std::optional<Reading> SchemaPlace::reading() const {
  for (const Value* schema : schemas_) {
    const std::string_view mark = (*schema)["x-mbflow"].as_string();
    if (mark == "path") return Reading::path;
    if (mark == "literal") return Reading::literal;
  }
  return std::nullopt;
}

void SchemaPlace::add(const Value& schema, int depth) {
  if (!schema.is_object() || depth > max_depth) return;
  schemas_.push_back(&schema);
  for (const char* group : {"allOf", "anyOf", "oneOf"}) {
    for (const Value& branch : schema[group].elements()) add(branch, depth + 1);
  }
  for (const char* branch : {"if", "then", "else"}) add(schema[branch], depth + 1);
  const std::string_view reference = schema["$ref"].as_string();
  if (!reference.starts_with('#')) return;
  if (const Value* target = resolve_pointer(*root_, reference.substr(1))) add(*target, depth + 1);
}

}  // namespace mbflow::expr
