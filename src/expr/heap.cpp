#include "expr/heap.h"

#include "expr/leash.h"

#include <quickjs.h>

#include <cstdlib>
#include <cstring>
#include <limits>

namespace mbflow::expr {

// The engine's way in.
struct HeapCalls {
  static std::size_t size_of(const void* memory) {
    return memory == nullptr ? 0 : (static_cast<const Heap::Block*>(memory) - 1)->size;
  }

  static void* allocate(void* opaque, std::size_t size) {
    Heap& heap = *static_cast<Heap*>(opaque);
    heap.hold();
    void* memory = heap.allocate(size);
    heap.release_hold();
    return memory;
  }

  static void* allocate_zeroed(void* opaque, std::size_t count, std::size_t size) {
    if (size != 0 && count > std::numeric_limits<std::size_t>::max() / size) return nullptr;
    void* memory = allocate(opaque, count * size);
    if (memory != nullptr) std::memset(memory, 0, count * size);
    return memory;
  }

  static void release(void* opaque, void* memory) {
    Heap& heap = *static_cast<Heap*>(opaque);
    heap.hold();
    heap.release(memory);
    heap.release_hold();
  }

  static void* resize(void* opaque, void* memory, std::size_t size) {
    Heap& heap = *static_cast<Heap*>(opaque);
    heap.hold();
    void* moved = heap.resize(memory, size);
    heap.release_hold();
    return moved;
  }
};

const JSMallocFunctions& Heap::functions() {
  static constexpr JSMallocFunctions table = {HeapCalls::allocate_zeroed, HeapCalls::allocate, HeapCalls::release,
                                              HeapCalls::resize, HeapCalls::size_of};
  return table;
}

void Heap::hold() {
  if (leash_ != nullptr) leash_->hold();
}
void Heap::release_hold() {
  if (leash_ != nullptr) leash_->release();
}

bool Heap::admit(std::size_t more) {
  if (used_ + more <= limit_ && used_ + more >= used_) return true;
  exhausted_ = true;
  return false;
}

void Heap::link(Block* block) {
  block->previous = nullptr;
  block->next = first_;
  if (first_ != nullptr) first_->previous = block;
  first_ = block;
  used_ += block->size;
}

void* Heap::allocate(std::size_t size) {
  if (!admit(size)) return nullptr;
  auto* block = static_cast<Block*>(std::malloc(sizeof(Block) + size));
  if (block == nullptr) {
    exhausted_ = true;
    return nullptr;
  }
  block->size = size;
  link(block);
  return block + 1;
}

void* Heap::resize(void* memory, std::size_t size) {
  if (memory == nullptr) return allocate(size);
  auto* block = static_cast<Block*>(memory) - 1;
  const std::size_t before = block->size;
  if (size > before && !admit(size - before)) return nullptr;
  auto* moved = static_cast<Block*>(std::realloc(block, sizeof(Block) + size));
  if (moved == nullptr) {
    exhausted_ = true;
    return nullptr;
  }
  moved->size = size;
  used_ += size - before;
  (moved->previous != nullptr ? moved->previous->next : first_) = moved;
  if (moved->next != nullptr) moved->next->previous = moved;
  return moved + 1;
}

void Heap::release(void* memory) {
  if (memory == nullptr) return;
  auto* block = static_cast<Block*>(memory) - 1;
  (block->previous != nullptr ? block->previous->next : first_) = block->next;
  if (block->next != nullptr) block->next->previous = block->previous;
  used_ -= block->size;
  std::free(block);
}

void Heap::free_all() {
  while (first_ != nullptr) release(first_ + 1);
}

}  // namespace mbflow::expr
