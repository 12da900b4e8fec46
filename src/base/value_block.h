// The inside of Value: one reference-counted block for a long text, an array or an object. Only value*.cpp and the parsers
// of this folder include it.
//
// A block is its header, then the payload: bytes, Values, or Members followed (past `linear_limit`) by a hash index of
// positions. `depth` and `memory` are summed up when the block is made, since a finished block never changes.
#pragma once

#include <mbflow/value.h>

#include <atomic>
#include <bit>
#include <cstring>
#include <span>

namespace mbflow {

struct Value::Block {
  std::atomic<std::uint32_t> refs{1};
  std::uint32_t depth = 0;
  std::uint64_t size = 0;    // bytes, elements or members
  std::uint64_t memory = 0;  // this block and all below; after the last release, the link of the list of the dead

  [[nodiscard]] char* text() noexcept { return reinterpret_cast<char*>(this + 1); }
  [[nodiscard]] Value* elements() noexcept { return reinterpret_cast<Value*>(this + 1); }
  [[nodiscard]] Member* members() noexcept { return reinterpret_cast<Member*>(this + 1); }
  [[nodiscard]] std::uint32_t* slots() noexcept { return reinterpret_cast<std::uint32_t*>(members() + size); }
};

struct ValueParts {
  using Block = Value::Block;
  enum Tag : unsigned char { null, boolean, integer, number, inline_text, text, array, object };
  static constexpr std::size_t inline_limit = 14;
  static constexpr std::size_t linear_limit = 16;  // objects up to this size are searched without an index
  static constexpr std::uint32_t empty_slot = 0xFFFFFFFF;
  static constexpr std::size_t not_found = static_cast<std::size_t>(-1);

  [[nodiscard]] static Tag tag(const Value& value) noexcept { return static_cast<Tag>(value.bytes_[15]); }
  [[nodiscard]] static Block* block(const Value& value) noexcept {
    Block* block = nullptr;
    if (tag(value) >= text) std::memcpy(&block, value.bytes_, sizeof block);
    return block;
  }
  // Takes over one reference.
  [[nodiscard]] static Value wrap(Tag tag, Block* block) noexcept {
    Value value;
    std::memcpy(value.bytes_, &block, sizeof block);
    value.bytes_[15] = tag;
    return value;
  }

  // Both move out of the span; an object keeps the first place and the last value of a key.
  [[nodiscard]] static Value take_array(std::span<Value> elements);
  [[nodiscard]] static Value take_object(std::span<Member> members);

  // For a parser that knows how many come: a block of size 0 with room for `count`, filled in place by push, wrapped from
  // the start so that it is never lost; an object is sealed when it is full. Wants count > 0.
  [[nodiscard]] static Block* new_array(std::size_t count);
  [[nodiscard]] static Block* new_object(std::size_t count);
  static void push(Block& block, Value element) noexcept;
  static void push(Block& block, Value key, Value value) noexcept;
  static void seal(Block& block) noexcept;  // drops doubled keys, indexes

  [[nodiscard]] static Block* allocate(std::size_t payload);
  static void add_up(Block& block, const Value& child) noexcept;  // its depth and memory
  static void release(Tag tag, Block* block) noexcept;
  [[nodiscard]] static std::uint64_t hash(std::string_view key) noexcept;
  [[nodiscard]] static std::size_t slot_count(std::size_t members) noexcept {
    return members <= linear_limit ? 0 : std::bit_ceil(members + members / 2);
  }
  // The position of the key among the members, or not_found; the slot where it is or would go is left in `slot`.
  static std::size_t probe(std::span<const std::uint32_t> slots, std::span<const Member> members,
                                         std::string_view key, std::size_t& slot) noexcept;
  [[nodiscard]] static std::size_t scan(std::span<const Member> members, std::string_view key) noexcept;
};

}  // namespace mbflow
