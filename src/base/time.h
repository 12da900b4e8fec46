// Instants and durations. Wall time is UTC in microseconds; what waits uses Loop::after, which is monotonic.
#pragma once

#include <mbflow/result.h>

#include <chrono>
#include <string>
#include <string_view>

namespace mbflow {

using Duration = std::chrono::microseconds;
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

// RFC 3339 in UTC with milliseconds: 2026-11-22T20:01:37.123Z
[[nodiscard]] std::string format_timestamp(Timestamp at);
// RFC 3339 with any offset and fraction. Error: time.syntax
[[nodiscard]] Result<Timestamp> parse_timestamp(std::string_view text);

// "1h30m", "1.5s", "250ms", "2d", "1w", or a bare number of seconds; not negative, at most 100 years. Error:
// duration.syntax
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);
[[nodiscard]] std::string format_duration(Duration duration);  // the shortest exact form: "1h30m", "250ms"

}  // namespace mbflow
