// A strict JSON reader of our own: slower than simdjson but it knows the place of everything. parse_json asks it where
// the fault is when simdjson refused a text (and for integers beyond 64 bits, which simdjson refuses too), and it reads
// files whose lines must be known.
#pragma once

#include <mbflow/json.h>

#include <map>
#include <string>

namespace mbflow {

using LineMap = std::map<std::string, int, std::less<>>;  // JSON pointer → line, from 1

// `lines` may be null. A leading byte order mark must be gone already.
[[nodiscard]] Result<Value> scan_json(std::string_view text, const JsonOptions& options, LineMap* lines);

}  // namespace mbflow
