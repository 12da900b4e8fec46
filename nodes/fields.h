// Fields of an item by name: {name: value} as set, map and defaults take it. A dot or bracket in a name leads inside.
#pragma once

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <string_view>

namespace mbflow::nodes {

// No dot, no bracket: the name is a key and nothing else.
[[nodiscard]] bool is_plain_name(std::string_view name);

// A copy of `start` with the values put there, in their order. Errors: path.syntax, path.index; `at` names the member.
[[nodiscard]] Result<Value> set_fields(const Value& start, const Value& values);

}  // namespace mbflow::nodes
