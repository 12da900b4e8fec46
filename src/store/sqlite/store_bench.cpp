// How fast the SQLite store takes commits: `store_sqlite_bench [FOLDER] [SECONDS] [HISTORY]`. Two loops call it, each with half of the
// callers; every caller waits for its commit before the next. Figures: commits a second, latency as the caller sees it, CPU
// of the whole process for one commit, bytes on disk for one execution.
#include "store/sqlite/sqlite_store.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>

namespace mbflow::store {
namespace {

using Clock = std::chrono::steady_clock;

class BenchLoop final : public Loop {
 public:
  BenchLoop() : thread_([this] { run(); }) {}
  ~BenchLoop() override {
    post(nullptr);
    thread_.join();
  }
  void post(Callback callback) override {
    bool wake = false;
    {
      std::lock_guard lock(mutex_);
      wake = posted_.empty();
      posted_.push_back(std::move(callback));
    }
    if (wake) came_.notify_one();
  }
  TimerId after(Duration, Callback) override { return 0; }
  void cancel(TimerId) override {}
  [[nodiscard]] bool is_current() const override { return current == this; }
  static thread_local Loop* current;

 private:
  void run() {
    current = this;
    for (;;) {
      std::deque<Callback> batch;
      {
        std::unique_lock lock(mutex_);
        came_.wait(lock, [this] { return !posted_.empty(); });
        batch.swap(posted_);
      }
      for (auto& callback : batch) {
        if (!callback) return;
        callback();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Callback> posted_;
  std::thread thread_;
};
thread_local Loop* BenchLoop::current = nullptr;

struct Work {
  const char* name;
  int callers;
  int commits;  // of one execution
  bool flush;
};

struct Tally {
  Clock::time_point until;
  std::atomic<int> running = 0;
  std::atomic<std::uint64_t> executions = 0, failed = 0;
  std::mutex mutex;
  std::vector<float> micros;
};

Commit commit_of(ExecutionId id, int step, int steps) {
  Commit commit{.create = step == 0, .first_seq = static_cast<std::uint32_t>(step + 1), .chunk = std::string(1000, 'x')};
  commit.record.id = id;
  commit.record.status = step + 1 == steps ? ExecutionStatus::succeeded : ExecutionStatus::running;
  commit.record.trigger = "webhook";
  commit.record.version = 1;
  commit.record.created_at = commit.record.started_at = commit.record.finished_at = Timestamp(std::chrono::years(56));
  commit.record.last_seq = commit.first_seq;
  return commit;
}

Task<void> call(Store& store, const Work& work, Tally& tally) {
  std::vector<float> micros;
  while (Clock::now() < tally.until) {
    auto id = ExecutionId::make(system_env());
    for (int step = 0; step < work.commits; ++step) {
      auto commit = commit_of(id, step, work.commits);
      commit.flush = work.flush;
      auto before = Clock::now();
      auto result = co_await store.commit(std::move(commit));
      micros.push_back(std::chrono::duration<float, std::micro>(Clock::now() - before).count());
      if (!result) ++tally.failed;
    }
    ++tally.executions;
  }
  std::lock_guard lock(tally.mutex);
  tally.micros.insert(tally.micros.end(), micros.begin(), micros.end());
  --tally.running;
  tally.running.notify_all();
}

// One in a thousand fails.
Task<void> fill(Store& store, std::uint64_t count, Tally& tally) {
  for (std::uint64_t i = 0; i < count; ++i) {
    auto commit = commit_of(ExecutionId::make(system_env()), 0, 1);
    if (i % 1000 == 999) commit.record.status = ExecutionStatus::failed;
    commit.flush = false;
    auto result = co_await store.commit(std::move(commit));
    if (!result) ++tally.failed;
  }
  --tally.running;
  tally.running.notify_all();
}

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
Detached keep(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}
template <class T>
T wait_for(Task<T> task) {
  std::optional<T> result;
  keep(std::move(task), result);
  return std::move(*result);
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void run(const std::string& path, const Work& work, double seconds) {
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path + suffix);
  SqliteOptions options{.path = path, .current_loop = [] { return BenchLoop::current; }};
  auto opened = open_sqlite_store(system_env(), std::move(options));
  if (!opened) return void(std::printf("%s\n", opened.error().message.c_str()));
  auto store = std::move(*opened);
  Tally tally;
  auto begin = Clock::now();
  auto cpu = cpu_seconds();
  tally.until = begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  tally.running = work.callers;
  {
    BenchLoop loops[2];
    for (int i = 0; i < work.callers; ++i) spawn(loops[i % 2], call(*store, work, tally));
    for (int left = tally.running; left > 0; left = tally.running) tally.running.wait(left);
  }
  auto took = std::chrono::duration<double>(Clock::now() - begin).count();
  cpu = cpu_seconds() - cpu;
  store.reset();
  std::ranges::sort(tally.micros);
  auto count = static_cast<double>(tally.micros.size());
  auto at = [&](double part) { return static_cast<double>(tally.micros[static_cast<std::size_t>((count - 1) * part)]); };
  std::printf("%-34s %5d callers %8.0f commits/s  p50 %7.0f us  p99 %7.0f us  cpu %5.1f us  %6.0f bytes an execution%s\n", work.name,
              work.callers, count / took, at(0.5), at(0.99), cpu / count * 1e6,
              static_cast<double>(std::filesystem::file_size(path)) / static_cast<double>(tally.executions),
              tally.failed ? "  FAILED" : "");
  std::fflush(stdout);
}

// Lists out of a long history; the calls block this thread.
void run_history(const std::string& path, std::uint64_t rows) {
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path + suffix);
  SqliteOptions options{.path = path, .current_loop = [] { return BenchLoop::current; }};
  auto store = std::move(*open_sqlite_store(system_env(), std::move(options)));
  Tally tally;
  {
    BenchLoop loops[2];
    tally.running = 2048;
    for (int i = 0; i < 2048; ++i) spawn(loops[i % 2], fill(*store, rows / 2048, tally));
    for (int left = tally.running; left > 0; left = tally.running) tally.running.wait(left);
  }
  for (int status : {-1, 3, 4}) {
    ExecutionFilter filter{.workflow = WorkflowId{}, .limit = 20};
    if (status >= 0) filter.statuses = {static_cast<ExecutionStatus>(status)};
    std::vector<float> micros;
    std::size_t found = 0;
    for (int i = 0; i < 500; ++i) {
      auto before = Clock::now();
      auto list = wait_for(store->executions({}, filter));
      found = list.ok() ? list->size() : 0;
      micros.push_back(std::chrono::duration<float, std::micro>(Clock::now() - before).count());
    }
    std::ranges::sort(micros);
    std::printf("last 20 of %9llu, status %2d: %zu found  p50 %6.0f us  p99 %6.0f us\n", static_cast<unsigned long long>(rows), status,
                found, static_cast<double>(micros[250]), static_cast<double>(micros[495]));
  }
}

}  // namespace
}  // namespace mbflow::store

int main(int argc, char** argv) {
  using mbflow::store::Work;
  std::string folder = argc > 1 ? argv[1] : ".";
  double seconds = argc > 2 ? std::atof(argv[2]) : 3;
  for (int callers : {1, 2, 16, 64, 256, 1024})
    mbflow::store::run(folder + "/bench.db", Work{"one commit, succeeded", callers, 1, true}, seconds);
  for (int callers : {1, 64, 1024})
    mbflow::store::run(folder + "/bench.db", Work{"two commits, running then succeeded", callers, 2, true}, seconds);
  mbflow::store::run(folder + "/bench.db", Work{"eight commits", 256, 8, true}, seconds);
  for (int callers : {1, 64})
    mbflow::store::run(folder + "/bench.db", Work{"one commit, not flushed", callers, 1, false}, seconds);
  if (argc > 3) mbflow::store::run_history(folder + "/bench.db", std::strtoull(argv[3], nullptr, 10));
}
