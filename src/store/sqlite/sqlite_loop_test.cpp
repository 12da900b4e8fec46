// Calls from loops: they come back to their own loop, in batches, and nobody minds a waiter that has gone.
#include "store/sqlite/testing/test_folder.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <thread>

namespace mbflow::store {
namespace {

// A thread that runs what is posted.
class ThreadLoop final : public Loop {
 public:
  ThreadLoop() : thread_([this] { run(); }) {}
  ~ThreadLoop() override { stop(); }
  void post(Callback callback) override {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(callback));
    ++posts_;
    came_.notify_one();
  }
  TimerId after(Duration, Callback) override { return 0; }
  void cancel(TimerId) override {}
  [[nodiscard]] bool is_current() const override { return current == this; }
  [[nodiscard]] int posts() {
    std::lock_guard lock(mutex_);
    return posts_;
  }
  void stop() {
    if (!thread_.joinable()) return;
    post(nullptr);
    thread_.join();
  }

  static thread_local Loop* current;

 private:
  void run() {
    current = this;
    for (;;) {
      std::unique_lock lock(mutex_);
      came_.wait(lock, [this] { return !posted_.empty(); });
      auto callback = std::move(posted_.front());
      posted_.pop_front();
      lock.unlock();
      if (!callback) return;
      callback();
    }
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Callback> posted_;
  int posts_ = 0;
  std::thread thread_;
};
thread_local Loop* ThreadLoop::current = nullptr;

class FromLoops : public SqliteTest {
 protected:
  void open_with_loops(SqliteOptions options = {}) {
    options.current_loop = [] { return ThreadLoop::current; };
    open(std::move(options));
  }
};

struct Tally {
  std::atomic<int> ended = 0, good = 0, refused = 0, elsewhere = 0;
  void wait_for(int count) const {
    while (ended < count) ended.wait(ended.load());
  }
};

// One execution in `steps` commits.
Task<void> run_one(Store& store, Loop& loop, TenantId tenant, std::uint64_t n, std::uint32_t steps, Tally& tally) {
  auto commit = first_commit(execution_of(tenant, nth_execution(n)), "0");
  bool good = true;
  for (std::uint32_t step = 0; step < steps && good; ++step) {
    if (step > 0) commit = next_commit(commit.record, "next");
    auto copy = commit;
    auto result = co_await store.commit(std::move(copy));
    good = result.ok();
    if (!loop.is_current()) ++tally.elsewhere;
    if (!good && result.error().code == "store.unavailable") ++tally.refused;
  }
  auto read = co_await store.execution(tenant, commit.record.id);
  if (good && read.ok() && read->last_seq == steps) ++tally.good;
  ++tally.ended;
  tally.ended.notify_all();
}

TEST_F(FromLoops, each_resumes_on_its_own_loop) {
  ThreadLoop loops[2];
  open_with_loops();
  Tally tally;
  constexpr int executions = 500;
  for (int n = 0; n < executions; ++n) {
    auto& loop = loops[n % 2];
    spawn(loop, run_one(*store, loop, tenant, static_cast<std::uint64_t>(n), 4, tally));
  }
  tally.wait_for(executions);
  EXPECT_EQ(tally.good, executions);
  EXPECT_EQ(tally.elsewhere, 0);
  ASSERT_EQ(code(store->close()), "ok");
}

TEST_F(FromLoops, a_crowd_comes_back_in_batches) {
  ThreadLoop loop;
  open_with_loops();
  Tally tally;
  constexpr int executions = 1000;
  loop.post([&] {
    for (int n = 0; n < executions; ++n) spawn(loop, run_one(*store, loop, tenant, static_cast<std::uint64_t>(n), 1, tally));
  });
  tally.wait_for(executions);
  EXPECT_EQ(tally.good, executions);
  EXPECT_LT(loop.posts(), 1 + executions + executions + executions / 4);  // spawns, reads, and few for the commits
  ASSERT_EQ(code(store->close()), "ok");
}

TEST_F(FromLoops, a_full_queue_refuses_and_recovers) {
  ThreadLoop loop;
  open_with_loops({.queue_limit = 10});
  Tally tally;
  constexpr int executions = 200;
  loop.post([&] {
    for (int n = 0; n < executions; ++n) spawn(loop, run_one(*store, loop, tenant, static_cast<std::uint64_t>(n), 1, tally));
  });
  tally.wait_for(executions);
  EXPECT_GT(tally.good, 0);
  EXPECT_EQ(commit(9999), "ok");
  ASSERT_EQ(code(store->close()), "ok");
}

TEST_F(FromLoops, too_many_bytes_are_refused) {
  ManualLoop loop;
  open({.queue_bytes = 100'000, .current_loop = [&] { return &loop; }});
  std::vector<std::string> codes(40);
  auto run = [](Store& to, Commit commit, std::string& into) -> Task<void> {
    auto result = co_await to.commit(std::move(commit));
    into = result ? "ok" : result.error().code;
  };
  for (std::uint64_t n = 0; n < codes.size(); ++n)
    spawn(loop, run(*store, first_commit(execution_of(tenant, nth_execution(n)), std::string(90'000, 'x')), codes[n]));
  while (std::ranges::count(codes, "") > 0) loop.run_ready();
  EXPECT_EQ(std::ranges::count(codes, "ok") + std::ranges::count(codes, "store.unavailable"), 40);
  EXPECT_GT(std::ranges::count(codes, "store.unavailable"), 0);
  store.reset();
}

TEST_F(FromLoops, a_waiter_that_is_gone_does_no_harm) {
  ManualLoop loop;
  open({.current_loop = [&] { return &loop; }});
  struct Start {
    struct promise_type {
      Start get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
      std::suspend_never initial_suspend() noexcept { return {}; }
      std::suspend_always final_suspend() noexcept { return {}; }
      void return_void() {}
      void unhandled_exception() { std::terminate(); }
    };
    std::coroutine_handle<promise_type> handle;
  };
  bool came_back = false;
  auto begin = [](Store& to, Commit commit, bool& flag) -> Start {
    (void)co_await to.commit(std::move(commit));
    flag = true;
  };
  for (std::uint64_t n = 0; n < 50; ++n) {
    auto started = begin(*store, first_commit(execution_of(tenant, nth_execution(n))), came_back);
    if (n % 2) std::this_thread::sleep_for(std::chrono::microseconds(200));
    started.handle.destroy();
    loop.run_ready();
  }
  EXPECT_FALSE(came_back);
  store.reset();
  loop.run_ready();
  open();
  for (std::uint64_t n = 0; n < 50; ++n) EXPECT_TRUE(has(n));  // written all the same
}

TEST_F(FromLoops, close_writes_what_is_queued) {
  ThreadLoop loop;
  open_with_loops();
  Tally tally;
  constexpr int executions = 300;
  loop.post([&] {
    for (int n = 0; n < executions; ++n) spawn(loop, run_one(*store, loop, tenant, static_cast<std::uint64_t>(n), 1, tally));
  });
  while (tally.ended == 0) std::this_thread::yield();
  ASSERT_EQ(code(store->close()), "ok");
  tally.wait_for(executions);
  loop.stop();
  store.reset();
  open();
  int kept = 0;
  for (int n = 0; n < executions; ++n) kept += has(static_cast<std::uint64_t>(n));
  EXPECT_GE(kept, tally.good.load());
  EXPECT_EQ(kept + tally.refused, executions);
}

}  // namespace
}  // namespace mbflow::store
