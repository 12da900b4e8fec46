#include "model/schema_place.h"

#include "base/yaml.h"

#include <algorithm>

namespace mbflow {
namespace {

constexpr int deepest = 16;  // of $ref and of groups in one another
constexpr std::size_t most = 256;

}  // namespace

SchemaPlace SchemaPlace::member(std::string_view key) const {
  SchemaPlace below(root_);
  for (const Value* schema : schemas_) {
    const Value* property = (*schema)["properties"].find(key);
    below.add(property ? *property : (*schema)["additionalProperties"], 0);
  }
  return below;
}

SchemaPlace SchemaPlace::element(std::size_t index) const {
  SchemaPlace below(root_);
  for (const Value* schema : schemas_) {
    const Value& items = (*schema)["items"];
    below.add(items.is_array() ? items[index] : items, 0);
  }
  return below;
}

TextKind SchemaPlace::kind(TextKind around) const {
  for (const Value* schema : schemas_) {
    const std::string_view mark = (*schema)["x-mbflow"].as_string();
    if (mark == "path") return TextKind::path;
    if (mark == "literal") return TextKind::literal;
  }
  return around;
}

bool SchemaPlace::has_format(std::string_view format) const {
  return std::ranges::any_of(schemas_, [&](const Value* schema) { return (*schema)["format"].as_string() == format; });
}

void SchemaPlace::add(const Value& schema, int depth) {
  if (!schema.is_object() || depth > deepest || schemas_.size() >= most) return;
  schemas_.push_back(&schema);
  for (const char* group : {"allOf", "anyOf", "oneOf"}) {
    for (const Value& branch : schema[group].elements()) add(branch, depth + 1);
  }
  for (const char* branch : {"if", "then", "else"}) add(schema[branch], depth + 1);
  const std::string_view reference = schema["$ref"].as_string();
  if (!reference.starts_with('#')) return;
  if (const Value* target = resolve_pointer(*root_, reference.substr(1))) add(*target, depth + 1);
}

}  // namespace mbflow
