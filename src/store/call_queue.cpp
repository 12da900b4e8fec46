#include "store/call_queue.h"

#include "store/faults.h"

namespace mbflow::store {

Result<void> CallQueue::push(std::unique_ptr<Call>& call) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return store_closed();
    if (count_ >= limit_ || (count_ > 0 && bytes_ + call->bytes > byte_limit_))
      return fail(Kind::unavailable, "store.unavailable", "the store has more to write than it can; try again in a moment");
    ++count_;
    bytes_ += call->bytes;
    closed_ = call->last;
    calls_.push(std::move(call));
    wake = sleepers_ > 0;
  }
  if (wake) came_.notify_one();
  return {};
}

CallList CallQueue::take(std::size_t most, std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  if (calls_.empty() && !closed_ && wait.count() > 0) {
    ++sleepers_;
    came_.wait_for(lock, wait, [this] { return !calls_.empty() || closed_; });
    --sleepers_;
  }
  return take_now(most);
}

CallList CallQueue::take(std::size_t most) {
  std::unique_lock lock(mutex_);
  ++sleepers_;
  came_.wait(lock, [this] { return !calls_.empty() || closed_; });
  --sleepers_;
  return take_now(most);
}

CallList CallQueue::take_now(std::size_t most) {
  CallList taken;
  if (count_ <= most) {
    count_ = 0;
    bytes_ = 0;
    taken = std::move(calls_);
    return taken;
  }
  for (; most > 0; --most, --count_) {
    auto call = calls_.pop();
    bytes_ -= call->bytes;
    taken.push(std::move(call));
  }
  return taken;
}

void CallQueue::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  came_.notify_all();
}

bool CallQueue::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace mbflow::store
