// JSON text to Value and back (RFC 8259). Numbers: an integer literal within int64 stays an integer, everything else is
// a double; a double with no fraction prints without one (100.0 → 100), as JavaScript does (ECMA-262 Number::toString).
// Errors: `json.syntax`, `json.utf8`, `json.depth`, `json.duplicate_key`, `json.too_large`; the message names line and
// column.
#pragma once

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace mbflow {

struct JsonOptions {
  bool reject_duplicate_keys = false;  // false: the last one wins, as in JavaScript
  int max_depth = Value::max_depth;
  std::size_t max_bytes = std::size_t{1} << 30;
};

// A leading UTF-8 byte order mark is accepted and dropped.
[[nodiscard]] Result<Value> parse_json(std::string_view text, const JsonOptions& options = {});

[[nodiscard]] std::string write_json(const Value& value);
void write_json(const Value& value, std::string& out);            // appends
[[nodiscard]] std::string write_json_pretty(const Value& value);  // two spaces, for people

}  // namespace mbflow
