#include "join.h"

#include "nodes/config_parse.h"
#include "nodes/path.h"

#include <mbflow/json.h>

#include <string>
#include <unordered_map>

namespace mbflow::nodes::merge {
namespace {

using Join = Config::Join;

constexpr std::size_t max_items = 1'000'000;

Error too_many() {
  return fail(Kind::invalid, "merge.too_many",
              "the merge would give more than " + std::to_string(max_items) +
                  " items: filter the inputs first, or join by a key that is not repeated");
}

// One item in the making and the inputs it stands on.
struct Row {
  Value json;
  std::vector<Origin> origins;
  std::string key;  // the key's value as JSON; empty: it has none and matches nothing
};

Origin origin_at(const Part& part, std::size_t index) { return Origin{static_cast<std::uint32_t>(part.first + index)}; }

// `number` counts the inputs from 1; it names the fields of a later input that stand beside those of an earlier one.
Value join_fields(const Value& earlier, const Value& later, Config::Clash clash, std::size_t number) {
  ObjectBuilder fields(earlier);
  for (const Member& member : later.members()) {
    const Value* before = earlier.find(member.key.as_string());
    if (before == nullptr || clash == Config::Clash::last) {
      fields.set(member.key, member.value);
    } else if (clash == Config::Clash::suffix && !(*before == member.value)) {
      fields.set(std::string(member.key.as_string()) + "_" + std::to_string(number), member.value);
    }
  }
  return fields.build();
}

void extend(Row& row, const Value& json, Origin origin, Config::Clash clash, std::size_t number) {
  row.json = row.origins.empty() ? json : join_fields(row.json, json, clash, number);
  row.origins.push_back(origin);
}

Output to_output(std::vector<Row> rows) {
  Output output;
  for (Row& row : rows) {
    Item item{std::move(row.json), row.origins.front(), {}};
    if (row.origins.size() > 1) {
      item.more_origins = std::make_shared<const std::vector<Origin>>(row.origins.begin() + 1, row.origins.end());
    }
    output.add(std::move(item));
  }
  return output;
}

std::vector<Row> rows_of(const Part& part, const Path& key) {
  std::vector<Row> rows;
  rows.reserve(part.items.size());
  for (std::size_t i = 0; i < part.items.size(); ++i) {
    const Value* found = key.find(part.items[i].json);
    const bool has_key = found != nullptr && !found->is_null();
    rows.push_back({part.items[i].json, {origin_at(part, i)}, has_key ? write_json(*found) : std::string()});
  }
  return rows;
}

using Places = std::unordered_map<std::string_view, std::vector<std::size_t>>;

Places places_by_key(const std::vector<Row>& rows) {
  Places places;
  places.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].key.empty()) places[rows[i].key].push_back(i);
  }
  return places;
}

bool keeps_left(Join join) { return join == Join::left || join == Join::outer || join == Join::anti; }
bool keeps_right(Join join) { return join == Join::right || join == Join::outer; }

Result<std::vector<Row>> join_two(const Config& config, std::vector<Row> left, std::vector<Row> right,
                                  std::size_t number) {
  const Places places = places_by_key(right);
  std::vector<bool> matched(right.size());
  std::vector<Row> joined;
  for (Row& row : left) {
    const auto found = row.key.empty() ? places.end() : places.find(row.key);
    if (found == places.end()) {
      if (keeps_left(config.join)) joined.push_back(std::move(row));
      continue;
    }
    for (const std::size_t place : found->second) matched[place] = true;
    if (config.join == Join::anti) continue;
    if (joined.size() + found->second.size() > max_items) return too_many();
    for (const std::size_t place : found->second) {
      extend(joined.emplace_back(row), right[place].json, right[place].origins.front(), config.clash, number);
    }
  }
  for (std::size_t i = 0; keeps_right(config.join) && i < right.size(); ++i) {
    if (!matched[i]) joined.push_back(std::move(right[i]));
  }
  return joined;
}

}  // namespace

std::vector<Part> parts_of(const Context& context) {
  std::vector<Part> parts;
  std::size_t first = 0;
  for (const Input& input : context.inputs()) {
    parts.push_back({input.items, first});
    first += input.items.size();
  }
  return parts;
}

Result<Output> join_by_key(const Config& config, const std::vector<Part>& parts) {
  if (parts.empty()) return Output();
  auto key = Path::parse(config.key.value_or(""));
  if (!key) return in_member(std::move(key).error(), "key");
  auto other_key = Path::parse(config.other_key.value_or(config.key.value_or("")));
  if (!other_key) return in_member(std::move(other_key).error(), "other_key");
  std::vector<Row> rows = rows_of(parts.front(), *key);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    MBF_TRY(rows, join_two(config, std::move(rows), rows_of(parts[i], *other_key), i + 1));
  }
  return to_output(std::move(rows));
}

Result<Output> pair_by_position(const Config& config, const std::vector<Part>& parts) {
  std::vector<Row> rows;
  for (std::size_t i = 0;; ++i) {
    Row row;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      if (i < parts[k].items.size()) extend(row, parts[k].items[i].json, origin_at(parts[k], i), config.clash, k + 1);
    }
    if (row.origins.empty()) break;
    if (config.unpaired == Config::Unpaired::keep || row.origins.size() == parts.size()) rows.push_back(std::move(row));
  }
  return to_output(std::move(rows));
}

Result<Output> combine_all(const Config& config, const std::vector<Part>& parts) {
  if (parts.empty()) return Output();
  std::size_t count = 1;
  for (const Part& part : parts) {
    if (part.items.size() > max_items / std::max<std::size_t>(count, 1)) return too_many();
    count *= part.items.size();
  }
  std::vector<Row> rows(count == 0 ? 0 : 1);
  for (std::size_t k = 0; k < parts.size() && count != 0; ++k) {
    std::vector<Row> longer;
    longer.reserve(rows.size() * parts[k].items.size());
    for (const Row& row : rows) {
      for (std::size_t i = 0; i < parts[k].items.size(); ++i) {
        extend(longer.emplace_back(row), parts[k].items[i].json, origin_at(parts[k], i), config.clash, k + 1);
      }
    }
    rows = std::move(longer);
  }
  return to_output(std::move(rows));
}

}  // namespace mbflow::nodes::merge
