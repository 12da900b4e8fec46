#include "base/manual_loop.h"

#include <algorithm>

namespace mbflow {

void ManualLoop::post(Callback callback) {
  std::lock_guard lock(mutex_);
  posted_.push_back(std::move(callback));
}

Loop::TimerId ManualLoop::after(Duration delay, Callback callback) {
  const TimerId timer = ++last_timer_;
  const Duration at = now() + std::max(delay, Duration(0));
  timers_.emplace(Due{at, timer}, std::move(callback));
  due_.emplace(timer, at);
  return timer;
}

void ManualLoop::cancel(TimerId timer) {
  const auto found = due_.find(timer);
  if (found == due_.end()) return;
  // Out of the map before it dies: what a callback holds may cancel other timers as it goes.
  const auto node = timers_.extract(Due{found->second, timer});
  due_.erase(found);
}

bool ManualLoop::run_one() {
  Callback callback;
  {
    std::lock_guard lock(mutex_);
    if (!posted_.empty()) {
      callback = std::move(posted_.front());
      posted_.pop_front();
    }
  }
  if (!callback && !timers_.empty() && timers_.begin()->first.first <= now()) {
    auto node = timers_.extract(timers_.begin());
    due_.erase(node.key().second);
    callback = std::move(node.mapped());
  }
  if (!callback) return false;
  callback();
  return true;
}

std::size_t ManualLoop::run_ready() {
  std::size_t count = 0;
  while (run_one()) ++count;
  return count;
}

void ManualLoop::advance(Duration by) {
  const Duration target = now() + by;
  run_ready();
  while (!timers_.empty() && timers_.begin()->first.first <= target) {
    move_to(timers_.begin()->first.first);
    run_ready();
  }
  move_to(target);
}

bool ManualLoop::run_next() {
  run_ready();
  if (timers_.empty()) return false;
  move_to(timers_.begin()->first.first);
  run_ready();
  return true;
}

void ManualLoop::run_until_idle() {
  while (run_next()) {
  }
}

ManualEnv::ManualEnv(std::uint64_t seed, const ManualLoop* loop)
    : loop_(loop), start_(std::chrono::sys_days(std::chrono::year(2030) / 1 / 1)), state_(seed) {}

Timestamp ManualEnv::now() {
  std::lock_guard lock(mutex_);
  return start_ + (loop_ ? loop_->now() : Duration(0));
}

void ManualEnv::set_now(Timestamp at) {
  std::lock_guard lock(mutex_);
  start_ = at - (loop_ ? loop_->now() : Duration(0));
}

void ManualEnv::advance(Duration by) {
  std::lock_guard lock(mutex_);
  start_ += by;
}

void ManualEnv::random(std::span<std::uint8_t> out) {
  std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < out.size(); ++i) {
    // splitmix64 (Steele, Lea, Flood 2014): one step for eight bytes.
    if (i % 8 == 0) state_ += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = (state_ ^ (state_ >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    mixed ^= mixed >> 31;
    out[i] = static_cast<std::uint8_t>(mixed >> (8 * (i % 8)));
  }
}

}  // namespace mbflow
