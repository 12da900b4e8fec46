#include "groups.h"

#include "nodes/compare.h"
#include "nodes/config_parse.h"

#include <mbflow/json.h>

#include <cmath>

namespace mbflow::nodes::aggregate {
namespace {

constexpr std::size_t most_members = 10'000;

}  // namespace

void Members::add(std::size_t position) {
  if (too_many_) return;
  origins_.push_back(Origin{static_cast<std::uint32_t>(position)});
  too_many_ = origins_.size() > most_members;
  if (too_many_) origins_ = {};
}

void Members::add_all(std::size_t count) {
  for (std::size_t i = 0; i < count && !too_many_; ++i) add(i);
}

Item Members::item_of(Value json) const {
  Item item{std::move(json), {}, {}};
  if (origins_.empty()) return item;
  item.origin = origins_.front();
  std::vector<Origin> others(origins_.begin() + 1, origins_.end());
  if (!others.empty()) item.more_origins = std::make_shared<const std::vector<Origin>>(std::move(others));
  return item;
}

Groups::Groups(std::vector<Path> by, std::vector<Step> steps, std::size_t memory_limit)
    : by_(std::move(by)), steps_(std::move(steps)), memory_limit_(memory_limit) {}

Result<Groups> Groups::of(const Config& config, std::size_t memory_limit) {
  auto by = parse_paths(config.group_by);
  if (!by) return in_member(by.error(), "group_by");
  std::vector<Step> steps;
  for (std::size_t i = 0; i < config.operations.size(); ++i) {
    const auto& one = config.operations[i];
    auto path = Path::parse(one.field);
    if (!path) return in_member(in_element(in_member(std::move(path).error(), "field"), i), "operations");
    const std::string last(path->is_root() ? "" : path->last_key());
    std::string name = one.as.value_or(std::string(to_string(one.operation)) + (last.empty() ? "" : "_") + last);
    steps.push_back({one.operation, *std::move(path), one.field.empty(), std::move(name)});
  }
  return Groups(*std::move(by), std::move(steps), memory_limit);
}

Groups::Group& Groups::group_of(const Value& json) {
  std::string key;
  ObjectBuilder keys;
  for (const Path& path : by_) {
    const Value* found = path.find(json);
    keys.set(path.last_key(), found == nullptr ? Value() : *found);
    write_json(found == nullptr ? Value() : *found, key);
    key += '\n';
  }
  const std::size_t size = key.size();
  const auto [place, fresh] = places_.try_emplace(std::move(key), groups_.size());
  if (fresh) {
    memory_ += 2 * size + sizeof(Group) + steps_.size() * sizeof(Tally);
    groups_.push_back({keys.build(), {}, std::vector<Tally>(steps_.size())});
  }
  return groups_[place->second];
}

Result<void> Groups::add(std::span<const Item> items) {
  for (const Item& item : items) {
    Group& group = group_of(item.json);
    group.members.add(position_++);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      auto noted = note(steps_[i], group.tallies[i], item.json);
      if (!noted) return in_member(in_element(std::move(noted).error(), i), "operations");
    }
    if (memory_ <= memory_limit_) continue;
    return fail(Kind::invalid, "aggregate.too_much",
                "the groups and lists take more than " + std::to_string(memory_limit_ >> 20) +
                    " MiB; group by something with fewer values, or leave out list and unique");
  }
  return {};
}

// Missing values and null are not there.
Result<void> Groups::note(const Step& step, Tally& tally, const Value& json) {
  const Value* found = step.path.find(json);
  const bool missing = found == nullptr || found->is_null();
  if (step.operation == Operation::count) {
    tally.count += step.whole_item || !missing ? 1 : 0;
    return {};
  }
  if (missing) return {};
  ++tally.count;
  const Value& value = *found;
  switch (step.operation) {
    case Operation::sum:
    case Operation::avg:
      return sum_up(tally, value);
    case Operation::min:
      if (tally.count == 1 || compare_values(value, tally.value) < 0) tally.value = value;
      return {};
    case Operation::max:
      if (tally.count == 1 || compare_values(value, tally.value) > 0) tally.value = value;
      return {};
    case Operation::first:
      if (tally.count == 1) tally.value = value;
      return {};
    case Operation::last:
      tally.value = value;
      return {};
    default:
      break;
  }
  if (step.operation == Operation::unique) {
    std::string text = write_json(value);
    const std::size_t size = text.size();
    if (!tally.seen.insert(std::move(text)).second) return {};
    memory_ += 2 * size;
  }
  memory_ += sizeof(Value) + value.memory();
  tally.list.push_back(value);
  return {};
}

// Whole numbers stay whole as long as they fit.
Result<void> Groups::sum_up(Tally& tally, const Value& value) {
  const auto number = number_of(value);
  if (!number) {
    return fail(Kind::invalid, "aggregate.not_a_number",
                write_json(value).substr(0, 60) + " is not a number: filter such items out first");
  }
  tally.sum += *number;
  const bool fits = value.is_integer() || (std::trunc(*number) == *number && std::abs(*number) < 9e15);
  const std::int64_t next = value.is_integer() ? value.as_integer() : fits ? static_cast<std::int64_t>(*number) : 0;
  tally.is_whole = tally.is_whole && fits && !__builtin_add_overflow(tally.whole, next, &tally.whole);
  return {};
}

Value Groups::reckon(Operation operation, Tally& tally) {
  switch (operation) {
    case Operation::count:
      return Value(tally.count);
    case Operation::sum:
      return tally.is_whole ? Value(tally.whole) : Value(tally.sum);
    case Operation::avg: {
      const double sum = tally.is_whole ? static_cast<double>(tally.whole) : tally.sum;
      return tally.count == 0 ? Value() : Value(sum / static_cast<double>(tally.count));
    }
    case Operation::list:
    case Operation::unique:
      return Value::array(std::move(tally.list));
    default:
      return tally.value;
  }
}

Output Groups::finish() {
  // Without a field to group by there is one group, even of nothing: the sum of no orders is 0.
  if (by_.empty() && groups_.empty()) (void)group_of(Value::object());
  Output output;
  for (Group& group : groups_) {
    ObjectBuilder json(group.keys);
    for (std::size_t i = 0; i < steps_.size(); ++i) json.set(steps_[i].name, reckon(steps_[i].operation, group.tallies[i]));
    output.add(group.members.item_of(json.build()));
  }
  return output;
}

}  // namespace mbflow::nodes::aggregate
