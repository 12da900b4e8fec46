#include "expr/date_time.h"

#include "base/civil.h"
#include "base/zone.h"

#include <algorithm>
#include <cmath>

namespace mbflow::expr {
namespace {

constexpr std::int64_t max_year = 300'000;  // beyond max_instant, and far from any overflow
constexpr std::int64_t max_day = 366 * max_year;
constexpr std::int64_t second_ms = 1'000, minute_ms = 60'000, hour_ms = 3'600'000, day_ms = 86'400'000;

Zone zone_of(std::string_view name) {
  const auto zone = Zone::find(name);
  return zone ? *zone : *Zone::find("UTC");
}

std::int64_t clamp_instant(double ms) {
  // The prelude refuses what is out of range; here it only must not overflow.
  constexpr double limit = 2.0 * static_cast<double>(max_instant);
  return static_cast<std::int64_t>(std::clamp(ms, -limit, limit));
}

int month_length(std::int64_t year, int month) {
  return static_cast<int>(days_from_civil(year, month + 1, 1) - days_from_civil(year, month, 1));
}

void set_day(Calendar& at, std::int64_t days) {
  const Civil civil = civil_from_days(days);
  at.year = static_cast<std::int32_t>(civil.year);
  at.month = civil.month;
  at.day = civil.day;
  at.weekday = static_cast<std::int32_t>(days + 3 - floor_div(days + 3, 7) * 7) + 1;  // 1970-01-01 was a Thursday
}

std::int64_t days_of(const Calendar& at) { return days_from_civil(at.year, at.month, at.day); }

// Moves a wall date by whole months; the day stays within the new month.
void add_months(Calendar& at, std::int64_t months) {
  const std::int64_t total = std::int64_t{at.year} * 12 + at.month - 1 + months;
  at.year = static_cast<std::int32_t>(std::clamp<std::int64_t>(floor_div(total, 12), -max_year, max_year));
  at.month = static_cast<int>(total - floor_div(total, 12) * 12) + 1;
  at.day = std::min(at.day, month_length(at.year, at.month));
}

void clear_time(Calendar& at) { at.hour = at.minute = at.second = at.millisecond = 0; }

// Larger steps lead out of range anyway.
double whole(double amount) { return std::clamp(std::trunc(amount), -1e9, 1e9); }

std::int64_t shifted(std::int64_t ms, std::string_view zone, Unit unit, std::int64_t by) {
  std::array<double, unit_count> amounts{};
  amounts[static_cast<std::size_t>(unit)] = static_cast<double>(by);
  return add_time(ms, zone, amounts);
}

std::int64_t unit_ms(Unit unit) {
  switch (unit) {
    case Unit::hour:
      return hour_ms;
    case Unit::minute:
      return minute_ms;
    case Unit::second:
      return second_ms;
    default:
      return 1;
  }
}

}  // namespace

bool is_zone(std::string_view name) { return Zone::find(name).has_value(); }

Calendar calendar_of(std::int64_t ms, std::string_view zone) {
  Calendar at;
  at.offset_seconds = static_cast<std::int32_t>(zone_of(zone).offset_at(floor_div(ms, second_ms)));
  const std::int64_t wall = ms + std::int64_t{at.offset_seconds} * second_ms;
  const std::int64_t days = floor_div(wall, day_ms);
  const std::int64_t rest = wall - days * day_ms;
  set_day(at, days);
  at.hour = static_cast<int>(rest / hour_ms);
  at.minute = static_cast<int>(rest / minute_ms % 60);
  at.second = static_cast<int>(rest / second_ms % 60);
  at.millisecond = static_cast<int>(rest % second_ms);
  return at;
}

std::int64_t instant_of(const Calendar& wall, std::string_view zone) {
  const std::int64_t seconds = days_of(wall) * 86'400 + wall.hour * 3'600LL + wall.minute * 60LL + wall.second;
  return zone_of(zone).utc_of(seconds) * second_ms + wall.millisecond;
}

std::int64_t add_time(std::int64_t ms, std::string_view zone, const std::array<double, unit_count>& amounts) {
  const auto amount = [&](Unit unit) { return amounts[static_cast<std::size_t>(unit)]; };
  const double months = whole(amount(Unit::year)) * 12 + whole(amount(Unit::quarter)) * 3 + whole(amount(Unit::month));
  const double days = amount(Unit::week) * 7 + amount(Unit::day);
  std::int64_t at = ms;
  if (months != 0 || whole(days) != 0) {
    Calendar wall = calendar_of(ms, zone);
    const std::int32_t offset = wall.offset_seconds;
    add_months(wall, static_cast<std::int64_t>(months));
    set_day(wall, std::clamp<std::int64_t>(days_of(wall) + static_cast<std::int64_t>(whole(days)), -max_day, max_day));
    at = instant_of(wall, zone);
    // The later of a doubled wall time stays the later one when the clock shows nothing else.
    const std::int64_t same_offset = at + (calendar_of(at, zone).offset_seconds - offset) * second_ms;
    if (calendar_of(same_offset, zone).offset_seconds == offset) at = same_offset;
  }
  const double rest = (days - whole(days)) * static_cast<double>(day_ms) +
                      amount(Unit::hour) * static_cast<double>(hour_ms) +
                      amount(Unit::minute) * static_cast<double>(minute_ms) +
                      amount(Unit::second) * static_cast<double>(second_ms) + amount(Unit::millisecond);
  return clamp_instant(static_cast<double>(at) + std::trunc(rest));
}

std::int64_t start_of(std::int64_t ms, std::string_view zone, Unit unit) {
  Calendar at = calendar_of(ms, zone);
  if (unit >= Unit::hour) {
    // Wall minutes and seconds, not UTC's: some zones are off by half an hour. Offsets within the unit do not change.
    const std::int64_t wall = ms + std::int64_t{at.offset_seconds} * second_ms;
    return ms - (wall - floor_div(wall, unit_ms(unit)) * unit_ms(unit));
  }
  clear_time(at);
  if (unit == Unit::week) set_day(at, days_of(at) - (at.weekday - 1));
  if (unit == Unit::quarter) at.month -= (at.month - 1) % 3;
  if (unit == Unit::year) at.month = 1;
  if (unit <= Unit::month) at.day = 1;
  return instant_of(at, zone);
}

std::int64_t end_of(std::int64_t ms, std::string_view zone, Unit unit) {
  const std::int64_t start = start_of(ms, zone, unit);
  if (unit >= Unit::hour) return start + unit_ms(unit) - 1;
  return start_of(shifted(start, zone, unit, 1), zone, unit) - 1;
}

double difference(std::int64_t a, std::int64_t b, std::string_view zone, Unit unit) {
  if (unit >= Unit::hour) return static_cast<double>(a - b) / static_cast<double>(unit_ms(unit));
  if (a < b) return -difference(b, a, zone, unit);
  const double days = unit == Unit::year      ? 366
                      : unit == Unit::quarter ? 92
                      : unit == Unit::month   ? 31
                      : unit == Unit::week    ? 7
                                              : 1;
  auto steps = static_cast<std::int64_t>(static_cast<double>(a - b) / (days * static_cast<double>(day_ms)));
  steps = std::max<std::int64_t>(steps - 1, 0);  // a guess from below
  while (shifted(b, zone, unit, steps + 1) <= a) ++steps;
  const std::int64_t low = shifted(b, zone, unit, steps);
  const std::int64_t high = shifted(b, zone, unit, steps + 1);
  return static_cast<double>(steps) + static_cast<double>(a - low) / static_cast<double>(high - low);
}

}  // namespace mbflow::expr
