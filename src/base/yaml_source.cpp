#include "base/yaml_source.h"

#include "base/utf8.h"

#include <algorithm>

namespace mbflow {

std::string source_place(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::ranges::count(before, '\n');
  const auto column = 1 + utf8_length(before.substr(before.rfind('\n') + 1));  // npos + 1 is 0
  return "line " + std::to_string(line) + ", column " + std::to_string(column) + ": ";
}

std::size_t skip_properties(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
    at = text.find_first_of(" \t\r\n", at);
    at = text.find_first_not_of(" \t\r\n", std::min(at, text.size()));
  }
  return std::min(at, text.size());
}

bool is_quote(std::string_view text, std::size_t at) {
  return at < text.size() && (text[at] == '"' || text[at] == '\'');
}

std::optional<std::size_t> end_of_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    const bool doubled = quote == '\'' && text[at] == quote && at + 1 < text.size() && text[at + 1] == quote;
    const bool escaped = quote == '"' && text[at] == '\\';
    if (doubled || escaped) {
      ++at;
      continue;
    }
    if (text[at] == quote) return at + 1;
  }
  return std::nullopt;
}

bool is_marked_key(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto last = before.find_last_not_of(" \t");
  if (last != std::string_view::npos && before[last] == '?') return true;
  at = skip_properties(text, at);
  if (is_quote(text, at)) {
    const auto end = end_of_quoted(text, at);
    const auto next = end ? text.find_first_not_of(" \t", *end) : std::string_view::npos;
    return next != std::string_view::npos && text[next] == ':';
  }
  const std::string_view line = text.substr(at, text.find('\n', at) - at);
  for (std::size_t colon = line.find(':'); colon != std::string_view::npos; colon = line.find(':', colon + 1)) {
    if (colon + 1 == line.size() || std::string_view(" \t\r").contains(line[colon + 1])) return true;
  }
  return false;
}

std::string mend_escapes(std::string_view scalar) {
  std::string out;
  while (!scalar.empty()) {
    const std::size_t length = utf8_sequence(scalar);
    if (length == 0) out += '\xC2';
    out += scalar.substr(0, std::max<std::size_t>(length, 1));
    scalar.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::optional<std::size_t> deep_bracket(std::string_view text, int limit) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '[' || text[at] == '{') ++depth;
    if (text[at] == ']' || text[at] == '}') --depth;
    if (depth > limit) return at;
  }
  return std::nullopt;
}

}  // namespace mbflow
