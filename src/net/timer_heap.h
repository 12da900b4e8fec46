// The timers of one loop: an indexed heap, so that adding and cancelling (which nearly every timer ends in) cost a few
// moves and no system call. Not thread-safe: it belongs to its loop's thread.
#pragma once

#include "base/loop.h"

#include <chrono>
#include <cstdint>
#include <vector>

namespace mbflow::net {

class TimerHeap {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr Time never = Time::max();

  [[nodiscard]] std::uint64_t add(Time at, Callback callback);  // never 0
  void remove(std::uint64_t id);                                // unknown and past ids are ignored
  [[nodiscard]] Time earliest() const { return heap_.empty() ? never : heap_.front().at; }
  // The next callback whose time has come, in order of time, then of adding; empty when there is none.
  [[nodiscard]] Callback take_due(Time now);
  void clear();

 private:
  struct Node {
    Time at;
    std::uint64_t sequence;
    std::uint32_t slot;
    [[nodiscard]] bool before(const Node& other) const {
      return at != other.at ? at < other.at : sequence < other.sequence;
    }
  };
  struct Slot {
    Callback callback;
    std::uint32_t position = 0;    // in heap_, while taken
    std::uint32_t generation = 1;  // tells an old id from the slot's present owner
    bool taken = false;
  };

  Callback erase(std::size_t position);
  void rise(std::size_t position);
  void sink(std::size_t position);
  void place(std::size_t position, Node node);

  std::vector<Node> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace mbflow::net
