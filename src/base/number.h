// Numbers as text, the JSON and JavaScript way. Pure functions.
#pragma once

#include <mbflow/value.h>

#include <optional>
#include <string_view>

namespace mbflow {

// What of `text` follows JSON's grammar of numbers, from its beginning; empty: nothing does.
[[nodiscard]] std::string_view json_number_prefix(std::string_view text);
// Of a number in JSON's grammar: an integer literal within int64 stays an integer; nothing when a double cannot hold
// it.
[[nodiscard]] std::optional<Value> number_from_text(std::string_view number);

// Writes at `out` as ECMA-262 Number::toString does (1e21 → 1e+21, 100.0 → 100); gives the end. Finite values only.
constexpr std::size_t number_room = 32;  // bytes that either may need
[[nodiscard]] char* write_number(double value, char* out);
[[nodiscard]] char* write_number(std::int64_t value, char* out);

}  // namespace mbflow
