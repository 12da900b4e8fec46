// Items in and out, the way several nodes need them. Plain functions over a run's context; used within that run.
#pragma once

#include <mbflow/node.h>

#include <cstddef>
#include <utility>

namespace mbflow::nodes {

// `position` counts over all incoming edges in edge order.
[[nodiscard]] inline Item item_from(Value json, std::size_t position) {
  return Item{std::move(json), Origin{static_cast<std::uint32_t>(position)}, {}};
}

// A run: once node gives on what came in, item for item.
inline void pass_items(Context& context, Output& output) {
  const auto items = context.items();
  for (std::size_t i = 0; i < items.size(); ++i) output.add(item_from(items[i].json, i));
}

// The same of a long list.
[[nodiscard]] inline Task<Result<void>> stream_items(Context& context) {
  std::size_t position = 0;
  while (true) {
    MBF_CO_TRY(const auto items, co_await context.next_items());
    if (items.empty()) co_return {};
    Output part;
    for (const Item& item : items) part.add(item_from(item.json, position++));
    MBF_CO_CHECK(co_await context.give(std::move(part)));
  }
}

// Any value as the object an item must be: {"value": …} around what is none.
[[nodiscard]] inline Value as_item(Value value) {
  if (value.is_object()) return value;
  return Value::object({{"value", std::move(value)}});
}

}  // namespace mbflow::nodes
