// Worker: what belongs to one loop — its evaluator and the executions it drives. Nothing here is shared between threads.
// Services: what all workers use; every part of it is safe to use from any loop.
#pragma once

#include "base/env.h"
#include "base/loop.h"
#include "expr/expr.h"
#include "expr/sandbox.h"
#include "runtime/segments.h"
#include "runtime/shares.h"
#include "store/store.h"
#include "vault/vault.h"

#include <mbflow/http.h>
#include <mbflow/node.h>

#include <atomic>
#include <functional>
#include <memory>
#include <unordered_map>

namespace mbflow::runtime {

class Run;

// Counters the metrics page shows; they only grow.
struct Counters {
  std::atomic<std::uint64_t> started{0}, succeeded{0}, failed{0}, cancelled{0}, resumed{0};
  std::atomic<std::uint64_t> nodes_run{0}, nodes_failed{0}, nodes_retried{0}, leases_lost{0}, commits_fenced{0}, expired{0};
  std::atomic<std::int64_t> active{0};
  std::atomic<int> queued{0};   // as last counted, and what this process has added and claimed since
  std::atomic<int> queuing{0};  // on their way there
};

// How much may be kept, and how much of it in memory. In bytes.
struct Limits {
  std::uint64_t output = 64ull << 20;      // of one run of one node
  std::uint64_t execution = 256ull << 20;  // of all its nodes
  std::uint64_t in_memory = 64ull << 20;   // of a list that a node or an answer needs as a whole; of all of them at a time four times that
  std::uint64_t segment = 1ull << 20;      // in memory; lists that are longer are kept apart in pieces of this size
  Duration part = std::chrono::seconds(5); // of work on a long list, after which what is done of it is saved
};

struct Services {
  store::Store& store;
  const NodeTable& nodes;
  HttpClient& http;
  expr::Sandbox& sandbox;
  Env& env;
  Value environment = Value::object();  // what $env shows: the allow-listed names
  std::size_t max_active = 20'000;      // executions in memory, a worker; what comes beyond is queued in the store
  std::size_t max_starting = 2'000;     // starts on their way to the disk, a worker; what comes beyond is refused
  int max_queued = 100'000;             // what comes beyond is refused
  Duration default_node_timeout = std::chrono::minutes(5);
  Duration unload_after = std::chrono::seconds(60);  // an execution that sleeps longer leaves memory
  bool drives = true;                                // false: other processes drive what this one starts
  Duration lease = std::chrono::seconds(30);         // taken for dead this long after its last sign of life
  Duration sweep_every = std::chrono::milliseconds(250);
  // Called on the run's loop with events that are saved. Must be quick.
  std::function<void(const Run&, std::span<const Event>)> on_events;
  std::function<void()> on_message = [] {};  // one was saved: whoever hands it on may begin
  vault::Vault* vault = nullptr;     // credentials and variables; null: there are none
  Limits limits{};
  std::atomic<std::uint64_t> in_memory{0};  // of long lists, at this moment
  std::atomic<bool> disk_low{false};  // what is under way goes on; new starts are refused
  Counters counters{};
};

struct Worker {
  Worker(Services& shared, Loop& home, std::size_t position)
      : services(shared), loop(home), index(position), random_state(shared.env.random_u64()) {}
  Services& services;
  Loop& loop;
  std::size_t index;
  expr::Evaluator evaluator;  // through evaluator_for()
  Segments segments;          // of long lists
  std::unordered_map<ExecutionId, std::shared_ptr<Run>, IdHash> runs;
  Shares active;    // of room for `runs`
  Shares starting;  // of the way to the disk
  Shares queued;    // of the queue in the store, as last counted, and what this worker has let in since
  std::function<void()> on_room;  // a place in a lane is free
  std::vector<store::Subscription> listeners;  // who hears ends (endings.h),
  std::optional<std::uint64_t> listeners_of;   // in this version of the catalog
  bool stopping = false;
  std::uint64_t random_state;
  const Run* evaluated = nullptr;  // whose expressions the evaluator ran last

  // The evaluator, with nothing left in it of another run.
  [[nodiscard]] expr::Evaluator& evaluator_for(const Run& run) {
    if (evaluated != &run) evaluator.new_run();
    evaluated = &run;
    return evaluator;
  }

  void forget(const Run& run);

  // For jitter only: splitmix64 (Steele, Lea, Flood, OOPSLA 2014). Costs no system call.
  [[nodiscard]] std::uint64_t next_random() {
    std::uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
};

// For the run of a node, which must not fail for a passing fault of the store: waits until it is over.
[[nodiscard]] Task<Result<Items>> read_patiently(Worker& worker, Segment segment);

}  // namespace mbflow::runtime
