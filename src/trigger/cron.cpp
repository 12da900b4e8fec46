#include "trigger/cron.h"

#include <bit>
#include <chrono>

namespace mbflow::trigger {
namespace {

struct Month {
  unsigned length;
  unsigned first;  // the weekday of its first day, Sunday = 0
};

Month month_of(int year, unsigned month) {
  using namespace std::chrono;
  const auto first = std::chrono::year(year) / static_cast<int>(month) / 1;
  const auto last = std::chrono::year(year) / static_cast<int>(month) / std::chrono::last;
  return {static_cast<unsigned>(last.day()), weekday(sys_days(first)).c_encoding()};
}

unsigned weekday_of(const Month& month, unsigned day) { return (month.first + day - 1) % 7; }

// The Monday to Friday next to a day, within the same month.
unsigned workday_near(const Month& month, unsigned day) {
  const unsigned weekday = weekday_of(month, day);
  if (weekday == 6) return day > 1 ? day - 1 : day + 2;
  if (weekday == 0) return day < month.length ? day + 1 : day - 2;
  return day;
}

std::uint32_t bit(unsigned n) { return std::uint32_t{1} << n; }

std::uint32_t by_day_of_month(const Cron& cron, const Month& month) {
  std::uint32_t found = cron.days & (bit(month.length) * 2 - 2);
  for (unsigned day = 1; day <= month.length; ++day) {
    if (cron.days_from_end & bit(month.length - day)) found |= bit(day);
    if (cron.workdays_near & bit(day)) found |= bit(workday_near(month, day));
  }
  if (!cron.last_workday) return found;
  const unsigned weekday = weekday_of(month, month.length);
  return found | bit(month.length - (weekday == 6 ? 1 : weekday == 0 ? 2 : 0));
}

std::uint32_t by_weekday(const Cron& cron, const Month& month) {
  std::uint32_t found = 0;
  for (unsigned day = 1; day <= month.length; ++day) {
    const unsigned weekday = weekday_of(month, day);
    const std::uint32_t nth = cron.nth_weekdays[weekday];
    const bool last = (nth & 1) && day + 7 > month.length;
    if ((cron.weekdays & bit(weekday)) || (nth & bit((day - 1) / 7 + 1)) || last) found |= bit(day);
  }
  return found;
}

// The lowest bit at or above n, or 64.
int bit_from(std::uint64_t bits, std::int64_t n) { return n > 63 ? 64 : std::countr_zero(bits >> n << n); }

std::int64_t bits_below(std::uint64_t bits, std::int64_t n) { return std::popcount(bits & ((std::uint64_t{1} << n) - 1)); }

}  // namespace

std::uint32_t matching_days(const Cron& cron, int year, unsigned month) {
  if (!(cron.months & bit(month))) return 0;
  const Month shape = month_of(year, month);
  const std::uint32_t first = by_day_of_month(cron, shape);
  const std::uint32_t second = by_weekday(cron, shape);
  return cron.either_day ? first | second : first & second;
}

std::optional<std::int64_t> time_from(const Cron& cron, std::int64_t second) {
  const std::int64_t hour = second / 3600;
  const std::int64_t minute = second / 60 % 60;
  const int first_minute = bit_from(cron.minutes, 0);
  const int first_second = bit_from(cron.seconds, 0);
  if (hour < 24 && (cron.hours >> hour & 1)) {
    const int same = cron.minutes >> minute & 1 ? bit_from(cron.seconds, second % 60) : 64;
    if (same < 64) return hour * 3600 + minute * 60 + same;
    const int later = bit_from(cron.minutes, minute + 1);
    if (later < 64) return hour * 3600 + later * 60 + first_second;
  }
  const int next = bit_from(cron.hours, hour + 1);
  if (next == 64) return std::nullopt;
  return next * 3600 + first_minute * 60 + first_second;
}

std::int64_t times_before(const Cron& cron, std::int64_t second) {
  const std::int64_t hour = second / 3600;
  const std::int64_t minute = second / 60 % 60;
  const std::int64_t an_hour = std::popcount(cron.minutes) * std::int64_t{std::popcount(cron.seconds)};
  std::int64_t count = bits_below(cron.hours, hour) * an_hour;
  if (!(std::uint64_t{cron.hours} >> hour & 1)) return count;
  count += bits_below(cron.minutes, minute) * std::popcount(cron.seconds);
  return count + (cron.minutes >> minute & 1 ? bits_below(cron.seconds, second % 60) : 0);
}

}  // namespace mbflow::trigger
