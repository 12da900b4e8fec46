// What to do about a schedule now: which occurrences start, which do not and why, when to look again. Pure, and a function of
// its arguments alone: two processes that look at the same moment decide the same.
#pragma once

#include "trigger/schedule.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mbflow::trigger {

// Of a schedule node; decides its jitter. The same in every process and after every restart.
[[nodiscard]] std::uint64_t jitter_seed(std::string_view workflow_id, std::string_view node_id);
// How long after its occurrence a start waits: in [0, jitter), and never as long as to the next occurrence, so that starts
// keep the order of their occurrences.
[[nodiscard]] Duration delay_of(const Schedule& schedule, std::uint64_t seed, Timestamp occurrence);

// Later than this, an occurrence was missed and the policy decides; before, it is only being started.
constexpr Duration on_time = std::chrono::minutes(1);
constexpr std::size_t most_starts = 100;   // of one plan
constexpr std::size_t most_listed = 100;  // skipped occurrences that are named, the newest

enum class SkipReason : std::uint8_t {
  excluded,  // the calendar does not admit its day
  policy,    // missed: skip
  newer,     // missed: latest, and there is a later one
  too_old,   // missed_window
  too_many,  // missed: all starts the newest hundred
};
[[nodiscard]] std::string_view to_string(SkipReason reason);  // "excluded", "policy", …

struct Skipped {
  Timestamp at{};
  SkipReason reason{};
  friend bool operator==(const Skipped&, const Skipped&) = default;
};

struct Plan {
  std::vector<Timestamp> start;     // occurrences to start now, oldest first
  std::vector<Skipped> skipped;     // oldest first; the newest most_listed of them
  std::uint64_t skipped_count = 0;  // all of them, for at most 41 years back
  // Every occurrence up to here is dealt with, by this plan or before: keep it and give it back as `last`.
  Timestamp last{};
  // When the next one is due, of the wall clock; nothing: never. That clock may be set meanwhile, so look at least once a
  // minute. Days that are excluded wake nobody: their occurrences are listed when a later one is due.
  std::optional<Timestamp> look_again;
  bool clock_went_back = false;  // `now` is before `last`: nothing is due until the clock has passed it again
};

// `last`: the latest occurrence dealt with, or when the schedule began to count. Only later ones are looked at, so none comes
// twice wherever the clock jumps, and none is left out.
[[nodiscard]] Plan plan(const Schedule& schedule, std::uint64_t seed, Timestamp last, Timestamp now);

enum class Verdict : std::uint8_t { start, queue, skip };
// What becomes of an occurrence while the start before is `running`, and perhaps another is `queued` behind it. One can be
// queued, no more.
[[nodiscard]] Verdict decide_overlap(Overlap policy, bool running, bool queued);

}  // namespace mbflow::trigger
