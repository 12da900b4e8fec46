// Looks into YAML's source text where yaml-cpp (0.7) does not look closely enough: it takes the end of the text for a
// closing quote, a last line without a colon for a key, and two of the escapes for bytes. Positions are bytes from the
// beginning. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mbflow {

// "line 3, column 7: ", both from 1, columns in characters.
[[nodiscard]] std::string source_place(std::string_view text, std::size_t at);
// Where a node's own text begins, past its anchor and tag.
[[nodiscard]] std::size_t skip_properties(std::string_view text, std::size_t at);
[[nodiscard]] bool is_quote(std::string_view text, std::size_t at);
// Just past the closing quote of the scalar that begins at `at`; nothing when the text ends before.
[[nodiscard]] std::optional<std::size_t> end_of_quoted(std::string_view text, std::size_t at);
// Whether the key that begins at `at` has its colon, or a question mark before it.
[[nodiscard]] bool is_marked_key(std::string_view text, std::size_t at);
// yaml-cpp reads the escapes \N and \_ as the bare bytes 85 and A0: makes them U+0085 and U+00A0.
[[nodiscard]] std::string mend_escapes(std::string_view scalar);
// The first bracket that is nested deeper than `limit`, counted blindly (quotes and comments too): only good for a
// message.
[[nodiscard]] std::optional<std::size_t> deep_bracket(std::string_view text, int limit);

}  // namespace mbflow
