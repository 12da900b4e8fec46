#include "aggregate.gen.h"
#include "groups.h"
#include "nodes/config_parse.h"

namespace mbflow::nodes::aggregate {
namespace {

using Mode = Config::Mode;

// One item that descends from all that came in.
Item item_of_all(Value json, std::size_t count) {
  std::vector<std::size_t> members(count);
  for (std::size_t i = 0; i < count; ++i) members[i] = i;
  return item_of(std::move(json), members);
}

Result<Output> collect(const Config& config, std::span<const Item> items) {
  std::vector<Value> all;
  all.reserve(items.size());
  for (const Item& item : items) all.push_back(item.json);
  Output output;
  output.add(item_of_all(Value::object({{config.into, Value::array(std::move(all))}}), items.size()));
  return output;
}

Result<Output> collect_fields(const Config& config, std::span<const Item> items) {
  const auto paths = parse_paths(config.fields);
  if (!paths) return in_member(paths.error(), "fields");
  ObjectBuilder lists;
  for (const Path& path : *paths) {
    std::vector<Value> values;
    for (const Item& item : items) {
      const Value* found = path.find(item.json);
      if (found != nullptr && !found->is_null()) values.push_back(*found);
    }
    lists.set(path.last_key(), Value::array(std::move(values)));
  }
  Output output;
  output.add(item_of_all(lists.build(), items.size()));
  return output;
}

}  // namespace

Result<Output> run(const Config& config, Context& context) {
  const auto items = context.items();
  if (config.mode == Mode::all) return collect(config, items);
  if (config.mode == Mode::fields) return collect_fields(config, items);
  return by_groups(config, items);
}

}  // namespace mbflow::nodes::aggregate
