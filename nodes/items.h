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

// Any value as the object an item must be: {"value": …} around what is none.
[[nodiscard]] inline Value as_item(Value value) {
  if (value.is_object()) return value;
  return Value::object({{"value", std::move(value)}});
}

}  // namespace mbflow::nodes
