#include "aggregate.gen.h"
#include "groups.h"
#include "nodes/config_parse.h"

namespace mbflow::nodes::aggregate {
namespace {

using Mode = Config::Mode;

// One item that descends from all that came in.
Item item_of_all(Value json, std::size_t count) {
  Members members;
  members.add_all(count);
  return members.item_of(std::move(json));
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

std::optional<Result<Output>> try_now(const Config& config, Context& context) {
  if (!context.in_memory()) return std::nullopt;
  if (config.mode == Mode::all) return collect(config, context.items());
  if (config.mode == Mode::fields) return collect_fields(config, context.items());
  MBF_TRY(auto groups, Groups::of(config, context.memory_limit()));
  MBF_CHECK(groups.add(context.items()));
  return groups.finish();
}

// Groups look at each item once; lists of all need all.
Task<Result<Output>> run(const Config& config, Context& context) {
  if (config.mode != Mode::group) MBF_CO_CHECK(co_await context.gather());
  if (auto result = try_now(config, context)) co_return *std::move(result);
  MBF_CO_TRY(auto groups, Groups::of(config, context.memory_limit()));
  while (true) {
    MBF_CO_TRY(const auto items, co_await context.next_items());
    if (items.empty()) co_return groups.finish();
    MBF_CO_CHECK(groups.add(items));
  }
}

}  // namespace mbflow::nodes::aggregate
