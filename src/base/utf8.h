// UTF-8 by hand, where a library would be more to explain than the thing itself. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mbflow {

// The length of the valid sequence (shortest form, no surrogates) that `text` begins with; 0 when it begins with none.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text);
[[nodiscard]] bool utf8_valid(std::string_view text);
// Code points, of valid UTF-8.
[[nodiscard]] std::size_t utf8_length(std::string_view text);
void utf8_append(std::string& out, std::uint32_t code_point);
[[nodiscard]] std::optional<std::uint32_t> parse_hex4(std::string_view digits);
// Without a leading byte order mark.
[[nodiscard]] std::string_view drop_bom(std::string_view text);

}  // namespace mbflow
