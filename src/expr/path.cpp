#include "expr/path.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace mbflow::expr {
namespace {

// What remains of Object.prototype in our realm (prelude.cpp drops the rest).
constexpr std::array<std::string_view, 7> object_prototype = {
    "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"};

Reached reached(Value value) { return {std::move(value), false, 0}; }
Reached missing() { return {Value(), true, 0}; }

std::uint32_t index_of(std::string_view key) {
  std::uint32_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  const bool whole = error == std::errc() && end == key.data() + key.size();
  if (!whole || (key.size() > 1 && key[0] == '0')) return Step::no_index;
  return index;
}

// One step on an array or a string; nullopt: JavaScript must say.
std::optional<Reached> step_on_list(const Value& value, const Step& step, bool data_only) {
  if (value.is_array() && step.index != Step::no_index) {
    return step.index < value.size() ? reached(value[std::size_t{step.index}]) : missing();
  }
  if (step.key == "length" && value.is_array()) return reached(Value(static_cast<std::int64_t>(value.size())));
  if (step.key == "length" && value.is_string())
    return reached(Value(static_cast<std::int64_t>(utf16_length(value.as_string()))));
  if (data_only) return missing();
  return std::nullopt;
}

Reached walk(const Value& start, std::span<const Step> steps, bool data_only) {
  const Value* at = &start;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    if (at->is_null()) return missing();
    if (at->is_object()) {
      const Value* next = at->find(step.key);
      if (next == nullptr && step.inherited && !data_only) return {*at, false, steps.size() - i};
      if (next == nullptr) return missing();
      at = next;
      continue;
    }
    auto list = step_on_list(*at, step, data_only);
    if (!list) return {*at, false, steps.size() - i};
    if (list->undefined || i + 1 == steps.size()) return *std::move(list);
    const Value inner = std::move(list->value);  // keeps the element alive while the walk goes on
    return walk(inner, steps.subspan(i + 1), data_only);
  }
  return reached(*at);
}

Reached walk_item(const Item* item, std::span<const Step> steps) {
  if (item == nullptr) return missing();
  if (!steps.empty() && steps[0].key == "json") return walk(item->json, steps.subspan(1), false);
  return walk(item_value(*item), steps, false);
}

Result<Reached> walk_items(const ItemsView& items, std::span<const Step> steps) {
  if (!steps.empty() && steps[0].index != Step::no_index) {
    if (steps[0].index >= items.size()) return missing();
    MBF_TRY(const Item* item, items.at(steps[0].index));
    return walk_item(item, steps.subspan(1));
  }
  if (!steps.empty() && steps[0].key == "length") return walk(Value(static_cast<std::int64_t>(items.size())), steps.subspan(1), false);
  MBF_TRY(const auto all, items.all());
  return Reached{item_values(all), false, steps.size()};
}

Result<Reached> pick_of(const ItemsView& items, Pick pick, std::span<const Step> steps) {
  if (pick == Pick::all) return walk_items(items, steps);
  if (items.size() == 0) return missing();
  MBF_TRY(const Item* item, items.at(pick == Pick::first ? 0 : items.size() - 1));
  return walk_item(item, steps);
}

Result<Reached> follow_node(const Path& path, const Scope& scope) {
  MBF_TRY(const NodeView view, scope.node(path.node));
  if (path.pick != Pick::item) return pick_of(view.items, path.pick, path.steps);
  MBF_TRY(const Item* item, paired_item(view, path.node));
  return walk_item(item, path.steps);
}

Result<Reached> follow_input(const Path& path, const Scope& scope) {
  if (path.pick != Pick::item) return pick_of(scope.input(), path.pick, path.steps);
  const Item current{scope.json(), {}, {}};
  return walk_item(&current, path.steps);
}

}  // namespace

Step make_step(std::string key) {
  Step step;
  step.index = index_of(key);
  step.inherited = std::ranges::find(object_prototype, key) != object_prototype.end();
  step.key = std::move(key);
  return step;
}

bool Path::is_prefix_of(const Path& other) const {
  return root == other.root && pick == other.pick && node == other.node && steps.size() <= other.steps.size() &&
         std::equal(steps.begin(), steps.end(), other.steps.begin());
}

Result<Reached> follow(const Path& path, const Scope& scope) {
  switch (path.root) {
    case Root::json:
      return walk(scope.json(), path.steps, path.data_only);
    case Root::index:
      return walk(Value(static_cast<std::int64_t>(scope.index())), path.steps, path.data_only);
    case Root::input:
      return follow_input(path, scope);
    case Root::node:
      return follow_node(path, scope);
    default:
      return walk(scope.root(name_of(path.root)), path.steps, path.data_only);
  }
}

Result<const Item*> paired_item(const NodeView& view, std::string_view name) {
  if (view.paired < view.items.size()) return view.items.at(view.paired);
  if (view.items.size() == 0) return static_cast<const Item*>(nullptr);
  if (view.items.size() == 1) return view.items.at(0);
  return fail(Kind::invalid, "expr.node",
              "the current item does not come from one item of '" + std::string(name) +
                  "' alone; say which one you mean: .first(), .last() or .all()");
}

Result<std::span<const Item>> ItemsView::all() const {
  if (!source) return items;
  return fail(Kind::invalid, "expr.too_large",
              "a list of " + std::to_string(count) + " items is more than an expression can hold; take single items (.first(), .item), "
              "or make it smaller before with aggregate, filter or limit");
}

Value item_value(const Item& item) { return Value::object({Member{Value("json"), item.json}}); }

Value item_values(std::span<const Item> items) {
  std::vector<Value> values;
  values.reserve(items.size());
  for (const Item& item : items) values.push_back(item_value(item));
  return Value::array(std::move(values));
}

std::size_t utf16_length(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xC0U) != 0x80U ? 1 : 0;
    units += byte >= 0xF0U ? 1 : 0;  // a code point beyond the basic plane is two units
  }
  return units;
}

}  // namespace mbflow::expr
