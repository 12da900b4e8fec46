// The rule that goes on after the last change a zone file lists: its footer, a TZ string (RFC 8536 §3.3, POSIX "TZ"). The
// date library does not read it, and files made for size ("slim", the default of zic) list no change of our time at all.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mbflow {

// A day of every year, and the time on it in seconds; the time may lie days away.
struct YearlyChange {
  enum class Form : std::uint8_t { weekday, without_leap_day, with_leap_day };
  Form form = Form::weekday;
  int month = 1, week = 1, weekday = 0;  // M3.5.0: the last (5) Sunday (0) of March
  int day = 0;                           // J60: from 1, never the 29th of February; 59: from 0, counting it
  std::int64_t time = 7200;
};

struct ZoneRule {
  std::int64_t standard = 0, daylight = 0;  // ahead of UTC, in seconds
  std::optional<std::array<YearlyChange, 2>> changes;  // to daylight, and back; none: standard all year
};

// Seconds of UTC, and how far ahead of it clocks are from then on.
struct ClockChange {
  std::int64_t at = 0, offset = 0;
};

[[nodiscard]] std::optional<ZoneRule> parse_zone_rule(std::string_view text);
// Of the system's file of a zone; nothing when there is none.
[[nodiscard]] std::optional<ZoneRule> read_zone_rule(std::string_view zone);
// Precondition: rule.changes. In no order.
[[nodiscard]] std::array<ClockChange, 2> changes_of(const ZoneRule& rule, int year);

}  // namespace mbflow
