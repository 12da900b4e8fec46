// The few questions HTTP asks of text: names compare in ASCII without case, tokens have no control characters. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace mbflow {

[[nodiscard]] constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

[[nodiscard]] constexpr bool same_word(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

// RFC 9110 §5.6.2
[[nodiscard]] constexpr bool is_token_char(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
[[nodiscard]] constexpr bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

// What may stand in a field value on one line: no CR, LF, NUL or other control but the tab.
[[nodiscard]] constexpr bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
  });
}

// True when a comma-separated list such as Connection holds the word.
[[nodiscard]] bool has_word(std::string_view list, std::string_view word);

}  // namespace mbflow
