// How durations, instants and bytes are written as text, the same everywhere in MBFlow: for nodes that read or write such
// texts. Pure functions; any thread.
#pragma once

#include <mbflow/result.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mbflow {

// "1h30m", "1.5s", "250ms", "2d", "1w", or a bare number of seconds; not negative, at most 100 years. Error: duration.syntax
[[nodiscard]] Result<std::chrono::microseconds> parse_duration(std::string_view text);
[[nodiscard]] std::string format_duration(std::chrono::microseconds duration);  // the shortest exact form

// RFC 3339 with any offset and fraction. Error: time.syntax
[[nodiscard]] Result<std::chrono::sys_time<std::chrono::microseconds>> parse_timestamp(std::string_view text);
// In UTC with milliseconds: 2026-11-22T20:01:37.123Z
[[nodiscard]] std::string format_timestamp(std::chrono::sys_time<std::chrono::microseconds> at);

[[nodiscard]] std::string base64_encode(std::string_view bytes);
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);  // both alphabets, optional padding

// Whether the bytes are valid UTF-8, as every text of a Value must be.
[[nodiscard]] bool utf8_valid(std::string_view text);

}  // namespace mbflow
