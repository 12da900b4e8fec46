#include "store/call.h"

#include "store/call_queue.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace mbflow::store {

namespace {

// Threads without a loop (the command line, tests) wait here, all in one place: it outlives every call.
struct WaitingRoom {
  std::mutex mutex;
  std::condition_variable done;
};

WaitingRoom& waiting_room() {
  static WaitingRoom room;
  return room;
}

}  // namespace

CallList::~CallList() {
  while (auto call = pop()) {
    if (call->waiting) call->waiting->pending_ = nullptr;
  }
}

void CallList::push(std::unique_ptr<Call> call) {
  auto* raw = call.release();
  raw->next = nullptr;
  if (tail_) tail_->next = raw;
  else head_ = raw;
  tail_ = raw;
}

std::unique_ptr<Call> CallList::pop() {
  std::unique_ptr<Call> call(head_);
  if (!call) return call;
  head_ = std::exchange(call->next, nullptr);
  if (!head_) tail_ = nullptr;
  return call;
}

void CallList::append(CallList&& other) {
  if (other.empty()) return;
  if (tail_) tail_->next = other.head_;
  else head_ = other.head_;
  tail_ = std::exchange(other.tail_, nullptr);
  other.head_ = nullptr;
}

void Delivery::add(std::unique_ptr<Call> call) {
  if (!call->loop) {
    auto& room = waiting_room();
    std::lock_guard lock(room.mutex);
    call.release()->finished = true;  // the thread that waits owns it again
    room.done.notify_all();
    return;
  }
  auto* loop = call->loop;
  auto place = std::ranges::find(by_loop_, loop, &std::pair<Loop*, CallList>::first);
  if (place == by_loop_.end()) place = by_loop_.insert(place, {loop, CallList()});
  place->second.push(std::move(call));
}

void Delivery::send() {
  for (auto& [loop, calls] : by_loop_) {
    if (calls.empty()) continue;
    loop->post([batch = std::move(calls)]() mutable { Waiting::resume_all(batch); });
  }
}

Waiting::Waiting(CallQueue& queue, Loop* loop, std::unique_ptr<Call> call)
    : queue_(queue), loop_(loop), call_(std::move(call)) {}

// Runs on the loop, as resume_all() does.
Waiting::~Waiting() {
  if (pending_) pending_->waiting = nullptr;
}

bool Waiting::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  pending_ = call_.get();
  call_->loop = loop_;
  call_->waiting = loop_ ? this : nullptr;
  auto* pending = pending_;
  if (!loop_) pending_ = nullptr;
  // From here on the call may come back at any time; with a loop, only after this function has returned.
  if (auto queued = queue_.push(call_); !queued) {
    pending_ = nullptr;
    call_->refuse(std::move(queued).error());
    return false;
  }
  if (loop_) return true;
  auto& room = waiting_room();
  std::unique_lock lock(room.mutex);
  room.done.wait(lock, [pending] { return pending->finished; });
  call_.reset(pending);
  return false;
}

void Waiting::resume(std::unique_ptr<Call> call) {
  pending_ = nullptr;
  call_ = std::move(call);
  handle_.resume();
}

void Waiting::resume_all(CallList& calls) {
  while (auto call = calls.pop()) {
    if (auto* waiting = std::exchange(call->waiting, nullptr)) waiting->resume(std::move(call));
  }
}

}  // namespace mbflow::store
