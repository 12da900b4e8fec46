// Calls that wait for a database thread, in order and within bounds. Any thread.
#pragma once

#include "store/call.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace mbflow::store {

class CallQueue {
 public:
  CallQueue(std::size_t limit, std::size_t byte_limit) : limit_(limit), byte_limit_(byte_limit) {}

  // Takes the call, or leaves it with its owner: store.unavailable when the queue is full or closed.
  [[nodiscard]] Result<void> push(std::unique_ptr<Call>& call);
  // Up to `most` calls. Waits for the first one: until the queue is closed, or as long as said.
  [[nodiscard]] CallList take(std::size_t most, std::chrono::milliseconds wait);
  // For a thread with nothing else to do: waits without end, unless the queue is closed.
  [[nodiscard]] CallList take(std::size_t most);
  // No call comes in any more; those inside can still be taken.
  void close();
  [[nodiscard]] bool closed() const;

 private:
  [[nodiscard]] CallList take_now(std::size_t most);

  const std::size_t limit_;
  const std::size_t byte_limit_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable came_;
  CallList calls_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  int sleepers_ = 0;  // a busy thread looks by itself: no system call to wake it
  bool closed_ = false;
};

}  // namespace mbflow::store
