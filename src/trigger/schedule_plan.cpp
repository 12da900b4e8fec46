#include "trigger/schedule_plan.h"

#include "base/hash.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace mbflow::trigger {
namespace {

using std::chrono::seconds;

constexpr auto farthest_back = std::chrono::days(41 * 366);

// Spreads the bits of a number evenly (the finaliser of SplitMix64).
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

enum class Days : std::uint8_t { all, admitted };

std::uint64_t count_of(const Schedule& schedule, Timestamp from, Timestamp to, Days days) {
  const Count count = count_between(schedule, from, to);
  return days == Days::all ? count.all : count.admitted;
}

// The newest `most` occurrences after `from` up to `to`, oldest first. Counting is cheap, so where they begin is found by
// halving, however many there are before.
std::vector<Timestamp> newest(const Schedule& schedule, Timestamp from, Timestamp to, std::size_t most, Days days) {
  Timestamp low = from;
  Timestamp high = to;
  if (count_of(schedule, low, to, days) > most) {
    while (high - low > seconds(1)) {
      const Timestamp middle = low + std::chrono::floor<seconds>((high - low) / 2);
      (count_of(schedule, middle, to, days) > most ? low : high) = middle;
    }
    low = high;
  }
  std::vector<Timestamp> found;
  const auto next = days == Days::all ? next_of_any_day : next_after;
  for (auto at = next(schedule, low); at && *at <= to; at = next(schedule, *at)) found.push_back(*at);
  return found;
}

class Planner {
 public:
  Planner(const Schedule& schedule, std::uint64_t seed, Timestamp now) : schedule_(schedule), seed_(seed), now_(now) {}

  Plan make(Timestamp last) {
    plan_.last = last;
    plan_.clock_went_back = now_ < last;
    // Whole seconds, and no further back than is counted.
    const Timestamp oldest = std::max<Timestamp>(std::chrono::floor<seconds>(now_ - farthest_back), Timestamp(seconds(-1)));
    const Timestamp from = std::max<Timestamp>(std::chrono::floor<seconds>(last), oldest);
    const Timestamp to = due_until(from);
    if (from < to) {
      choose(from, to);
      list_skipped(from, to);
    }
    if (!plan_.look_again) {
      const auto next = next_after(schedule_, std::max(plan_.last, to));
      if (next) plan_.look_again = due(*next);
    }
    return std::move(plan_);
  }

 private:
  [[nodiscard]] Timestamp due(Timestamp at) const { return at + delay_of(schedule_, seed_, at); }

  // Delays keep the order, so of all that have occurred only the newest may still be waiting.
  Timestamp due_until(Timestamp from) {
    const Timestamp to = std::chrono::floor<seconds>(now_);
    if (schedule_.jitter == Duration(0) || from >= to) return to;
    const auto waiting = newest(schedule_, from, to, 1, Days::all);
    if (waiting.empty() || !is_admitted(schedule_, waiting[0]) || due(waiting[0]) <= now_) return to;
    plan_.look_again = due(waiting[0]);
    return waiting[0] - seconds(1);
  }

  void choose(Timestamp from, Timestamp to) {
    const auto candidates = newest(schedule_, from, to, most_starts, Days::admitted);
    for (const Timestamp at : candidates) {
      const Duration late = now_ - due(at);
      const bool in_window = late <= schedule_.missed_window;
      const bool wanted = schedule_.missed == Missed::all || (schedule_.missed == Missed::latest && at == candidates.back());
      if (late < on_time || (in_window && wanted)) plan_.start.push_back(at);
    }
    newest_ = candidates.empty() ? Timestamp{} : candidates.back();
  }

  [[nodiscard]] SkipReason reason(Timestamp at) const {
    if (!is_admitted(schedule_, at)) return SkipReason::excluded;
    if (now_ - due(at) > schedule_.missed_window) return SkipReason::too_old;
    if (schedule_.missed == Missed::skip) return SkipReason::policy;
    return schedule_.missed == Missed::latest && at != newest_ ? SkipReason::newer : SkipReason::too_many;
  }

  void list_skipped(Timestamp from, Timestamp to) {
    const std::uint64_t all = count_between(schedule_, from, to).all;
    plan_.skipped_count = all - plan_.start.size();
    for (const Timestamp at : newest(schedule_, from, to, most_listed + plan_.start.size(), Days::all)) {
      plan_.last = std::max(plan_.last, at);
      if (!std::ranges::binary_search(plan_.start, at)) plan_.skipped.push_back({at, reason(at)});
    }
    const std::size_t named = plan_.skipped.size();
    if (named > most_listed) plan_.skipped.erase(plan_.skipped.begin(), plan_.skipped.end() - most_listed);
  }

  const Schedule& schedule_;
  std::uint64_t seed_;
  Timestamp now_;
  Timestamp newest_{};
  Plan plan_;
};

}  // namespace

std::uint64_t jitter_seed(std::string_view workflow_id, std::string_view node_id) {
  const std::string digest = sha256(std::string(workflow_id) + "/" + std::string(node_id));
  std::uint64_t seed = 0;
  for (std::size_t i = 0; i < 8; ++i) seed = seed << 8 | static_cast<unsigned char>(digest[i]);
  return seed;
}

Duration delay_of(const Schedule& schedule, std::uint64_t seed, Timestamp occurrence) {
  if (schedule.jitter == Duration(0)) return Duration(0);
  const auto next = next_of_any_day(schedule, occurrence);
  const Duration room = next ? std::min(schedule.jitter, *next - occurrence) : schedule.jitter;
  const std::uint64_t drawn = mixed(seed ^ static_cast<std::uint64_t>(occurrence.time_since_epoch().count()));
  return Duration(static_cast<std::int64_t>(drawn % static_cast<std::uint64_t>(room.count())));
}

std::string_view to_string(SkipReason reason) {
  constexpr std::string_view names[] = {"excluded", "policy", "newer", "too_old", "too_many"};
  return names[static_cast<std::size_t>(reason)];
}

Plan plan(const Schedule& schedule, std::uint64_t seed, Timestamp last, Timestamp now) {
  constexpr Timestamp end_of_time{std::chrono::sys_days(std::chrono::year(9998) / 1 / 1)};
  return Planner(schedule, seed, std::clamp(now, Timestamp{}, end_of_time)).make(last);
}

Verdict decide_overlap(Overlap policy, bool running, bool queued) {
  if (policy == Overlap::allow || (!running && !queued)) return Verdict::start;
  return policy == Overlap::queue && !queued ? Verdict::queue : Verdict::skip;
}

}  // namespace mbflow::trigger
