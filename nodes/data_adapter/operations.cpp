#include "operations.h"

#include "nodes/config_parse.h"
#include "nodes/fields.h"
#include "nodes/path.h"

#include <mbflow/json_schema.h>

#include <string>

namespace mbflow::nodes::data_adapter {
namespace {

Result<Path> path_at(std::string_view text, std::string_view setting, std::string_view key) {
  auto path = Path::parse(text);
  if (!path) return in_member(in_member(std::move(path).error(), key), setting);
  return path;
}

Result<std::vector<Path>> field_paths(const Config& config) {
  auto paths = parse_paths(config.fields);
  if (!paths) return in_member(std::move(paths).error(), "fields");
  return paths;
}

bool is_plain(const Member& name) {
  return is_plain_name(name.key.as_string()) && is_plain_name(name.value.as_string());
}

// A schema is compiled once and kept while the next items are checked against the very same one.
Result<JsonSchema> compiled(const Value& schema) {
  struct Kept {
    Value schema;
    std::optional<JsonSchema> compiled;
  };
  thread_local Kept kept;
  const bool same = kept.compiled && schema.block() != nullptr && kept.schema.block() == schema.block();
  if (!same) {
    kept.compiled.reset();
    auto fresh = JsonSchema::compile(schema);
    if (!fresh) return in_member(std::move(fresh).error(), "schema");
    kept.schema = schema;
    kept.compiled = *std::move(fresh);
  }
  return *kept.compiled;
}

}  // namespace

Result<Value> rename(const Config& config, const Value& json) {
  // All plain names at once, in place: so two fields can change names, and the order of the fields stays.
  const Value& names = *config.names;
  ObjectBuilder fields;
  fields.reserve(json.size());
  for (const Member& member : json.members()) {
    const Value* name = names.find(member.key.as_string());
    const bool renamed = name != nullptr && name->is_string() && is_plain({member.key, *name});
    fields.set(renamed ? *name : member.key, member.value);
  }
  Value result = fields.build();
  for (const Member& name : names.members()) {
    if (is_plain(name)) continue;
    MBF_TRY(const Path from, path_at(name.key.as_string(), "names", name.key.as_string()));
    MBF_TRY(const Path to, path_at(name.value.as_string(), "names", name.key.as_string()));
    const Value* found = from.find(result);
    if (found == nullptr) continue;
    const Value moved = *found;
    auto edited = to.set(from.remove(result), moved);
    if (!edited) return in_member(in_member(std::move(edited).error(), name.key.as_string()), "names");
    result = *std::move(edited);
  }
  return result;
}

Result<Value> pick(const Config& config, const Value& json) {
  MBF_TRY(const auto paths, field_paths(config));
  Value result = Value::object();
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const Value* found = paths[i].find(json);
    if (found == nullptr) continue;
    auto edited = paths[i].set(result, *found);
    if (!edited) return in_member(in_element(std::move(edited).error(), i), "fields");
    result = *std::move(edited);
  }
  return result;
}

Result<Value> omit(const Config& config, const Value& json) {
  MBF_TRY(const auto paths, field_paths(config));
  Value result = json;
  for (const Path& path : paths) result = path.remove(result);
  return result.is_object() ? result : Value::object();
}

Result<Value> fill_defaults(const Config& config, const Value& json) {
  ObjectBuilder lacking;
  for (const Member& member : config.values->members()) {
    MBF_TRY(const Path path, path_at(member.key.as_string(), "values", member.key.as_string()));
    const Value* found = path.find(json);
    if (found == nullptr || found->is_null()) lacking.set(member.key, member.value);
  }
  auto filled = set_fields(json, lacking.build());
  if (!filled) return in_member(std::move(filled).error(), "values");
  return filled;
}

Result<void> validate(const Config& config, const Value& json) {
  constexpr std::size_t most = 5;
  MBF_TRY(const JsonSchema schema, compiled(*config.schema));
  const auto faults = schema.check(json);
  if (faults.empty()) return {};
  std::string message = "the item is not as the schema wants it: ";
  for (std::size_t i = 0; i < std::min(faults.size(), most); ++i) {
    if (i > 0) message += "; ";
    message += (faults[i].at.empty() ? "the item" : faults[i].at) + " " + faults[i].message;
  }
  if (faults.size() > most) message += "; and " + std::to_string(faults.size() - most) + " more";
  return fail(Kind::invalid, "data_adapter.invalid", std::move(message));
}

}  // namespace mbflow::nodes::data_adapter
