// Cron texts and the wall times they name. Pure; knows no zone. docs/schedules.md says what each form means.
#pragma once

#include <mbflow/result.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mbflow::trigger {

// Each field as a set: bit n stands for the value n.
struct Cron {
  std::uint64_t seconds = 1, minutes = 0;
  std::uint32_t hours = 0;
  std::uint32_t months = 0;
  std::uint32_t days = 0;
  std::uint32_t days_from_end = 0;  // L is bit 0, L-3 is bit 3
  std::uint32_t workdays_near = 0;  // 15W is bit 15
  bool last_workday = false;        // LW
  std::uint32_t weekdays = 0;       // Sunday is bit 0
  std::array<std::uint8_t, 7> nth_weekdays{};  // by weekday: MON#2 is bit 2, MONL is bit 0
  bool either_day = false;  // neither day field has a "*": one of the two is enough (crontab(5))
  // The hour field has a "*" or a step, or names every hour: such a schedule follows the clock tick by tick. All others name
  // hours of the day, and each of them happens once (docs/schedules.md, "When clocks change").
  bool every_hour = false;

  friend bool operator==(const Cron&, const Cron&) = default;
};

// 5 fields (minute hour day-of-month month weekday), 6 (second first), or @daily and the like. Error schedule.cron: the
// message names the field, what is wrong and the cure; also when no day can ever match.
[[nodiscard]] Result<Cron> parse_cron(std::string_view text);

// The days of a month it names, day n as bit n.
[[nodiscard]] std::uint32_t matching_days(const Cron& cron, int year, unsigned month);
// The first second of a day (0 to 86399) at or after `second` that it names.
[[nodiscard]] std::optional<std::int64_t> time_from(const Cron& cron, std::int64_t second);
// How many seconds of a day it names before `second` (0 to 86400).
[[nodiscard]] std::int64_t times_before(const Cron& cron, std::int64_t second);

}  // namespace mbflow::trigger
