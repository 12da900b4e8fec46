// One order over all JSON values, for sorting and for the smallest and largest. Pure functions.
#pragma once

#include <mbflow/value.h>

#include <compare>
#include <optional>

namespace mbflow::nodes {

// A number, or a text that is one; nothing else.
[[nodiscard]] std::optional<double> number_of(const Value& value);

// Numbers by size, texts by code point, false before true; of different types: numbers, texts, booleans, the rest.
[[nodiscard]] std::partial_ordering compare_values(const Value& a, const Value& b);

}  // namespace mbflow::nodes
