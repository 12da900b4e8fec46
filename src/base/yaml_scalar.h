// What an unquoted YAML scalar means, by the core schema of YAML 1.2 (§10.3.2). Shared by the reader and the writer, so
// that what the one reads as a number the other puts in quotes. Pure functions.
#pragma once

#include <mbflow/value.h>

#include <optional>
#include <string_view>

namespace mbflow {

enum class ScalarKind : std::uint8_t { null, boolean, integer, number, not_json, text };  // not_json: .inf and .nan

[[nodiscard]] ScalarKind scalar_kind(std::string_view text);
// Nothing: not_json, or a number that a double cannot hold.
[[nodiscard]] std::optional<Value> scalar_value(std::string_view text);

}  // namespace mbflow
