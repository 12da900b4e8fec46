// The schedule trigger: when a workflow is due. Pure: an instant is always given, never asked for. A Schedule is immutable
// once parsed; any thread. docs/schedules.md is the same for people.
//
// Occurrences are whole seconds of UTC, and each is known by that instant: jitter delays the start, never the occurrence.
// Nothing is due before 1970 or after the year 9998.
#pragma once

#include "base/time.h"
#include "model/workflow.h"
#include "trigger/calendar.h"
#include "trigger/cron.h"
#include "base/zone.h"

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace mbflow::trigger {

// Every `step` seconds from `anchor`, of UTC: start_at, or midnight of 2000-01-01 in the schedule's zone.
struct Interval {
  std::int64_t step = 60;
  std::int64_t anchor = 0;
};

enum class Missed : std::uint8_t { skip, latest, all };     // what to do with occurrences that nobody was there to start
enum class Overlap : std::uint8_t { skip, queue, allow };  // what to do when the one before is still running

struct Schedule {
  std::variant<Cron, Interval> ticks;
  Zone zone;
  Calendar calendar;
  Missed missed = Missed::latest;
  Duration missed_window = std::chrono::hours(24);  // what is later than that is never started
  Overlap overlap = Overlap::skip;
  Duration jitter{};
  std::optional<Timestamp> start_at, end_at;  // both included
};

// ── reading (schedule_parse.cpp)
// The config of a schedule node. Without a timezone of its own the workflow's holds. The first fault: schedule.cron,
// schedule.every, schedule.timezone, schedule.calendar, schedule.config; `at` is relative to the config.
[[nodiscard]] Result<Schedule> parse_schedule(const Value& config, std::string_view workflow_timezone);
// All of its faults, for a form; empty: parse_schedule succeeds.
[[nodiscard]] std::vector<Error> schedule_faults(const Value& config, std::string_view workflow_timezone);
// The enabled schedule nodes of a workflow; valid while it lives.
[[nodiscard]] std::vector<const Node*> schedule_nodes(const Workflow& workflow);
// The item an occurrence starts with: {"scheduled_at", "started_at", "timezone", "local_time"}.
[[nodiscard]] Value make_item(const Schedule& schedule, Timestamp scheduled, Timestamp started);

// ── occurrences (schedule.cpp)
// The first one strictly after `instant` on a day that the calendar admits. Looks 41 years ahead: the 29th of February
// falls on a given weekday every 28 years, or 40 around a century without a leap day. Nothing: never again.
[[nodiscard]] std::optional<Timestamp> next_after(const Schedule& schedule, Timestamp instant);
// The same whatever the calendar says.
[[nodiscard]] std::optional<Timestamp> next_of_any_day(const Schedule& schedule, Timestamp instant);
[[nodiscard]] std::vector<Timestamp> next_runs(const Schedule& schedule, Timestamp from, std::size_t count);
[[nodiscard]] bool is_admitted(const Schedule& schedule, Timestamp occurrence);

// Occurrences after `from` up to and including `to`: all, and those the calendar admits. In time of the days between.
struct Count {
  std::uint64_t all = 0, admitted = 0;
};
[[nodiscard]] Count count_between(const Schedule& schedule, Timestamp from, Timestamp to);

}  // namespace mbflow::trigger
