#include "nodes/config_parse.h"
#include "nodes/items.h"
#include "nodes/path.h"
#include "split.gen.h"

namespace mbflow::nodes::split {
namespace {

using Include = Config::Include;

Result<Path> path_at(const std::string& text, std::string_view setting) {
  auto path = Path::parse(text);
  if (!path) return in_member(std::move(path).error(), setting);
  return path;
}

// What every new item takes along from the one it was part of.
Result<Value> companions(const Config& config, const Path& field, const Value& json) {
  if (config.include == Include::none) return Value::object();
  if (config.include == Include::all) return field.is_root() ? Value::object() : field.remove(json);
  auto paths = parse_paths(config.fields);
  if (!paths) return in_member(std::move(paths).error(), "fields");
  Value kept = Value::object();
  for (const Path& path : *paths) {
    const Value* found = path.find(json);
    if (found != nullptr) kept = kept.with(path.last_key(), *found);
  }
  return kept;
}

// An element alone is the item; beside other fields it needs a name.
Value part(const Config& config, const Path& field, const Value& rest, const Value& element) {
  if (config.include == Include::none && !config.as) return as_item(element);
  return rest.with(config.as ? std::string_view(*config.as) : field.last_key(), element);
}

}  // namespace

Result<Output> run(const Config& config, Context& context) {
  const Value& json = context.item().json;
  MBF_TRY(const Path field, path_at(config.field, "field"));
  MBF_TRY(const Value rest, companions(config, field, json));
  Output output;
  const Value* found = field.find(json);
  if (found == nullptr || found->is_null()) return output;
  if (!found->is_array()) output.add(part(config, field, rest, *found));
  for (const Value& element : found->elements()) output.add(part(config, field, rest, element));
  return output;
}

}  // namespace mbflow::nodes::split
