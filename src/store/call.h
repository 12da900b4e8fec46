// A call on its way: made by a coroutine on its loop, done on a database thread, handed back to the loop in batches (one post
// a loop and group, however many wait). A thread without a loop waits for its call. Shared by the backends that have threads;
// how a call is done is the backend's: it derives from Call.
#pragma once

#include "base/loop.h"

#include <mbflow/result.h>

#include <coroutine>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace mbflow::store {

class Waiting;

class Call {
 public:
  Call() = default;
  virtual ~Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  virtual void refuse(Error error) = 0;  // the result is this
  [[nodiscard]] virtual bool ok() const = 0;

  // Set before the call is queued.
  std::size_t bytes = 0;         // of memory, roughly
  bool flush = true;             // its success means: on disk
  bool atomic = false;           // several statements: what it wrote is taken back when its result is an error
  bool alters_catalog = false;
  bool last = false;             // closes the queue behind itself, and comes back when all is closed
  // The rest belongs to the queue, then to the batch.
  Call* next = nullptr;
  Loop* loop = nullptr;          // null: a thread waits
  Waiting* waiting = nullptr;    // touched on the loop only; null: nobody waits any more
  bool finished = false;         // for a waiting thread
};

// Base: what the backend derives from Call.
template <class T, class Base>
class ResultCall : public Base {
 public:
  void refuse(Error error) override { result.emplace(std::move(error)); }
  [[nodiscard]] bool ok() const override { return result && result->ok(); }
  std::optional<Result<T>> result;
};

// A singly linked list that owns its calls.
class CallList {
 public:
  CallList() = default;
  CallList(CallList&& other) noexcept : head_(std::exchange(other.head_, nullptr)), tail_(std::exchange(other.tail_, nullptr)) {}
  CallList& operator=(CallList&& other) noexcept {
    std::swap(head_, other.head_);
    std::swap(tail_, other.tail_);
    return *this;
  }
  ~CallList();  // whoever still waits for one waits for ever: only a loop that is gone drops them

  [[nodiscard]] bool empty() const { return !head_; }
  [[nodiscard]] Call* first() const { return head_; }
  void push(std::unique_ptr<Call> call);
  [[nodiscard]] std::unique_ptr<Call> pop();
  void append(CallList&& other);

 private:
  Call* head_ = nullptr;
  Call* tail_ = nullptr;
};

// Gives finished calls back to those who wait. Used by one database thread.
class Delivery {
 public:
  void add(std::unique_ptr<Call> call);
  void send();

 private:
  std::vector<std::pair<Loop*, CallList>> by_loop_;  // a handful; kept for the next group
};

class CallQueue;

// What a coroutine waits on: co_await gives the call back with its result in it.
class Waiting {
 public:
  Waiting(CallQueue& queue, Loop* loop, std::unique_ptr<Call> call);
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting();

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> handle);
  [[nodiscard]] std::unique_ptr<Call> await_resume() { return std::move(call_); }

 private:
  friend class CallList;
  void resume(std::unique_ptr<Call> call);
  static void resume_all(CallList& calls);
  friend class Delivery;

  CallQueue& queue_;
  Loop* loop_;
  std::unique_ptr<Call> call_;  // before it is queued and after it came back
  Call* pending_ = nullptr;     // in between
  std::coroutine_handle<> handle_;
};

}  // namespace mbflow::store
