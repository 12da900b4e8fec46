// Stories: every execution of a play as its journal tells it, read from the store, with the order in which its events got there.
#pragma once

#include "sim/cluster.h"

namespace mbflow::sim {

struct Story {
  store::ExecutionRecord record;
  std::shared_ptr<const runtime::Program> program;
  std::vector<Event> events;
  std::vector<Order> committed;  // by event
  engine::State state;
  std::string output;         // JSON, of one that succeeded
  std::int64_t request = -1;  // none: it was started by a schedule

  [[nodiscard]] std::size_t count(EventType type, NodeIndex node = no_node) const;  // no_node: of any node
  [[nodiscard]] std::string name() const;
};

// What can be compared between two plays: how a request ended.
struct Outcome {
  ExecutionStatus status{};
  std::string output;
  bool out_of_time = false;
};

struct Stories {
  std::vector<Story> all;             // by execution id
  std::vector<std::string> damaged;   // journals that cannot be read, and why
  std::uint64_t digest = 0;           // over all journals and deliveries

  [[nodiscard]] const Story* of(const ExecutionId& id) const;
};

[[nodiscard]] Stories read_stories(Cluster& cluster, const Programs& programs);
[[nodiscard]] std::map<std::int64_t, Outcome> outcomes_of(const Stories& stories);
[[nodiscard]] Outcome outcome_of(const Story& story);
// For people: one line an event.
[[nodiscard]] std::string describe(const Story& story, const Ledger& ledger);

}  // namespace mbflow::sim
