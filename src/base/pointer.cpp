#include "base/yaml.h"

#include <charconv>
#include <optional>

namespace mbflow {
namespace {

std::string unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escaped = token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1');
    out += escaped ? (token[++i] == '1' ? '/' : '~') : token[i];
  }
  return out;
}

// RFC 6901 §4: digits without a leading zero.
std::optional<std::size_t> array_index(std::string_view token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool whole = error == std::errc() && end == token.data() + token.size();
  if (!whole || (token.size() > 1 && token[0] == '0')) return std::nullopt;
  return index;
}

const Value* step(const Value& from, std::string_view token) {
  if (from.is_object()) return from.find(unescape(token));
  const auto index = array_index(token);
  return index && *index < from.elements().size() ? &from.elements()[*index] : nullptr;
}

}  // namespace

std::string pointer_escape(std::string_view token) {
  std::string out;
  out.reserve(token.size());
  for (const char c : token) {
    if (c == '~') out += "~0";
    if (c == '/') out += "~1";
    if (c != '~' && c != '/') out += c;
  }
  return out;
}

const Value* resolve_pointer(const Value& root, std::string_view pointer) {
  const Value* place = &root;
  while (place && !pointer.empty()) {
    if (pointer[0] != '/') return nullptr;
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    place = step(*place, token);
    pointer.remove_prefix(token.size());
  }
  return place;
}

int Located::line_of(std::string_view pointer) const {
  while (true) {
    if (const auto found = lines.find(pointer); found != lines.end()) return found->second;
    if (pointer.empty()) return 1;
    const auto parent = pointer.rfind('/');
    pointer = parent == std::string_view::npos ? std::string_view() : pointer.substr(0, parent);
  }
}

}  // namespace mbflow
