// Loop: where coroutines resume and timers fire. One Loop is one thread; everything a coroutine touches stays on its
// loop. The server's loops run on the network library (net/), tests use a manual loop with virtual time.
#pragma once

#include "base/time.h"

#include <mbflow/task.h>

#include <atomic>
#include <coroutine>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace mbflow {

using Callback = std::move_only_function<void()>;

class Loop {
 public:
  using TimerId = std::uint64_t;
  virtual ~Loop() = default;
  virtual void post(Callback callback) = 0;                      // any thread
  virtual TimerId after(Duration delay, Callback callback) = 0;  // loop thread; monotonic clock
  virtual void cancel(TimerId timer) = 0;                        // loop thread; unknown ids are ignored
  [[nodiscard]] virtual bool is_current() const = 0;
};

// Starts a task on the loop's thread and lets it run to its end; an exception that leaves it ends the process.
void spawn(Loop& loop, Task<void> task);

// One value from anywhere to one coroutine. `set` may come before or after `wait`, from any thread, once; the waiter is
// resumed on its loop. A waiter that is destroyed first is forgotten. The loop must outlive every set().
template <class T>
class OneShot {
 public:
  explicit OneShot(Loop& loop) : state_(std::make_shared<State>(loop)) {}

  class Setter {
   public:
    void set(T value) const {
      std::coroutine_handle<> waiter;
      {
        std::lock_guard lock(state_->mutex);
        if (state_->value) return;
        state_->value.emplace(std::move(value));
        waiter = std::exchange(state_->waiter, {});
      }
      if (!waiter) return;
      // The state is kept alive by the callback, so a waiter that is destroyed meanwhile is seen.
      state_->loop.post([state = state_] {
        if (auto handle = std::exchange(state->resuming, {})) handle.resume();
      });
    }

   private:
    friend class OneShot;
    explicit Setter(std::shared_ptr<typename OneShot::State> state) : state_(std::move(state)) {}
    std::shared_ptr<typename OneShot::State> state_;
  };

  [[nodiscard]] Setter setter() const { return Setter(state_); }

  class Awaiter {
   public:
    explicit Awaiter(std::shared_ptr<typename OneShot::State> state) : state_(std::move(state)) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    ~Awaiter() {
      std::lock_guard lock(state_->mutex);
      state_->waiter = {};
      state_->resuming = {};
    }
    [[nodiscard]] bool await_ready() const {
      std::lock_guard lock(state_->mutex);
      return state_->value.has_value();
    }
    bool await_suspend(std::coroutine_handle<> handle) {
      std::lock_guard lock(state_->mutex);
      if (state_->value) return false;
      state_->waiter = handle;
      state_->resuming = handle;
      return true;
    }
    T await_resume() {
      std::lock_guard lock(state_->mutex);
      return std::move(*state_->value);
    }

   private:
    std::shared_ptr<typename OneShot::State> state_;
  };
  [[nodiscard]] Awaiter wait() { return Awaiter(state_); }

 private:
  struct State {
    explicit State(Loop& home) : loop(home) {}
    Loop& loop;
    std::mutex mutex;
    std::optional<T> value;
    std::coroutine_handle<> waiter;    // whom set() must wake
    std::coroutine_handle<> resuming;  // touched on the loop only, once the waiter is parked
  };
  std::shared_ptr<State> state_;
};

// Ends early, with false, when stop is requested.
[[nodiscard]] Task<bool> sleep_for(Loop& loop, Duration delay, std::stop_token stop);
// Lets other work of the loop run.
[[nodiscard]] Task<void> yield(Loop& loop);

}  // namespace mbflow
