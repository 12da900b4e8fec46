// Value: an immutable JSON value of 16 bytes. Copying costs at most one atomic increment, so a value is passed by copy
// between nodes, threads and the journal and never deep-copied. Strings of up to 14 bytes live inside; longer strings,
// arrays and objects live in one reference-counted block. Objects keep insertion order; a key appears once.
//
// Threads: a Value may be read and copied from any thread at once; assigning to one Value object is not synchronised.
// Limits: nesting up to Value::max_depth (parsers and builders of untrusted data refuse more); destruction is
// iterative.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mbflow {

struct Member;
class ObjectBuilder;
struct ValueParts;  // the parsers' way in, private to MBFlow

class Value {
 public:
  enum class Type : std::uint8_t { null, boolean, integer, number, string, array, object };
  static constexpr int max_depth = 256;

  Value() noexcept = default;                                // null
  Value(std::nullptr_t) noexcept {}                          // NOLINT: implicit by design, here and below
  Value(bool value) noexcept;                                // NOLINT
  Value(int value) noexcept : Value(std::int64_t{value}) {}  // NOLINT
  Value(std::int64_t value) noexcept;                        // NOLINT
  Value(std::uint64_t value) noexcept;                       // NOLINT: beyond int64 it becomes a double
  Value(double value) noexcept;  // NOLINT: NaN and infinities become null, as in JSON.stringify
  Value(std::string_view text);  // NOLINT: must be valid UTF-8
  Value(const std::string& text) : Value(std::string_view(text)) {}  // NOLINT
  Value(const char* text) : Value(std::string_view(text)) {}         // NOLINT
  [[nodiscard]] static Value array(std::vector<Value> elements);
  [[nodiscard]] static Value array() { return array({}); }
  [[nodiscard]] static Value object();
  // Of several members with one key the last value wins, at the place of the first.
  [[nodiscard]] static Value object(std::vector<Member> members);
  [[nodiscard]] static Value object(std::initializer_list<Member> members);

  Value(const Value& other) noexcept {
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    if (has_block()) retain();
  }
  Value(Value&& other) noexcept {
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    std::memset(other.bytes_, 0, sizeof other.bytes_);
  }
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    return *this = std::move(copy);
  }
  Value& operator=(Value&& other) noexcept {
    // Taken out first: `other` may live inside the block that this value is about to release.
    Value taken(std::move(other));
    std::swap(bytes_, taken.bytes_);
    return *this;
  }
  ~Value() {
    if (has_block()) release();
  }

  [[nodiscard]] Type type() const noexcept {
    constexpr Type types[] = {Type::null,   Type::boolean, Type::integer, Type::number,
                              Type::string, Type::string,  Type::array,   Type::object};
    return types[bytes_[15]];
  }
  [[nodiscard]] bool is_null() const noexcept { return type() == Type::null; }
  [[nodiscard]] bool is_bool() const noexcept { return type() == Type::boolean; }
  [[nodiscard]] bool is_integer() const noexcept { return type() == Type::integer; }
  [[nodiscard]] bool is_number() const noexcept { return type() == Type::integer || type() == Type::number; }
  [[nodiscard]] bool is_string() const noexcept { return type() == Type::string; }
  [[nodiscard]] bool is_array() const noexcept { return type() == Type::array; }
  [[nodiscard]] bool is_object() const noexcept { return type() == Type::object; }

  // Readers never fail: the wrong type gives false, 0, an empty view or an empty span.
  [[nodiscard]] bool as_bool() const noexcept;
  [[nodiscard]] std::int64_t as_integer() const noexcept;  // a double is truncated and clamped
  [[nodiscard]] double as_number() const noexcept;
  [[nodiscard]] std::string_view as_string() const noexcept;  // valid while this Value object lives and is not assigned
  [[nodiscard]] std::size_t size() const noexcept;            // elements or members; 0 for the rest
  // Not of a temporary: C++20 ends one before the first turn of a loop over it.
  [[nodiscard]] std::span<const Value> elements() const& noexcept;
  [[nodiscard]] std::span<const Member> members() const& noexcept;
  std::span<const Value> elements() const&& = delete;
  std::span<const Member> members() const&& = delete;
  [[nodiscard]] const Value* find(std::string_view key) const noexcept;  // null pointer: no such member
  // A missing member or element reads as null.
  [[nodiscard]] const Value& operator[](std::string_view key) const noexcept;
  [[nodiscard]] const Value& operator[](const char* key) const noexcept { return (*this)[std::string_view(key)]; }
  [[nodiscard]] const Value& operator[](std::size_t index) const noexcept;
  [[nodiscard]] const Value& operator[](int index) const noexcept { return (*this)[static_cast<std::size_t>(index)]; }

  // Edited copies: only the top level is copied, the rest is shared. On a value that is not an object, they start from
  // {}.
  [[nodiscard]] Value with(std::string_view key, Value value) const;
  [[nodiscard]] Value without(std::string_view key) const;

  // Same JSON: 1 == 1.0 (an integer meets a double as a double), member order does not matter.
  friend bool operator==(const Value& a, const Value& b) noexcept;

  // Identity of the shared block (null for inline values): lets an encoder write a shared part once.
  [[nodiscard]] const void* block() const noexcept;
  // Estimate of the memory held, in bytes, counting each shared block once per mention. Known without a walk.
  [[nodiscard]] std::size_t memory() const noexcept;
  // Levels of arrays and objects: 0 for the rest, 1 for [] and for [1], 2 for [[1]]. Known without a walk.
  [[nodiscard]] int depth() const noexcept;

 private:
  friend class ObjectBuilder;
  friend struct ValueParts;
  struct Block;
  [[nodiscard]] bool has_block() const noexcept { return bytes_[15] >= 5; }  // a long text, an array or an object
  void retain() const noexcept;
  void release() const noexcept;
  // Bytes 0–13 inline text or 0–7 the payload; byte 14 inline length; byte 15 the tag.
  alignas(8) unsigned char bytes_[16] = {};
};

struct Member {
  Value key;  // always a string
  Value value;
};

// Builds an object member by member. Set replaces an earlier member of the same key. Reusable after build().
class ObjectBuilder {
 public:
  ObjectBuilder() = default;
  explicit ObjectBuilder(const Value& start);  // begins with the members of an object
  void reserve(std::size_t members) { members_.reserve(members); }
  ObjectBuilder& set(Value key, Value value);
  // For keys known to be new (a parser that checked, a fixed record): no search.
  ObjectBuilder& append(Value key, Value value);
  [[nodiscard]] const Value* find(std::string_view key) const;  // valid until the next set, append or build
  [[nodiscard]] std::size_t size() const noexcept { return members_.size(); }
  [[nodiscard]] Value build();

 private:
  [[nodiscard]] std::size_t place_of(std::string_view key) const;
  void index() const;

  std::vector<Member> members_;
  // Positions hashed by key, kept only past a handful of members and brought up to date when a search needs it.
  mutable std::vector<std::uint32_t> slots_;
  mutable std::size_t indexed_ = 0;
};

// JavaScript's truth: null, false, 0, NaN and "" are false.
[[nodiscard]] bool is_truthy(const Value& value) noexcept;

}  // namespace mbflow
