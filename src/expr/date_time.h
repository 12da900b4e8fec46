// Dates in a time zone, for expressions: calendar arithmetic that follows the wall clock. Instants are milliseconds
// since 1970. A wall time that does not exist (clocks go forward) moves forward by the gap; one that exists twice means
// the earlier. Zones are IANA names or fixed offsets ("UTC+3", "+05:30"). Pure functions over the system's zone files.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mbflow::expr {

enum class Unit : std::uint8_t { year, quarter, month, week, day, hour, minute, second, millisecond };
constexpr std::size_t unit_count = 9;

struct Calendar {
  std::int32_t year = 1970;
  std::int32_t month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0;
  std::int32_t weekday = 4;         // 1 = Monday … 7 = Sunday
  std::int32_t offset_seconds = 0;  // east of UTC
};

[[nodiscard]] bool is_zone(std::string_view name);
// Unknown zones count as UTC here: the caller has checked.
[[nodiscard]] Calendar calendar_of(std::int64_t ms, std::string_view zone);
// The instant of a wall time; fields out of range (month 14, day 0) carry over.
[[nodiscard]] std::int64_t instant_of(const Calendar& wall, std::string_view zone);
// Amounts by Unit. Years to days move on the calendar, hours and less on the time line. Fractions of the former carry
// into the next lower unit only for weeks and days (of 24 hours); of years and months they are dropped.
[[nodiscard]] std::int64_t add_time(std::int64_t ms, std::string_view zone,
                                    const std::array<double, unit_count>& amounts);
[[nodiscard]] std::int64_t start_of(std::int64_t ms, std::string_view zone, Unit unit);
[[nodiscard]] std::int64_t end_of(std::int64_t ms, std::string_view zone, Unit unit);  // its last millisecond
// How many units a is after b: calendar units count whole steps of the wall clock and the share of the one begun.
[[nodiscard]] double difference(std::int64_t a, std::int64_t b, std::string_view zone, Unit unit);
// ISO 8601: "2026-03", "2026-03-01", "2026-03-01T09:30", "…:15.123", with Z, +03:00 or nothing (the given zone).
[[nodiscard]] std::optional<std::int64_t> parse_iso(std::string_view text, std::string_view zone);
[[nodiscard]] std::string to_iso(std::int64_t ms, std::string_view zone);
// Luxon's tokens: yyyy yy y MMMM MMM MM M dd d HH H hh h mm m ss s SSS S a EEEE EEE E W o q ZZZ ZZ Z z x X and 'text'.
[[nodiscard]] std::string to_format(std::int64_t ms, std::string_view zone, std::string_view pattern);

// Beyond these no date is made (that of JavaScript's Date).
constexpr std::int64_t max_instant = 8'640'000'000'000'000;

}  // namespace mbflow::expr
