#include "groups.h"

#include "nodes/compare.h"
#include "nodes/config_parse.h"

#include <mbflow/json.h>

#include <cmath>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace mbflow::nodes::aggregate {
namespace {

using Operation = Config::Operation::OperationKind;

struct Group {
  Value keys;
  std::vector<std::size_t> members;
};

struct Step {
  Operation operation;
  Path path;
  bool whole_item = false;  // no field: the item itself
  std::string name;
};

Result<std::vector<Step>> steps_of(const Config& config) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < config.operations.size(); ++i) {
    const auto& one = config.operations[i];
    auto path = Path::parse(one.field);
    if (!path) return in_member(in_element(in_member(std::move(path).error(), "field"), i), "operations");
    const std::string last(path->is_root() ? "" : path->last_key());
    std::string name = one.as.value_or(std::string(to_string(one.operation)) + (last.empty() ? "" : "_") + last);
    steps.push_back({one.operation, *std::move(path), one.field.empty(), std::move(name)});
  }
  return steps;
}

std::vector<Group> groups_of(const std::vector<Path>& by, std::span<const Item> items) {
  std::vector<Group> groups;
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::string key;
    ObjectBuilder keys;
    for (const Path& path : by) {
      const Value* found = path.find(items[i].json);
      keys.set(path.last_key(), found == nullptr ? Value() : *found);
      write_json(found == nullptr ? Value() : *found, key);
      key += '\n';
    }
    const auto [place, fresh] = places.try_emplace(std::move(key), groups.size());
    if (fresh) groups.push_back({keys.build(), {}});
    groups[place->second].members.push_back(i);
  }
  // Without a field to group by there is one group, even of nothing: the sum of no orders is 0.
  if (by.empty() && groups.empty()) groups.push_back({Value::object(), {}});
  return groups;
}

// The values of one field over a group; missing ones and null are not there.
std::vector<Value> values_of(const Step& step, const Group& group, std::span<const Item> items) {
  std::vector<Value> values;
  for (const std::size_t i : group.members) {
    const Value* found = step.path.find(items[i].json);
    if (found != nullptr && !found->is_null()) values.push_back(*found);
  }
  return values;
}

// Whole numbers stay whole as long as they fit.
Result<Value> sum_of(const std::vector<Value>& values) {
  std::int64_t whole = 0;
  double sum = 0;
  bool is_whole = true;
  for (const Value& value : values) {
    const auto number = number_of(value);
    if (!number) {
      return fail(Kind::invalid, "aggregate.not_a_number",
                  write_json(value).substr(0, 60) + " is not a number: filter such items out first");
    }
    sum += *number;
    const bool fits = value.is_integer() || (std::trunc(*number) == *number && std::abs(*number) < 9e15);
    const std::int64_t next = value.is_integer() ? value.as_integer() : fits ? static_cast<std::int64_t>(*number) : 0;
    is_whole = is_whole && fits && !__builtin_add_overflow(whole, next, &whole);
  }
  return is_whole ? Value(whole) : Value(sum);
}

Result<Value> average_of(const std::vector<Value>& values) {
  if (values.empty()) return Value();
  MBF_TRY(const Value sum, sum_of(values));
  return Value(sum.as_number() / static_cast<double>(values.size()));
}

Value extreme_of(const std::vector<Value>& values, bool largest) {
  const Value* best = nullptr;
  for (const Value& value : values) {
    if (best == nullptr || (largest ? compare_values(value, *best) > 0 : compare_values(value, *best) < 0))
      best = &value;
  }
  return best == nullptr ? Value() : *best;
}

Value distinct(const std::vector<Value>& values) {
  std::unordered_set<std::string> seen;
  std::vector<Value> kept;
  for (const Value& value : values) {
    if (seen.insert(write_json(value)).second) kept.push_back(value);
  }
  return Value::array(std::move(kept));
}

Result<Value> reckon(const Step& step, const Group& group, std::span<const Item> items) {
  const std::vector<Value> values = values_of(step, group, items);
  switch (step.operation) {
    case Operation::count:
      return Value(static_cast<std::int64_t>(step.whole_item ? group.members.size() : values.size()));
    case Operation::sum:
      return sum_of(values);
    case Operation::avg:
      return average_of(values);
    case Operation::min:
      return extreme_of(values, false);
    case Operation::max:
      return extreme_of(values, true);
    case Operation::first:
      return values.empty() ? Value() : values.front();
    case Operation::last:
      return values.empty() ? Value() : values.back();
    case Operation::list:
      return Value::array(values);
    case Operation::unique:
      return distinct(values);
  }
  return Value();
}

}  // namespace

Item item_of(Value json, const std::vector<std::size_t>& members) {
  Item item{std::move(json), {}, {}};
  if (members.empty()) return item;
  std::vector<Origin> origins;
  origins.reserve(members.size());
  for (const std::size_t member : members) origins.push_back(Origin{static_cast<std::uint32_t>(member)});
  item.origin = origins.front();
  origins.erase(origins.begin());
  if (!origins.empty()) item.more_origins = std::make_shared<const std::vector<Origin>>(std::move(origins));
  return item;
}

Result<Output> by_groups(const Config& config, std::span<const Item> items) {
  const auto by = parse_paths(config.group_by);
  if (!by) return in_member(by.error(), "group_by");
  MBF_TRY(const auto steps, steps_of(config));
  Output output;
  for (const Group& group : groups_of(*by, items)) {
    ObjectBuilder json(group.keys);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      auto value = reckon(steps[i], group, items);
      if (!value) return in_member(in_element(std::move(value).error(), i), "operations");
      json.set(steps[i].name, *std::move(value));
    }
    output.add(item_of(json.build(), group.members));
  }
  return output;
}

}  // namespace mbflow::nodes::aggregate
