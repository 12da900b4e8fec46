// Starts workflows by the clock: looks at the schedules that are live, and has each occurrence started, or noted why not, once.
// Any number of processes may do so at the same time: the store keeps each occurrence once. Of one loop.
#pragma once

#include "runtime/runtime.h"
#include "trigger/schedule_plan.h"

#include <map>
#include <memory>
#include <string>
#include <tuple>

namespace mbflow::server {

class Scheduler {
 public:
  // `on_skip` is told of each occurrence that does not start, with the reason.
  using OnSkip = std::function<void(const store::Tick& tick)>;
  Scheduler(runtime::Services& services, runtime::Runtime& runtime, Loop& loop, OnSkip on_skip);

  // Until `stop` is requested. Errors of the store pass: it looks again.
  [[nodiscard]] Task<void> run(std::stop_token stop);
  // One look at everything; when to look again at the latest.
  [[nodiscard]] Task<Timestamp> look();

 private:
  struct Live;
  [[nodiscard]] Task<Result<void>> refresh();
  [[nodiscard]] Task<Result<void>> read(store::Schedule schedule, std::shared_ptr<Live>& live);
  [[nodiscard]] Task<Result<void>> tend(Live& live, Timestamp now);
  [[nodiscard]] Task<Result<void>> start(Live& live, Timestamp at);
  [[nodiscard]] Task<Result<void>> start_now(Live& live, Timestamp at);
  [[nodiscard]] Task<Result<bool>> is_running(const Live& live);
  [[nodiscard]] Task<Result<void>> note(const store::Schedule& row, Timestamp at, std::string outcome);

  runtime::Services& services_;
  runtime::Runtime& runtime_;
  Loop& loop_;
  OnSkip on_skip_;
  std::uint64_t catalog_ = 0;
  using Key = std::tuple<TenantId, WorkflowId, std::string>;
  std::map<Key, std::shared_ptr<Live>> live_;
};

}  // namespace mbflow::server
