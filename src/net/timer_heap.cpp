#include "net/timer_heap.h"

#include <utility>

namespace mbflow::net {

std::uint64_t TimerHeap::add(Time at, Callback callback) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  auto index = free_.back();
  free_.pop_back();
  Slot& slot = slots_[index];
  slot.callback = std::move(callback);
  slot.taken = true;
  heap_.push_back(Node{at, next_sequence_++, index});
  slot.position = static_cast<std::uint32_t>(heap_.size() - 1);
  rise(heap_.size() - 1);
  return std::uint64_t{slot.generation} << 32 | index;
}

void TimerHeap::remove(std::uint64_t id) {
  auto index = static_cast<std::uint32_t>(id);
  if (index >= slots_.size()) return;
  Slot& slot = slots_[index];
  if (!slot.taken || slot.generation != id >> 32) return;
  // What the callback holds may come back here from its destructor: it dies after the heap is whole again.
  Callback dropped = erase(slot.position);
}

Callback TimerHeap::take_due(Time now) {
  if (heap_.empty() || heap_.front().at > now) return {};
  return erase(0);
}

void TimerHeap::clear() {
  while (!heap_.empty()) Callback dropped = erase(0);
}

Callback TimerHeap::erase(std::size_t position) {
  auto index = heap_[position].slot;
  Node last = heap_.back();
  heap_.pop_back();
  if (position < heap_.size()) {
    place(position, last);
    rise(position);
    sink(slots_[last.slot].position);
  }
  Slot& slot = slots_[index];
  slot.taken = false;
  if (++slot.generation == 0) slot.generation = 1;
  free_.push_back(index);
  return std::exchange(slot.callback, {});
}

void TimerHeap::rise(std::size_t position) {
  Node node = heap_[position];
  while (position > 0) {
    std::size_t parent = (position - 1) / 2;
    if (!node.before(heap_[parent])) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, node);
}

void TimerHeap::sink(std::size_t position) {
  Node node = heap_[position];
  for (;;) {
    std::size_t child = position * 2 + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].before(heap_[child])) ++child;
    if (!heap_[child].before(node)) break;
    place(position, heap_[child]);
    position = child;
  }
  place(position, node);
}

void TimerHeap::place(std::size_t position, Node node) {
  heap_[position] = node;
  slots_[node.slot].position = static_cast<std::uint32_t>(position);
}

}  // namespace mbflow::net
