// Executions in memory: their journals, who holds them, what they are told. Guarded by the store's mutex.
#pragma once

#include "base/env.h"
#include "store/memory/blobs.h"
#include "store/memory/schedules.h"
#include "store/store.h"

#include <map>
#include <set>

namespace mbflow::store {

class MemoryExecutions {
 public:
  MemoryExecutions(Env& env, MemoryBlobs& blobs) : env_(env), blobs_(blobs) {}

  [[nodiscard]] Result<void> append(Commit commit, MemorySchedules& schedules);
  [[nodiscard]] Result<ExecutionRecord> find(TenantId tenant, ExecutionId id) const;
  [[nodiscard]] Result<std::vector<ExecutionRecord>> list(TenantId tenant, const ExecutionFilter& filter);
  [[nodiscard]] Result<std::vector<std::string>> journal(TenantId tenant, ExecutionId id, std::uint32_t from_seq);
  [[nodiscard]] Result<WorkflowId> erase(TenantId tenant, ExecutionId id);  // gives what it was a run of
  [[nodiscard]] std::vector<ExecutionId> expired(const Expiry& expiry);
  [[nodiscard]] bool refer_to(TenantId tenant, WorkflowId workflow) const;

  [[nodiscard]] WorkerNumber join(Duration lease);
  [[nodiscard]] Result<void> beat(WorkerNumber worker, Duration lease);
  void leave(WorkerNumber worker);
  [[nodiscard]] Result<std::vector<ExecutionRecord>> claim(WorkerNumber worker, Timestamp until, std::size_t limit);

  [[nodiscard]] std::vector<QueuedOf> queued(int most) const;

  [[nodiscard]] Result<void> send(Signal signal);
  [[nodiscard]] std::vector<Signal> signals(WorkerNumber worker, std::uint64_t after, std::size_t limit);

 private:
  using Place = std::pair<TenantId, ExecutionId>;
  struct Run {
    ExecutionRecord record;
    std::vector<std::pair<std::uint32_t, std::string>> chunks;  // by first event
  };
  [[nodiscard]] std::map<Place, Run>::iterator end_of(TenantId tenant);
  [[nodiscard]] bool is_alive(WorkerNumber worker);
  void take_from(WorkerNumber worker, int deaths);
  void bury_the_dead();
  void claim_queued(WorkerNumber worker, std::size_t limit, std::vector<ExecutionRecord>& records);

  Env& env_;
  MemoryBlobs& blobs_;
  std::map<Place, Run> runs_;
  std::set<Place> open_;                       // not final
  std::map<WorkerNumber, Timestamp> workers_;  // the ends of their leases
  WorkerNumber last_worker_ = 0;
  std::map<std::uint64_t, Signal> signals_;
  std::uint64_t last_signal_ = 0;
};

}  // namespace mbflow::store
