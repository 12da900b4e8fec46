// The checker: what must hold after any play, whatever went wrong in it. The numbers I1 … I13 are those of the invariants in
// README.md.
#pragma once

#include "sim/story.h"

namespace mbflow::sim {

struct Faults {
  std::vector<std::string> list;
  void add(const std::string& invariant, const std::string& what) { list.push_back(invariant + ": " + what); }
};

// `calm`: how the same requests ended when nothing went wrong.
void check(Cluster& cluster, const Stories& stories, const std::map<std::int64_t, Outcome>& calm, Faults& faults);
// The parts of it.
void check_deliveries(const Stories& stories, const Ledger& ledger, Faults& faults);
void check_ticks(Cluster& cluster, const Stories& stories, Faults& faults);
void check_deaths(Cluster& cluster, const Stories& stories, Faults& faults);
// Whether nothing happened to it that may change its outcome.
[[nodiscard]] bool is_comparable(const Story& story);

}  // namespace mbflow::sim
