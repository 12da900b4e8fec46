// Values in messages for people: short, whatever the size of the value. Pure functions.
#pragma once

#include <mbflow/value.h>

#include <cstddef>
#include <string>

namespace mbflow {

// "\"GETT\"", "12", "null", "an object", "an empty array".
[[nodiscard]] std::string describe(const Value& value);
// Cut at a character's border, with an ellipsis.
[[nodiscard]] std::string shorten(std::string text, std::size_t most_bytes);

}  // namespace mbflow
