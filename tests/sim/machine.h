// A machine of the cluster: a loop and an Env over the one clock of the simulation. While it is frozen the clock goes on
// without it, as it does for a process that got SIGSTOP: thawed, it finds that its timers are long due.
#pragma once

#include "base/env.h"
#include "base/loop.h"
#include "sim/dice.h"

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>

namespace mbflow::sim {

struct Clock {
  Duration now{};
};

class MachineLoop final : public Loop {
 public:
  explicit MachineLoop(const Clock& clock) : clock_(clock) {}
  void post(Callback callback) override { posted_.push_back(std::move(callback)); }
  TimerId after(Duration delay, Callback callback) override;
  void cancel(TimerId timer) override;
  [[nodiscard]] bool is_current() const override { return true; }

  [[nodiscard]] Duration now() const { return clock_.now + ahead_; }
  [[nodiscard]] bool is_ready() const { return !posted_.empty() || (!timers_.empty() && timers_.begin()->first.first <= now()); }
  [[nodiscard]] std::optional<Duration> next_timer() const;
  void run_one();
  // Its process is dead: what was begun comes to an end at once, in a time of its own, seen by nobody. False: it does not end.
  [[nodiscard]] bool drain();

 private:
  const Clock& clock_;
  Duration ahead_{};
  TimerId last_timer_ = 0;
  std::deque<Callback> posted_;
  std::map<std::pair<Duration, TimerId>, Callback> timers_;
  std::unordered_map<TimerId, Duration> due_;
};

class MachineEnv final : public Env {
 public:
  // `skew`: how wrong its wall clock is. `slow`: computing takes time now and then.
  MachineEnv(std::uint64_t seed, const MachineLoop& loop, Duration skew, bool slow)
      : loop_(loop), dice_(seed), skew_(skew), slow_(slow) {}
  [[nodiscard]] Timestamp now() override;
  void random(std::span<std::uint8_t> out) override;
  void jump(Duration by) { skew_ += by; }  // somebody sets the wall clock

 private:
  const MachineLoop& loop_;
  Dice dice_;
  Duration skew_;
  Duration hiccups_{};
  bool slow_;
};

// The result of a task that never waits.
struct InlineLoop final : Loop {
  void post(Callback callback) override { callback(); }
  TimerId after(Duration, Callback) override { return 0; }
  void cancel(TimerId) override {}
  [[nodiscard]] bool is_current() const override { return true; }
};
template <class T>
Task<void> keep(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}
template <class T>
T run_now(Task<T> task) {
  InlineLoop loop;
  std::optional<T> result;
  spawn(loop, keep<T>(std::move(task), result));
  return *std::move(result);
}

}  // namespace mbflow::sim
