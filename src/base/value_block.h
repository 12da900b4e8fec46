// The inside of Value: one reference-counted block for a long text, an array or an object. Only value*.cpp and the
// parsers of this folder include it.
//
// A block is its header, then the payload: bytes, Values, or Members followed (past `linear_limit`) by a hash index of
// positions. `depth` and `memory` are summed up when the block is made, since a finished block never changes.
#pragma once

#include <mbflow/value.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <new>
#include <span>
#include <utility>

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
    return from_words(reinterpret_cast<std::uintptr_t>(block), std::uint64_t{tag} << 56);
  }

  // The readers of Value once more, for the inner loops of this folder: without a call, and without asking for the
  // type.
  [[nodiscard]] static std::string_view as_text(const Value& value) noexcept {
    if (tag(value) == inline_text) return {reinterpret_cast<const char*>(value.bytes_), value.bytes_[14]};
    if (tag(value) != text) return {};
    Block* shared = block(value);
    return {shared->text(), shared->size};
  }
  [[nodiscard]] static std::size_t size(const Value& value) noexcept {
    const Block* shared = tag(value) >= array ? block(value) : nullptr;
    return shared ? shared->size : 0;
  }
  [[nodiscard]] static std::span<const Value> elements(const Value& value) noexcept {
    Block* shared = block(value);
    return shared ? std::span<const Value>(shared->elements(), shared->size) : std::span<const Value>();
  }
  [[nodiscard]] static std::span<const Member> members(const Value& value) noexcept {
    Block* shared = block(value);
    return shared ? std::span<const Member>(shared->members(), shared->size) : std::span<const Member>();
  }
  [[nodiscard]] static std::uint64_t memory_below(const Value& value) noexcept {
    const Block* shared = block(value);
    return shared ? shared->memory : 0;
  }
  [[nodiscard]] static std::uint32_t depth(const Value& value) noexcept {
    if (tag(value) < array) return 0;
    const Block* shared = block(value);
    return shared ? shared->depth : 1;
  }
  // Of two texts; most keys are decided by comparing two words.
  [[nodiscard]] static bool same_text(const Value& a, const Value& b) noexcept {
    if (word(a, 0) == word(b, 0) && word(a, 1) == word(b, 1)) return true;
    return tag(a) == text && tag(b) == text && as_text(a) == as_text(b);
  }
  [[nodiscard]] static Value small_text(std::string_view text) noexcept;  // of at most inline_limit bytes

  // Both move out of the span; an object keeps the first place and the last value of a key.
  [[nodiscard]] static Value take_array(std::span<Value> elements);
  [[nodiscard]] static Value take_object(std::span<Member> members);

  // For a parser that knows how many come: a block of size 0 with room for `count`, filled in place by push, wrapped
  // from the start so that it is never lost; an object is sealed when it is full. Wants count > 0.
  [[nodiscard]] static Block* new_array(std::size_t count);
  [[nodiscard]] static Block* new_object(std::size_t count);
  static void push(Block& block, Value element) noexcept {
    add_up(block, element);
    new (block.elements() + block.size++) Value(std::move(element));
  }
  static void push(Block& block, Value key, Value value) noexcept {  // the key is a text
    new (block.members() + block.size++) Member{std::move(key), std::move(value)};
  }
  static void seal(Block& block) noexcept;  // drops doubled keys, indexes

  [[nodiscard]] static Block* allocate(std::size_t payload);
  // Saturating: shared parts may add up to more than a machine holds.
  static void add_up(Block& block, const Value& child) noexcept {
    constexpr std::uint64_t most = std::uint64_t{1} << 62;
    constexpr std::uint32_t deepest = 0x7FFFFFFE;
    if (tag(child) < text) return;
    block.memory = std::min(block.memory + memory_below(child), most);
    block.depth = std::max(block.depth, std::min(depth(child), deepest) + 1);
  }
  static void release(Tag tag, Block* block) noexcept;
  [[nodiscard]] static std::uint64_t hash(std::string_view key) noexcept;
  [[nodiscard]] static std::size_t slot_count(std::size_t members) noexcept {
    return members <= linear_limit ? 0 : std::bit_ceil(members + members / 2);
  }
  // The position of the key among the members, or not_found; the slot where it is or would go is left in `slot`.
  static std::size_t probe(std::span<const std::uint32_t> slots, std::span<const Member> members, std::string_view key,
                           std::size_t& slot) noexcept;
  [[nodiscard]] static std::size_t scan(std::span<const Member> members, std::string_view key) noexcept;

 private:
  // Two words at once, not sixteen bytes: a value just made of two stores is then forwarded to the next load.
  [[nodiscard]] static Value from_words(std::uint64_t low, std::uint64_t high) noexcept {
    Value value;
    std::memcpy(value.bytes_, &low, sizeof low);
    std::memcpy(value.bytes_ + 8, &high, sizeof high);
    return value;
  }
  [[nodiscard]] static std::uint64_t word(const Value& value, int index) noexcept {
    std::uint64_t bits = 0;
    std::memcpy(&bits, value.bytes_ + 8 * index, sizeof bits);
    return bits;
  }
};

// Inline texts and tags are assembled in registers.
static_assert(std::endian::native == std::endian::little);

inline Value ValueParts::small_text(std::string_view text) noexcept {
  const auto load = [&](auto part, std::size_t at) {
    std::memcpy(&part, text.data() + at, sizeof part);
    return std::uint64_t{part};
  };
  const std::size_t size = text.size();
  std::uint64_t low = 0;
  std::uint64_t high = (std::uint64_t{inline_text} << 56) | (std::uint64_t{size} << 48);
  // The loads overlap where the size is no power of two; what comes twice falls on itself.
  if (size > 8) {
    low = load(std::uint64_t{}, 0);
    high |= load(std::uint64_t{}, size - 8) >> (8 * (16 - size));
  } else if (size >= 4) {
    low = load(std::uint32_t{}, 0) | load(std::uint32_t{}, size - 4) << (8 * (size - 4));
  } else if (size > 0) {
    low = load(std::uint8_t{}, 0) | load(std::uint8_t{}, size / 2) << (8 * (size / 2)) |
          load(std::uint8_t{}, size - 1) << (8 * (size - 1));
  }
  return from_words(low, high);
}

// Lists of records bring the same names again and again: those too long to live inside a Value are shared.
class LongNames {
 public:
  Value share(std::string_view name) {
    if (name.size() <= ValueParts::inline_limit) return ValueParts::small_text(name);
    const auto last = static_cast<unsigned char>(name.back());
    Value& place =
        recent_[(name.size() * 7 + last * 3 + static_cast<unsigned char>(name[name.size() / 2])) % recent_.size()];
    if (ValueParts::as_text(place) != name) place = Value(name);
    return place;
  }

 private:
  std::array<Value, 32> recent_;
};

}  // namespace mbflow
