// Runtime: the moving part. Starts executions, takes up again what a stop left behind, cancels, retries. An execution's home
// is one loop, told by its id; calls from other loops are carried there.
#pragma once

#include "runtime/run.h"

#include <atomic>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace mbflow::runtime {

struct StartRequest {
  TenantId tenant;
  std::shared_ptr<const Program> program;
  std::string trigger = "manual";
  std::string entry;  // id of the trigger node it starts at; empty: the workflow's default
  Value input;        // an array: an item each element; null: one empty item; anything else: one item
};

struct Started {
  ExecutionId id;
  ExecutionStatus status{};
  std::shared_ptr<Run> run;  // on the caller's loop
};

class Runtime {
 public:
  // The loops must run until stop() has returned. `current` tells the loop of the calling thread.
  Runtime(Services& services, std::vector<Loop*> loops, std::function<Loop*()> current);
  ~Runtime();

  // The one door of every trigger. On a loop. When it returns well, the execution is on disk (unless the workflow's durability
  // is `none`) and will end. Errors: runtime.busy (unavailable: too many executions at once), runtime.stopping, store.*.
  [[nodiscard]] Task<Result<Started>> start(StartRequest request);

  // The program of a saved version, from the cache of the calling loop or the store. Errors: store.not_found, and those of prepare().
  [[nodiscard]] Task<Result<std::shared_ptr<const Program>>> program(TenantId tenant, WorkflowId workflow, int version);

  // Errors: store.not_found; runtime.over (conflict) when it has ended already.
  [[nodiscard]] Task<Result<void>> cancel(TenantId tenant, ExecutionId id, std::string by);
  // Failed, cancelled and held nodes run again, finished ones do not. Error: runtime.not_retryable (conflict).
  [[nodiscard]] Task<Result<void>> retry(TenantId tenant, ExecutionId id);
  // An execution as the store has it, its journal folded. Error store.not_found.
  struct View {
    store::ExecutionRecord record;
    std::shared_ptr<const Program> program;
    std::vector<Event> events;
    engine::State state;
  };
  [[nodiscard]] Task<Result<View>> inspect(TenantId tenant, ExecutionId id);
  // Waits for the end of an execution driven here; false: it is not (over, or asleep).
  [[nodiscard]] Task<bool> wait(ExecutionId id, Duration limit);

  // Takes up every execution that is not over. Once, at the start, on a loop. Returns how many.
  [[nodiscard]] Task<Result<std::size_t>> recover();

  // From outside the loops: starts nothing more, lets what runs go on for at most `limit`, then lets go of the rest (the next
  // start takes it up).
  void stop(Duration limit);

 private:
  struct Loaded;
  [[nodiscard]] Worker& home(const ExecutionId& id) { return *workers_[id.bytes[15] % workers_.size()]; }
  [[nodiscard]] Worker* here();
  [[nodiscard]] ExecutionId make_id(const Worker& worker);
  std::shared_ptr<Run> adopt(Worker& worker, std::shared_ptr<const Program> program, store::ExecutionRecord record, bool saved);
  [[nodiscard]] Task<Result<Loaded>> load(store::ExecutionRecord record);
  [[nodiscard]] Task<Result<bool>> take_up(Worker& worker, store::ExecutionRecord record, engine::Input input);
  [[nodiscard]] Task<Result<bool>> take_up_at_home(store::ExecutionRecord record, engine::Input input);
  [[nodiscard]] Task<void> wake_due();

  Services& services_;
  std::vector<Loop*> loops_;
  std::function<Loop*()> current_;
  std::vector<std::unique_ptr<Worker>> workers_;
  struct Cache;
  std::vector<std::unique_ptr<Cache>> caches_;  // one a worker
  std::stop_source stopping_;
};

}  // namespace mbflow::runtime
