// Occurrences are found piece by piece: within a piece of time with one offset a wall clock runs evenly, so days and times of
// day can be computed. What happens where two pieces meet, when clocks change, is all in stretch_at().
#include "trigger/schedule.h"

#include "base/civil.h"

#include <algorithm>
#include <bit>
#include <chrono>

namespace mbflow::trigger {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t horizon = 41 * 366 * day;
constexpr std::int64_t last_second = 253'339'228'800;  // 9998-01-01
// Debian cron: larger changes of the clock are corrections of the calendar, not daylight saving time. Nothing is due in the
// day that Samoa left out in 2011.
constexpr std::int64_t largest_gap = 3 * 3600;

std::int64_t whole_second(Timestamp at) {
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  return std::clamp<std::int64_t>(seconds, -1, last_second);
}

Timestamp instant(std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

// The wall clock from `from` to before `until`, while it is ahead of UTC by `offset`.
struct Stretch {
  std::int64_t from = 0, until = 0;
  std::int64_t offset = 0;
  bool makes_up = false;  // an occurrence at `from`, for those that the clocks have just jumped over
};

// The first day in [first, end) that the cron names and the calendar (null: any) admits.
std::optional<std::int64_t> next_day(const Cron& cron, const Calendar* calendar, std::int64_t first, std::int64_t end) {
  using namespace std::chrono;
  for (year_month_day month{sys_days{days(first)}}; first < end;) {
    const std::int64_t start = sys_days(month.year() / month.month() / 1).time_since_epoch().count();
    std::uint32_t left = matching_days(cron, static_cast<int>(month.year()), static_cast<unsigned>(month.month()));
    const auto earliest = first - start + 1;
    for (left = left >> earliest << earliest; left != 0; left &= left - 1) {
      const std::int64_t found = start + std::countr_zero(left) - 1;
      if (found >= end) return std::nullopt;
      if (!calendar || calendar->admits(found)) return found;
    }
    month = (month.year() / month.month() / 1) + months(1);
    first = sys_days(month).time_since_epoch().count();
  }
  return std::nullopt;
}

std::optional<std::int64_t> next_in(const Cron& cron, const Calendar* calendar, const Stretch& stretch) {
  const std::int64_t last_day = floor_div(stretch.until - 1, day);
  for (std::int64_t from = stretch.from; from < stretch.until;) {
    const auto found = next_day(cron, calendar, floor_div(from, day), last_day + 1);
    if (!found) return std::nullopt;
    const std::int64_t midnight = *found * day;
    const auto time = time_from(cron, std::max(from, midnight) - midnight);
    if (time) return midnight + *time < stretch.until ? std::optional(midnight + *time) : std::nullopt;
    from = midnight + day;
  }
  return std::nullopt;
}

// The first tick at or after a wall time.
std::int64_t tick_from(const Interval& ticks, std::int64_t wall, std::int64_t offset) {
  const std::int64_t anchor = ticks.anchor + offset;
  return anchor - floor_div(anchor - wall, ticks.step) * ticks.step;
}

std::optional<std::int64_t> next_in(const Interval& ticks, const Calendar* calendar, const Stretch& stretch) {
  for (std::int64_t from = stretch.from;;) {
    const std::int64_t wall = tick_from(ticks, from, stretch.offset);
    if (wall >= stretch.until) return std::nullopt;
    if (!calendar || calendar->admits(floor_div(wall, day))) return wall;
    from = (floor_div(wall, day) + 1) * day;
  }
}

std::uint64_t count_of_day(const Cron& cron, std::int64_t, std::int64_t midnight, std::int64_t from, std::int64_t until) {
  return static_cast<std::uint64_t>(times_before(cron, until - midnight) - times_before(cron, from - midnight));
}

std::uint64_t count_of_day(const Interval& ticks, std::int64_t offset, std::int64_t, std::int64_t from, std::int64_t until) {
  return static_cast<std::uint64_t>((tick_from(ticks, until, offset) - tick_from(ticks, from, offset)) / ticks.step);
}

std::optional<std::int64_t> day_with_ticks(const Cron& cron, std::int64_t, std::int64_t first, std::int64_t end) {
  return next_day(cron, nullptr, first, end);
}

std::optional<std::int64_t> day_with_ticks(const Interval& ticks, std::int64_t offset, std::int64_t first, std::int64_t end) {
  const std::int64_t found = floor_div(tick_from(ticks, first * day, offset), day);
  return found < end ? std::optional(found) : std::nullopt;
}

template <class Ticks>
void count_in(const Ticks& ticks, const Calendar& calendar, const Stretch& stretch, Count& count) {
  if (stretch.from >= stretch.until) return;
  const std::int64_t end = floor_div(stretch.until - 1, day) + 1;
  auto at = day_with_ticks(ticks, stretch.offset, floor_div(stretch.from, day), end);
  for (; at; at = day_with_ticks(ticks, stretch.offset, *at + 1, end)) {
    const std::int64_t midnight = *at * day;
    const std::uint64_t found = count_of_day(ticks, stretch.offset, midnight, std::max(stretch.from, midnight),
                                             std::min(stretch.until, midnight + day));
    count.all += found;
    if (calendar.admits(*at)) count.admitted += found;
  }
}

bool names(const Cron& cron, Stretch wall) { return next_in(cron, nullptr, wall).has_value(); }

// What there is from an instant to the end of its piece. Ticks of intervals and of crons that name no hours come as the clock
// shows them. Hours of the day happen once (docs/schedules.md): a wall time shown before is not due again, and what lies in
// a gap is made up for at its end.
Stretch stretch_at(const Schedule& schedule, std::int64_t utc, std::int64_t end) {
  const ZonePiece piece = schedule.zone.piece_at(utc);
  Stretch stretch{utc + piece.offset, std::min(piece.end, end) + piece.offset, piece.offset, false};
  const Cron* cron = std::get_if<Cron>(&schedule.ticks);
  if (!cron || cron->every_hour || piece.before == piece.offset) return stretch;
  const std::int64_t shown_until = piece.begin + piece.before;
  const std::int64_t gap = piece.offset - piece.before;
  if (gap < 0) stretch.from = std::max(stretch.from, shown_until);
  if (gap > 0 && gap <= largest_gap && utc == piece.begin) {
    stretch.makes_up = names(*cron, {shown_until, shown_until + gap, piece.before, false});
  }
  return stretch;
}

struct Limits {
  std::int64_t from, end;  // of UTC; the end is not included
};

Limits limits_of(const Schedule& schedule, std::int64_t from, std::int64_t end) {
  if (schedule.start_at) from = std::max(from, whole_second(*schedule.start_at - Duration(1)) + 1);
  if (schedule.end_at) end = std::min(end, whole_second(*schedule.end_at) + 1);
  return {from, std::min(end, last_second)};
}

std::optional<Timestamp> find_next(const Schedule& schedule, Timestamp after, const Calendar* calendar) {
  const std::int64_t first = whole_second(after) + 1;
  const Limits limits = limits_of(schedule, first, last_second);
  const std::int64_t end = std::min(limits.end, limits.from + horizon);
  for (std::int64_t utc = limits.from; utc < end;) {
    const Stretch stretch = stretch_at(schedule, utc, end);
    const bool made_up = stretch.makes_up && (!calendar || calendar->admits(floor_div(stretch.from, day)));
    if (made_up) return instant(utc);
    const auto found = std::visit([&](const auto& ticks) { return next_in(ticks, calendar, stretch); }, schedule.ticks);
    if (found) return instant(*found - stretch.offset);
    utc = stretch.until - stretch.offset;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Timestamp> next_after(const Schedule& schedule, Timestamp instant) {
  return find_next(schedule, instant, schedule.calendar.is_open() ? nullptr : &schedule.calendar);
}

std::optional<Timestamp> next_of_any_day(const Schedule& schedule, Timestamp instant) {
  return find_next(schedule, instant, nullptr);
}

std::vector<Timestamp> next_runs(const Schedule& schedule, Timestamp from, std::size_t count) {
  std::vector<Timestamp> runs;
  for (auto next = next_after(schedule, from); next && runs.size() < count; next = next_after(schedule, *next)) runs.push_back(*next);
  return runs;
}

bool is_admitted(const Schedule& schedule, Timestamp occurrence) {
  const std::int64_t utc = whole_second(occurrence);
  return schedule.calendar.is_open() || schedule.calendar.admits(floor_div(utc + schedule.zone.offset_at(utc), day));
}

Count count_between(const Schedule& schedule, Timestamp from, Timestamp to) {
  Count count;
  const Limits limits = limits_of(schedule, whole_second(from) + 1, whole_second(to) + 1);
  for (std::int64_t utc = limits.from; utc < limits.end;) {
    Stretch stretch = stretch_at(schedule, utc, limits.end);
    utc = stretch.until - stretch.offset;
    if (stretch.makes_up) {
      ++count.all;
      if (schedule.calendar.admits(floor_div(stretch.from, day))) ++count.admitted;
      ++stretch.from;  // its own second, should the cron name it too, is the same occurrence
    }
    std::visit([&](const auto& ticks) { count_in(ticks, schedule.calendar, stretch, count); }, schedule.ticks);
  }
  return count;
}

}  // namespace mbflow::trigger
