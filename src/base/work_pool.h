// A few threads for what would hold a loop up: a task waits on its loop while its work is done elsewhere. Ends what it has begun,
// then joins.
#pragma once

#include "base/loop.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace mbflow {

class WorkPool {
 public:
  // `most_waiting`: beyond, run() gives error pool.full (unavailable).
  WorkPool(std::size_t threads, std::size_t most_waiting);
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // The result of `work`, which takes nothing and throws nothing.
  template <class T>
  [[nodiscard]] Task<Result<T>> run(Loop& loop, std::move_only_function<T()> work) {
    OneShot<T> done(loop);
    Callback job = [work = std::move(work), setter = done.setter()]() mutable { setter.set(work()); };
    MBF_CO_CHECK(push(std::move(job)));
    co_return co_await done.wait();
  }

 private:
  [[nodiscard]] Result<void> push(Callback job);
  void work();

  const std::size_t most_waiting_;
  std::mutex mutex_;  // guards all below
  std::condition_variable came_;
  std::deque<Callback> jobs_;
  bool over_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace mbflow
