#include "base/loop.h"

#include <exception>

namespace mbflow {
namespace {

// The frame that owns a spawned task: it starts at once, and frees itself when the task has ended.
struct Detached {
  struct promise_type {
    static void* operator new(std::size_t size) { return detail::allocate_frame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { detail::free_frame(frame, size); }
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };
};

Detached run(Task<void> task) { co_await std::move(task); }

// A coroutine parked until a timer or a stop. All of it is touched on the loop's thread only; the callbacks share it,
// so that one which comes after the coroutine has gone on (or is destroyed) finds nobody and does nothing.
struct Parked {
  explicit Parked(Loop& home) : loop(home) {}
  Loop& loop;
  std::coroutine_handle<> waiter;
  Loop::TimerId timer = 0;
  bool slept = false;

  void resume(bool whole) {
    if (!waiter) return;
    slept = whole;
    std::exchange(waiter, {}).resume();
  }
};

class Sleep {
 public:
  Sleep(Loop& loop, Duration delay, std::stop_token stop)
      : parked_(std::make_shared<Parked>(loop)), delay_(delay), stop_(std::move(stop)) {}
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;
  ~Sleep() {
    if (!started_) return;
    // Without a waiter a stop that is on its way does nothing; its callback ends before on_stop_ is gone.
    parked_->waiter = {};
    if (!parked_->slept) parked_->loop.cancel(parked_->timer);
  }

  [[nodiscard]] bool await_ready() const noexcept { return stop_.stop_requested(); }
  void await_suspend(std::coroutine_handle<> handle) {
    started_ = true;
    parked_->waiter = handle;
    parked_->timer = parked_->loop.after(delay_, [parked = parked_] { parked->resume(true); });
    if (stop_.stop_possible()) on_stop_.emplace(stop_, PostStop{parked_});
  }
  [[nodiscard]] bool await_resume() const noexcept { return parked_->slept; }

 private:
  // Runs on whatever thread asks to stop.
  struct PostStop {
    std::shared_ptr<Parked> parked;
    void operator()() const {
      parked->loop.post([parked = parked] { parked->resume(false); });
    }
  };

  std::shared_ptr<Parked> parked_;
  Duration delay_;
  std::stop_token stop_;
  bool started_ = false;
  std::optional<std::stop_callback<PostStop>> on_stop_;
};

class Yield {
 public:
  explicit Yield(Loop& loop) : parked_(std::make_shared<Parked>(loop)) {}
  Yield(const Yield&) = delete;
  Yield& operator=(const Yield&) = delete;
  ~Yield() { parked_->waiter = {}; }
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    parked_->waiter = handle;
    parked_->loop.post([parked = parked_] { parked->resume(true); });
  }
  void await_resume() const noexcept {}

 private:
  std::shared_ptr<Parked> parked_;
};

}  // namespace

void spawn(Loop& loop, Task<void> task) {
  loop.post([task = std::move(task)]() mutable { run(std::move(task)); });
}

Task<bool> sleep_for(Loop& loop, Duration delay, std::stop_token stop) {
  Sleep sleep(loop, delay, std::move(stop));
  co_return co_await sleep;
}

Task<void> yield(Loop& loop) {
  Yield turn(loop);
  co_await turn;
}

}  // namespace mbflow
