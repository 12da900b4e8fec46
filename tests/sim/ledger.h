// What outsiders saw: commits and claims as the store took them, deliveries as the witness got them, answers as clients heard
// them. One counter orders all of it. The checker works from this and the store alone.
#pragma once

#include "base/id.h"
#include "store/store.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace mbflow::sim {

using Order = std::uint64_t;

struct CommitNote {
  Order order = 0;
  ExecutionId execution;
  std::uint32_t first_seq = 0, last_seq = 0;
  std::uint32_t epoch = 0;
  store::WorkerNumber worker = 0;  // who holds it then; 0: let go of
  bool applied = false;
  bool fenced = false;
  bool answers_cancel = false;     // it removes a signal that says so
};

struct ClaimNote {
  Order order = 0;
  ExecutionId execution;
  std::uint32_t epoch = 0;
  store::WorkerNumber from = 0;  // who held it before; 0: nobody
  bool by_death = false;         // that one's lease was over, and it had not left
  bool robbed = false;           // that one was alive
  bool final = false;            // it is over; only to hear a signal
  int deaths = 0;                // as the store counts them
};

struct Delivery {
  Order sent = 0, arrived = 0;
  Duration at{};
  int process = 0;
  std::string key, execution, node, mode;
  std::int64_t request = 0, item = 0;
  bool had_lease = true;   // of its process, by the store's clock, when it was sent
  bool just_thawed = false;  // sent in the very instant in which the process came back from being frozen
};

// All triggers of a workflow were switched off, or on.
struct SwitchNote {
  Order order = 0;
  WorkflowId workflow;
  Timestamp at{};
  bool on = false;
};

// Of one execution: what people asked of it.
struct Asked {
  int cancels = 0, retries = 0, decisions = 0;  // sent, heard of or not
  int acked_retries = 0;
};

struct Ledger {
  Order last = 0;
  Order next() { return ++last; }
  std::vector<CommitNote> commits;
  std::vector<ClaimNote> claims;
  std::vector<Delivery> deliveries;
  std::vector<SwitchNote> switches;
  std::map<ExecutionId, Asked> asked;
  std::set<std::uint64_t> cancels, retries;  // numbers of signals
  std::map<store::WorkerNumber, Timestamp> leases;  // the ends of them, as the store sees it; without those that left
  std::set<store::WorkerNumber> buried;             // those that a claim took for dead; too late for them to leave
  std::map<ExecutionId, store::WorkerNumber> holders;
  int on_the_way = 0;   // calls that take long to reach the store
  int fenced = 0;       // commits of stale workers
  int failed = 0;       // commits that did not get through
  std::size_t ticks_skipped = 0;
  int deaths = 0;       // processes killed
  int killed_by_node = 0;
  int freezes = 0, cuts = 0, restarts = 0, jumps = 0;
  int zombies = 0;      // frozen until after the end of their lease
  int lost_done = 0, lost_undone = 0;  // commits that lost their connection
  int late_hints = 0;
  std::vector<std::string> broken;     // of the simulation itself
  std::map<ExecutionId, ExecutionStatus> expired;  // taken from history, as they were then
};

}  // namespace mbflow::sim
