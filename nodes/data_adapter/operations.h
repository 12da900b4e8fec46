// What data_adapter does to one item, or to all of them in order. Pure functions.
#pragma once

#include "data_adapter.gen.h"

#include <span>

namespace mbflow::nodes::data_adapter {

// Errors of all: path.syntax, path.index, with `at` in the config.
[[nodiscard]] Result<Value> rename(const Config& config, const Value& json);
[[nodiscard]] Result<Value> pick(const Config& config, const Value& json);
[[nodiscard]] Result<Value> omit(const Config& config, const Value& json);
[[nodiscard]] Result<Value> fill_defaults(const Config& config, const Value& json);
// Errors: schema.invalid, data_adapter.invalid
[[nodiscard]] Result<void> validate(const Config& config, const Value& json);

// The list at config.path sorted. Error: data_adapter.not_a_list
[[nodiscard]] Result<Value> sort_list(const Config& config, const Value& json);
[[nodiscard]] Result<Output> sort_items(const Config& config, std::span<const Item> items);

}  // namespace mbflow::nodes::data_adapter
