// YAML 1.2 (core schema: `yes`/`no`/`on` stay text) to Value and back, with the source line of every place, so that a
// fault found in the document can be reported as file:line. Errors: `yaml.syntax`, `yaml.duplicate_key`, `yaml.depth`,
// `yaml.alias`.
#pragma once

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <map>
#include <string>
#include <string_view>

namespace mbflow {

struct Located {
  Value value;
  std::map<std::string, int, std::less<>> lines;  // JSON pointer → line, from 1
  // The line of a place, or of the nearest parent that is known.
  [[nodiscard]] int line_of(std::string_view pointer) const;
};

[[nodiscard]] Result<Located> parse_yaml(std::string_view text);
// JSON with the lines as well (for files; parse_json is the fast way); rejects duplicate keys.
[[nodiscard]] Result<Located> parse_json_located(std::string_view text);
[[nodiscard]] std::string write_yaml(
    const Value& value);  // block style, keys in the order given, long text as | blocks

// RFC 6901.
[[nodiscard]] std::string pointer_escape(std::string_view token);
[[nodiscard]] const Value* resolve_pointer(const Value& root, std::string_view pointer);

}  // namespace mbflow
