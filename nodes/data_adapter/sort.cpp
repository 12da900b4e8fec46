#include "operations.h"

#include "nodes/compare.h"
#include "nodes/config_parse.h"
#include "nodes/items.h"
#include "nodes/path.h"

#include <mbflow/json.h>

#include <algorithm>
#include <numeric>

namespace mbflow::nodes::data_adapter {
namespace {

struct Key {
  Path path;
  bool descending = false;
  Config::By::As as = Config::By::As::auto_;
};

Result<std::vector<Key>> keys_of(const Config& config) {
  std::vector<Key> keys;
  for (std::size_t i = 0; i < config.by.size(); ++i) {
    const auto& by = config.by[i];
    auto path = Path::parse(by.field);
    if (!path) return in_member(in_element(in_member(std::move(path).error(), "field"), i), "by");
    keys.push_back({*std::move(path), by.order == Config::By::Order::desc, by.as});
  }
  if (keys.empty()) keys.emplace_back();
  return keys;
}

// What is compared, read once per element; nothing: it stands at the end, whichever way the order goes.
std::optional<Value> sort_value(const Key& key, const Value& element) {
  const Value* found = key.path.find(element);
  if (found == nullptr || found->is_null()) return std::nullopt;
  if (key.as == Config::By::As::text && !found->is_string()) return Value(write_json(*found));
  if (key.as != Config::By::As::number) return *found;
  const auto number = number_of(*found);
  return number ? std::optional<Value>(*number) : std::nullopt;
}

bool before(const std::vector<Key>& keys, std::span<const std::optional<Value>> a,
            std::span<const std::optional<Value>> b) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!a[i] || !b[i]) {
      if (a[i].has_value() != b[i].has_value()) return a[i].has_value();
      continue;
    }
    const auto order = compare_values(*a[i], *b[i]);
    if (order != 0) return keys[i].descending ? order > 0 : order < 0;
  }
  return false;
}

// The positions of the elements in their new order; equal ones keep theirs.
template <class At>
std::vector<std::size_t> sorted(const std::vector<Key>& keys, std::size_t count, At at) {
  std::vector<std::optional<Value>> values;
  values.reserve(count * keys.size());
  for (std::size_t i = 0; i < count; ++i) {
    for (const Key& key : keys) values.push_back(sort_value(key, at(i)));
  }
  const auto row = [&](std::size_t i) { return std::span(values).subspan(i * keys.size(), keys.size()); };
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return before(keys, row(a), row(b)); });
  return order;
}

}  // namespace

Result<Value> sort_list(const Config& config, const Value& json) {
  auto path = Path::parse(*config.path);
  if (!path) return in_member(std::move(path).error(), "path");
  MBF_TRY(const auto keys, keys_of(config));
  const Value* list = path->find(json);
  if (list == nullptr || list->is_null()) return json;
  if (!list->is_array()) {
    return fail(Kind::invalid, "data_adapter.not_a_list",
                "there is no list at \"" + *config.path + "\": correct the path")
        .with_at("/path");
  }
  const auto elements = list->elements();
  std::vector<Value> ordered;
  ordered.reserve(elements.size());
  for (const std::size_t i :
       sorted(keys, elements.size(), [&](std::size_t k) -> const Value& { return elements[k]; })) {
    ordered.push_back(elements[i]);
  }
  return path->set(json, Value::array(std::move(ordered)));
}

Result<Output> sort_items(const Config& config, std::span<const Item> items) {
  if (config.by.empty()) {
    return fail(Kind::invalid, "config.required", "\"by\" is required: say which field the items are sorted by")
        .with_at("/by");
  }
  MBF_TRY(const auto keys, keys_of(config));
  Output output;
  for (const std::size_t i : sorted(keys, items.size(), [&](std::size_t k) -> const Value& { return items[k].json; })) {
    output.add(item_from(items[i].json, i));
  }
  return output;
}

}  // namespace mbflow::nodes::data_adapter
