#include "sim/machine.h"

#include "sim/scenario.h"

#include <algorithm>

namespace mbflow::sim {
namespace {

constexpr int most_last_steps = 1'000'000;  // of a dead process

}  // namespace

Loop::TimerId MachineLoop::after(Duration delay, Callback callback) {
  const TimerId timer = ++last_timer_;
  const Duration at = now() + std::max(delay, Duration(0));
  timers_.emplace(std::pair(at, timer), std::move(callback));
  due_.emplace(timer, at);
  return timer;
}

void MachineLoop::cancel(TimerId timer) {
  const auto found = due_.find(timer);
  if (found == due_.end()) return;
  // Out of the map before it dies: what a callback holds may cancel other timers as it goes.
  const auto node = timers_.extract(std::pair(found->second, timer));
  due_.erase(found);
}

std::optional<Duration> MachineLoop::next_timer() const {
  return timers_.empty() ? std::nullopt : std::optional(timers_.begin()->first.first);
}

void MachineLoop::run_one() {
  Callback callback;
  if (!posted_.empty()) {
    callback = std::move(posted_.front());
    posted_.pop_front();
  } else {
    auto node = timers_.extract(timers_.begin());
    due_.erase(node.key().second);
    callback = std::move(node.mapped());
  }
  callback();
}

bool MachineLoop::drain() {
  for (int steps = 0; steps < most_last_steps; ++steps) {
    if (!is_ready() && timers_.empty()) return true;
    if (!is_ready()) ahead_ = timers_.begin()->first.first - clock_.now;
    run_one();
  }
  return false;
}

Timestamp MachineEnv::now() {
  constexpr Duration hiccup = std::chrono::milliseconds(21);
  constexpr Duration most = std::chrono::seconds(2);
  if (slow_ && hiccups_ < most && dice_.one_in(100)) hiccups_ += hiccup;
  return beginning + loop_.now() + skew_ + hiccups_;
}

void MachineEnv::random(std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < out.size(); i += 8) {
    std::uint64_t word = dice_.next();
    for (std::size_t k = i; k < std::min(out.size(), i + 8); ++k, word >>= 8) out[k] = static_cast<std::uint8_t>(word);
  }
}

}  // namespace mbflow::sim
