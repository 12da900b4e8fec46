// The conformance suite: what every Store promises, run on each backend. A backend's test links mbflow_store_suite and says
//   INSTANTIATE_TEST_SUITE_P(sqlite, StoreSuite, testing::Values(Backend{…}), backend_name);
// and, where several workers can be alive at once, the same of SharedStoreSuite.
// Stores are made without a loop: their calls end before they return.
#pragma once

#include "base/manual_loop.h"
#include "store/store.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>

namespace mbflow::store {

struct Backend {
  std::string name;
  std::function<std::unique_ptr<Store>(Env& env)> make;  // a new, empty one
};

inline void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }
[[nodiscard]] inline std::string backend_name(const testing::TestParamInfo<Backend>& info) { return info.param.name; }

namespace detail {
struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };
};
template <class T>
Detached keep_result(Task<T> task, std::optional<T>* result) {
  result->emplace(co_await std::move(task));
}
}  // namespace detail

// Runs a task that does not need a loop.
template <class T>
T now(Task<T> task) {
  std::optional<T> result;
  detail::keep_result(std::move(task), &result);
  if (!result) std::abort();  // it waits for something
  return std::move(*result);
}

// An execution's row and a commit of it, with the least that is needed.
[[nodiscard]] ExecutionRecord execution_of(TenantId tenant, ExecutionId id, ExecutionStatus status = ExecutionStatus::running);
[[nodiscard]] Commit first_commit(ExecutionRecord record, std::string chunk = "first", std::uint32_t last_seq = 1);
[[nodiscard]] Commit next_commit(const ExecutionRecord& record, std::string chunk, std::uint32_t events = 1);
[[nodiscard]] WorkflowRecord workflow_of(TenantId tenant, std::string name);
[[nodiscard]] WebhookRoute route_of(std::string path, std::string method, std::string node = "n1");
[[nodiscard]] Schedule schedule_of(std::string node, Timestamp since = {});
[[nodiscard]] LiveTriggers live(std::vector<WebhookRoute> routes, std::vector<Schedule> schedules = {},
                                std::vector<Subscription> subscriptions = {});
[[nodiscard]] std::vector<ExecutionId> ids_of(const std::vector<ExecutionRecord>& records);
// The n-th of ids that sort by n.
[[nodiscard]] ExecutionId nth_execution(std::uint64_t n);

class StoreSuite : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { store = GetParam().make(env); }

  // Fails the test when the call fails.
  template <class T>
  T get(Task<Result<T>> task) {
    auto result = now(std::move(task));
    if (result) return *std::move(result);
    ADD_FAILURE() << result.error().code << ": " << result.error().message;
    if constexpr (!std::is_void_v<T>) return T{};
  }
  // The code of its error, or "ok".
  template <class T>
  std::string code(Task<Result<T>> task) {
    auto result = now(std::move(task));
    return result ? "ok" : result.error().code;
  }
  WorkflowRecord saved(const std::string& name) { return get(store->save_workflow(workflow_of(tenant, name), {})); }
  // On a store that one process has to itself, this is the death of the one before.
  WorkerNumber join() { return get(store->join(std::chrono::hours(1))); }
  // A worker that lives when the other's lease is over: one of zero ends at once, or with the next join().
  WorkerNumber heir_of(WorkerNumber dying) {
    get(store->beat(dying, Duration::zero()));
    return join();
  }
  // Whatever wants to go on, now or later.
  std::vector<ExecutionRecord> claim_all(WorkerNumber worker) {
    return get(store->claim(worker, start + std::chrono::hours(1000), 1000));
  }
  ExecutionRecord created(std::uint64_t n, ExecutionStatus status, WorkerNumber owner = 0, Timestamp wake_at = {}) {
    auto record = execution_of(tenant, nth_execution(n), status);
    record.owner = owner;
    record.wake_at = wake_at;
    get(store->commit(first_commit(record)));
    record.last_seq = 1;
    return record;
  }
  ExecutionRecord queued(std::uint64_t n, std::int64_t lane, int limit = 0, WorkflowId workflow = {}, std::optional<TenantId> of = {}) {
    auto record = execution_of(of.value_or(tenant), nth_execution(n), ExecutionStatus::queued);
    record.workflow = workflow;
    record.lane = lane;
    record.lane_limit = limit;
    get(store->commit(first_commit(record)));
    record.last_seq = 1;
    return record;
  }
  int number_queued(int most) {
    int count = 0;
    for (const auto& one : get(store->queued(most))) count += one.count;
    return count;
  }
  void goes_to(ExecutionRecord record, ExecutionStatus status) {
    record.status = status;
    get(store->commit(next_commit(record, "on")));
  }
  std::vector<ExecutionRecord> claim_now(WorkerNumber worker, int limit = 1000) { return get(store->claim(worker, start, limit)); }
  // Looks everything through; how many blobs went.
  int collect(Duration grace) {
    int gone = 0;
    for (bool more = true; more;) {
      const auto step = get(store->collect_blobs(grace));
      gone += step.gone;
      more = step.more;
    }
    return gone;
  }
  void tell(const ExecutionRecord& record, const std::string& type) {
    get(store->send(Signal{.tenant = record.tenant, .execution = record.id, .body = Value::object({{"type", Value(type)}})}));
  }

  ManualEnv env{1};
  std::unique_ptr<Store> store;
  TenantId tenant = TenantId::make(env);
  TenantId stranger = TenantId::make(env);
  const Timestamp start{std::chrono::seconds(1'700'000'000)};
};

// What needs several workers that are alive at once.
class SharedStoreSuite : public StoreSuite {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SharedStoreSuite);

}  // namespace mbflow::store
