// A loop whose time stands still until a test moves it, and a world to go with it: seeded, and the same on every run.
// One thread owns both; only post(), and ManualEnv, may be used from others.
#pragma once

#include "base/env.h"
#include "base/loop.h"

#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace mbflow {

class ManualLoop final : public Loop {
 public:
  void post(Callback callback) override;
  TimerId after(Duration delay, Callback callback) override;
  void cancel(TimerId timer) override;
  [[nodiscard]] bool is_current() const override { return std::this_thread::get_id() == owner_; }

  // Runs what is posted and due, and what that posts, until nothing is left; tells how many callbacks ran. Time stands
  // still.
  std::size_t run_ready();
  // One callback, for a simulator that decides between them; false: nothing is posted or due.
  bool run_one();
  // Moves time forward, stopping at each timer on the way.
  void advance(Duration by);
  // Moves time to the next timer and runs what is ready then; false: there is no timer.
  bool run_next();
  // Lets everything happen, however long it takes in virtual time, until no timer is left.
  void run_until_idle();

  // Since the loop was made.
  [[nodiscard]] Duration now() const { return Duration(now_.load(std::memory_order_relaxed)); }
  [[nodiscard]] std::size_t timers() const { return timers_.size(); }

 private:
  using Due = std::pair<Duration, TimerId>;  // equal times fire in the order in which they were set

  void move_to(Duration at) { now_.store(at.count(), std::memory_order_relaxed); }

  std::thread::id owner_ = std::this_thread::get_id();
  std::atomic<Duration::rep> now_{0};
  TimerId last_timer_ = 0;
  std::map<Due, Callback> timers_;
  std::map<TimerId, Duration> due_;
  std::mutex mutex_;
  std::deque<Callback> posted_;  // guarded by mutex_
};

class ManualEnv final : public Env {
 public:
  // With a loop, the clock moves as its time does; it must outlive the Env.
  explicit ManualEnv(std::uint64_t seed, const ManualLoop* loop = nullptr);
  [[nodiscard]] Timestamp now() override;
  void random(std::span<std::uint8_t> out) override;
  void set_now(Timestamp at);
  void advance(Duration by);

 private:
  const ManualLoop* loop_;
  std::mutex mutex_;
  Timestamp start_;  // what the clock shows, without the loop's time
  std::uint64_t state_;
};

}  // namespace mbflow
