// The memory of one JavaScript engine: bounded, counted, and freed as a whole when the engine is given up half-way.
// One thread.
#pragma once

#include <cstddef>

struct JSMallocFunctions;

namespace mbflow::expr {

class Leash;

class Heap {
 public:
  // An engine on a leash is not cut off while it is in here.
  explicit Heap(Leash* leash = nullptr) : leash_(leash) {}
  ~Heap() { free_all(); }
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  [[nodiscard]] static const JSMallocFunctions& functions();  // with the Heap as their opaque pointer

  [[nodiscard]] std::size_t used() const { return used_; }
  void set_limit(std::size_t bytes) { limit_ = bytes; }
  // A request was refused since the last call of forget(). QuickJS's own report of it can be lost on the way.
  [[nodiscard]] bool exhausted() const { return exhausted_; }
  void forget() { exhausted_ = false; }

  [[nodiscard]] void* allocate(std::size_t size);
  [[nodiscard]] void* resize(void* memory, std::size_t size);
  void release(void* memory);

 private:
  struct alignas(std::max_align_t) Block {
    Block* previous;
    Block* next;
    std::size_t size;
  };
  void free_all();
  void hold();
  void release_hold();
  friend struct HeapCalls;
  [[nodiscard]] bool admit(std::size_t more);
  void link(Block* block);

  Leash* leash_;
  Block* first_ = nullptr;
  std::size_t used_ = 0;
  std::size_t limit_ = static_cast<std::size_t>(-1);
  bool exhausted_ = false;
};

}  // namespace mbflow::expr
