// Task<T>: the one asynchronous form of MBFlow's interfaces. A lazy coroutine: it starts when awaited and resumes its
// awaiter when it ends. Awaiting twice is not allowed. A Task that is dropped before its end is destroyed.
//
// Threads: a Task runs on the thread that resumes it; MBFlow resumes every coroutine on the loop that started it.
//
// g++ 12 rule: never write a brace-built temporary or a capturing lambda inside a co_await expression (g++ 12 destroys
// it twice). Name it first, then await.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

namespace mbflow {

template <class T = void>
class Task;

namespace detail {

// Memory of coroutine frames; may be freed on another thread than it came from.
[[nodiscard]] void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

struct PromiseBase {
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }

  // Null, then whichever comes first: the awaiter that parked itself, or this promise's own address when the task has
  // ended. Atomic, so that even a task that something resumed on another thread cannot lose its awaiter.
  std::atomic<void*> meeting{nullptr};
  std::exception_ptr exception;

  struct FinalAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      PromiseBase& promise = self.promise();
      void* awaiter = promise.meeting.exchange(&promise, std::memory_order_acq_rel);
      return awaiter ? std::coroutine_handle<>::from_address(awaiter) : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }

  // False: the task has ended already.
  [[nodiscard]] bool park(std::coroutine_handle<> awaiter) noexcept {
    void* nobody = nullptr;
    return meeting.compare_exchange_strong(nobody, awaiter.address(), std::memory_order_acq_rel);
  }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object() noexcept;
  template <class U = T>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (exception) std::rethrow_exception(exception);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() const {
    if (exception) std::rethrow_exception(exception);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this == &other) return *this;
    if (handle_) handle_.destroy();
    handle_ = std::exchange(other.handle_, {});
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  // Runs the task here up to its first wait. One that ends without waiting leaves nothing on the stack: a loop may
  // await a million such tasks. (A transfer from coroutine to coroutine would need tail calls, which g++ makes at -O2
  // only and sanitizers never.)
  bool await_suspend(std::coroutine_handle<> awaiter) {
    promise_type& promise = handle_.promise();
    handle_.resume();
    return promise.park(awaiter);
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  Handle handle_;
};

template <class T>
Task<T> detail::Promise<T>::get_return_object() noexcept {
  return Task<T>(Task<T>::Handle::from_promise(*this));
}
inline Task<void> detail::Promise<void>::get_return_object() noexcept {
  return Task<void>(Task<void>::Handle::from_promise(*this));
}

}  // namespace mbflow
