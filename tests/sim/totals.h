// What the seeds of one run of the program have met, so that a run that passes because nothing happened is seen to.
#pragma once

#include "sim/check.h"

#include <array>
#include <string_view>

namespace mbflow::sim {

enum class Count : std::uint8_t {
  seeds, executions, succeeded, failed, cancelled, compared, by_webhook, by_schedule, retried, decided, slept, deliveries,
  deaths, killed_by_node, freezes, zombies, cuts, restarts, jumps, failed_commits, unknown_done, unknown_undone, late_hints,
  claims, claims_by_death, fenced, held, failed_unknown, convicted, innocent_convicted, ticks_skipped, switched, expired, last
};

class Totals {
 public:
  [[nodiscard]] std::uint64_t of(Count what) const { return counts_[static_cast<std::size_t>(what)]; }
  void add(Count what, std::size_t times = 1) { counts_[static_cast<std::size_t>(what)] += times; }
  void add(const Totals& other);
  void add(Cluster& cluster, const Stories& stories);

  // What never happened and must, over many seeds.
  [[nodiscard]] std::vector<std::string_view> missing() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] Value json() const;

 private:
  void add_story(const Story& story, std::int64_t victim);
  std::array<std::uint64_t, static_cast<std::size_t>(Count::last)> counts_{};
};

}  // namespace mbflow::sim
