#include "base/work_pool.h"

namespace mbflow {

WorkPool::WorkPool(std::size_t threads, std::size_t most_waiting) : most_waiting_(most_waiting) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkPool::~WorkPool() {
  {
    std::lock_guard lock(mutex_);
    over_ = true;
  }
  came_.notify_all();
}

Result<void> WorkPool::push(Callback job) {
  {
    std::lock_guard lock(mutex_);
    if (over_ || jobs_.size() >= most_waiting_) {
      return fail(Kind::unavailable, "pool.full", "too many are waiting for this already; try again in a moment");
    }
    jobs_.push_back(std::move(job));
  }
  came_.notify_one();
  return {};
}

void WorkPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    came_.wait(lock, [this] { return over_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    Callback job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

}  // namespace mbflow
