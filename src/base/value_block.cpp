#include "base/value_block.h"

#include <new>
#include <random>
#include <utility>

namespace mbflow {
namespace {

using Block = ValueParts::Block;
using Tag = ValueParts::Tag;

bool last_reference(Block* block) noexcept { return block->refs.fetch_sub(1, std::memory_order_acq_rel) == 1; }

// The dead wait in a list threaded through their own headers, so that no depth of nesting can exhaust the stack.
// The lowest bits of a link keep the tag of the block it leads to.
class Dead {
 public:
  void push(Tag tag, Block* block) noexcept {
    block->memory = head_;
    head_ = reinterpret_cast<std::uintptr_t>(block) | static_cast<std::uintptr_t>(tag);
  }
  [[nodiscard]] bool empty() const noexcept { return head_ == 0; }
  std::pair<Tag, Block*> pop() noexcept {
    const auto tag = static_cast<Tag>(head_ & 7);
    auto* block = reinterpret_cast<Block*>(head_ & ~std::uintptr_t{7});
    head_ = block->memory;
    return {tag, block};
  }

 private:
  std::uint64_t head_ = 0;
};

void drop(const Value& child, Dead& dead) noexcept {
  Block* block = ValueParts::block(child);
  if (block && last_reference(block)) dead.push(ValueParts::tag(child), block);
}

struct Seed {
  std::uint64_t value;
  // Random per process: keys that come from outside must not be able to collide on purpose.
  Seed() {
    std::random_device device;
    value = (std::uint64_t{device()} << 32) ^ device();
  }
};

__extension__ using Wide = unsigned __int128;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

constexpr std::uint64_t salt_1 = 0xa0761d6478bd642f;
constexpr std::uint64_t salt_2 = 0xe7037ed1a0b428db;

}  // namespace

Block* ValueParts::allocate(std::size_t payload) {
  const std::size_t bytes = sizeof(Block) + payload;
  auto* block = new (::operator new(bytes)) Block;
  block->memory = bytes;
  return block;
}

void ValueParts::release(Tag tag, Block* block) noexcept {
  if (!last_reference(block)) return;
  Dead dead;
  dead.push(tag, block);
  while (!dead.empty()) {
    auto [kind, current] = dead.pop();
    if (kind == array) {
      for (std::size_t i = 0; i < current->size; ++i) drop(current->elements()[i], dead);
    }
    if (kind == object) {
      for (std::size_t i = 0; i < current->size; ++i) {
        drop(current->members()[i].key, dead);
        drop(current->members()[i].value, dead);
      }
    }
    current->~Block();
    ::operator delete(current);
  }
}

std::uint64_t ValueParts::hash(std::string_view key) noexcept {
  static const Seed seed;
  std::uint64_t state = seed.value ^ mix(key.size() ^ salt_1, salt_2);
  while (key.size() > 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, key.data(), 8);
    state = mix(state ^ word, salt_1 ^ seed.value);
    key.remove_prefix(8);
  }
  std::uint64_t tail = 0;
  if (!key.empty()) std::memcpy(&tail, key.data(), key.size());
  return mix(state ^ tail, salt_2 ^ seed.value);
}

std::size_t ValueParts::probe(std::span<const std::uint32_t> slots, std::span<const Member> members,
                              std::string_view key, std::size_t& slot) noexcept {
  const std::size_t mask = slots.size() - 1;
  for (slot = hash(key) & mask; slots[slot] != empty_slot; slot = (slot + 1) & mask) {
    if (as_text(members[slots[slot]].key) == key) return slots[slot];
  }
  return not_found;
}

std::size_t ValueParts::scan(std::span<const Member> members, std::string_view key) noexcept {
  if (key.size() > inline_limit) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (tag(members[i].key) == text && as_text(members[i].key) == key) return i;
    }
    return not_found;
  }
  const Value wanted = small_text(key);
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (word(members[i].key, 0) == word(wanted, 0) && word(members[i].key, 1) == word(wanted, 1)) return i;
  }
  return not_found;
}

Block* ValueParts::new_array(std::size_t count) {
  Block* block = allocate(count * sizeof(Value));
  block->depth = 1;
  return block;
}

Value ValueParts::take_array(std::span<Value> elements) {
  if (elements.empty()) return wrap(array, nullptr);
  Block* block = new_array(elements.size());
  for (Value& element : elements) push(*block, std::move(element));
  return wrap(array, block);
}

}  // namespace mbflow
