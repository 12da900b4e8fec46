#include "base/value_block.h"

#include <cmath>
#include <limits>
#include <utility>

namespace mbflow {
namespace {

using Parts = ValueParts;

template <class T>
T payload(const unsigned char* bytes) noexcept {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

constexpr double two_63 = 9223372036854775808.0;

bool equal_numbers(const Value& a, const Value& b) noexcept {
  if (a.is_integer() && b.is_integer()) return a.as_integer() == b.as_integer();
  // As doubles, as JavaScript would: so a double of 2^60 is equal to what its shortest text reads back as.
  return a.as_number() == b.as_number();
}

using Pending = std::vector<std::pair<const Value*, const Value*>>;

// True unless the difference is seen at once; pairs of containers are left for later, so depth costs no stack.
bool equal_at_first_sight(const Value& a, const Value& b, Pending& pending) {
  if (a.is_number() && b.is_number()) return equal_numbers(a, b);
  if (a.type() != b.type() || a.size() != b.size()) return false;
  switch (a.type()) {
    case Value::Type::null:
      return true;
    case Value::Type::boolean:
      return a.as_bool() == b.as_bool();
    case Value::Type::string:
      return a.as_string() == b.as_string();
    default:
      break;
  }
  if (a.block() != b.block()) pending.emplace_back(&a, &b);
  return true;
}

bool equal_objects(const Value& a, const Value& b, Pending& pending) {
  const auto left = a.members();
  const auto right = b.members();
  for (std::size_t i = 0; i < left.size(); ++i) {
    const bool same_place = left[i].key.as_string() == right[i].key.as_string();
    const Value* other = same_place ? &right[i].value : b.find(left[i].key.as_string());
    if (other == nullptr || !equal_at_first_sight(left[i].value, *other, pending)) return false;
  }
  return true;
}

bool equal_arrays(const Value& a, const Value& b, Pending& pending) {
  const auto left = a.elements();
  const auto right = b.elements();
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!equal_at_first_sight(left[i], right[i], pending)) return false;
  }
  return true;
}

}  // namespace

Value::Value(bool value) noexcept {
  bytes_[0] = value ? 1 : 0;
  bytes_[15] = Parts::boolean;
}

Value::Value(std::int64_t value) noexcept {
  std::memcpy(bytes_, &value, sizeof value);
  bytes_[15] = Parts::integer;
}

Value::Value(std::uint64_t value) noexcept {
  const bool fits = value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  *this = fits ? Value(static_cast<std::int64_t>(value)) : Value(static_cast<double>(value));
}

Value::Value(double value) noexcept {
  if (!std::isfinite(value)) return;
  std::memcpy(bytes_, &value, sizeof value);
  bytes_[15] = Parts::number;
}

Value::Value(std::string_view text) {
  if (text.size() <= Parts::inline_limit) {
    *this = Parts::small_text(text);
    return;
  }
  Block* block = Parts::allocate(text.size());
  block->size = text.size();
  std::memcpy(block->text(), text.data(), text.size());
  std::memcpy(bytes_, &block, sizeof block);
  bytes_[15] = Parts::text;
}

void Value::retain() const noexcept {
  // An empty array or object has no block.
  if (Block* shared = Parts::block(*this)) shared->refs.fetch_add(1, std::memory_order_relaxed);
}

void Value::release() const noexcept {
  if (Block* shared = Parts::block(*this)) Parts::release(Parts::tag(*this), shared);
}

bool Value::as_bool() const noexcept { return bytes_[15] == Parts::boolean && bytes_[0] != 0; }

std::int64_t Value::as_integer() const noexcept {
  if (bytes_[15] == Parts::integer) return payload<std::int64_t>(bytes_);
  if (bytes_[15] != Parts::number) return 0;
  const auto real = payload<double>(bytes_);
  if (real >= two_63) return std::numeric_limits<std::int64_t>::max();
  if (real < -two_63) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(real);
}

double Value::as_number() const noexcept {
  if (bytes_[15] == Parts::number) return payload<double>(bytes_);
  return bytes_[15] == Parts::integer ? static_cast<double>(payload<std::int64_t>(bytes_)) : 0.0;
}

std::string_view Value::as_string() const noexcept { return Parts::as_text(*this); }

std::size_t Value::size() const noexcept { return Parts::size(*this); }

std::span<const Value> Value::elements() const& noexcept {
  if (bytes_[15] != Parts::array) return {};
  return Parts::elements(*this);
}

const Value& Value::operator[](std::size_t index) const noexcept {
  static const Value missing;
  const auto all = elements();
  return index < all.size() ? all[index] : missing;
}

const void* Value::block() const noexcept { return Parts::block(*this); }

std::size_t Value::memory() const noexcept { return sizeof(Value) + Parts::memory_below(*this); }

int Value::depth() const noexcept { return static_cast<int>(Parts::depth(*this)); }

Value Value::array(std::vector<Value> elements) { return Parts::take_array(elements); }

bool operator==(const Value& a, const Value& b) noexcept {
  Pending pending;
  if (!equal_at_first_sight(a, b, pending)) return false;
  while (!pending.empty()) {
    const auto [left, right] = pending.back();
    pending.pop_back();
    const bool same = left->is_array() ? equal_arrays(*left, *right, pending) : equal_objects(*left, *right, pending);
    if (!same) return false;
  }
  return true;
}

bool is_truthy(const Value& value) noexcept {
  switch (value.type()) {
    case Value::Type::null:
      return false;
    case Value::Type::boolean:
      return value.as_bool();
    case Value::Type::integer:
      return value.as_integer() != 0;
    case Value::Type::number:
      return value.as_number() != 0;
    case Value::Type::string:
      return !value.as_string().empty();
    default:
      return true;
  }
}

}  // namespace mbflow
