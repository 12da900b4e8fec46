#include "base/value_block.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace mbflow {
namespace {

using Parts = ValueParts;
using Block = ValueParts::Block;

// A key's text is compared before it can dangle, so null keys from careless callers become "".
Value text_key(Value key) { return key.is_string() ? std::move(key) : Value(std::string_view()); }

std::span<std::uint32_t> slots_of(Block& block) { return {block.slots(), Parts::slot_count(block.size)}; }

void fill_slots(Block& block) {
  const auto slots = slots_of(block);
  std::ranges::fill(slots, Parts::empty_slot);
  const std::span<const Member> members(block.members(), block.size);
  for (std::size_t i = 0; i < members.size() && !slots.empty(); ++i) {
    std::size_t slot = 0;
    Parts::probe(slots, members, members[i].key.as_string(), slot);
    slots[slot] = static_cast<std::uint32_t>(i);
  }
}

std::size_t scan_for(std::span<const Member> earlier, const Value& key) {
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    if (Parts::same_text(earlier[i].key, key)) return i;
  }
  return Parts::not_found;
}

// Moves the members up over those whose key came before; the latter only hand over their value.
std::size_t drop_doubles(Block& block) {
  const auto slots = slots_of(block);
  std::ranges::fill(slots, Parts::empty_slot);
  Member* all = block.members();
  std::size_t count = 0;
  for (std::size_t i = 0; i < block.size; ++i) {
    const std::span<const Member> earlier(all, count);
    const std::string_view key = Parts::as_text(all[i].key);
    std::size_t slot = 0;
    const std::size_t place = slots.empty() ? scan_for(earlier, all[i].key) : Parts::probe(slots, earlier, key, slot);
    if (place != Parts::not_found) {
      all[place].value = std::move(all[i].value);
      continue;
    }
    if (!slots.empty()) slots[slot] = static_cast<std::uint32_t>(count);
    if (count != i) all[count] = std::move(all[i]);
    ++count;
  }
  return count;
}

std::size_t place_in(std::span<const Member> members, Block* block, std::string_view key) {
  if (members.size() <= Parts::linear_limit) return Parts::scan(members, key);
  std::size_t slot = 0;
  return Parts::probe(slots_of(*block), members, key, slot);
}

std::vector<Member> copy_members(std::span<const Member> from, std::size_t spare) {
  std::vector<Member> members;
  members.reserve(from.size() + spare);
  members.insert(members.end(), from.begin(), from.end());
  return members;
}

}  // namespace

Block* ValueParts::new_object(std::size_t count) {
  Block* block = allocate(count * sizeof(Member) + slot_count(count) * sizeof(std::uint32_t));
  block->depth = 1;
  return block;
}

void ValueParts::seal(Block& block) noexcept {
  const std::size_t count = drop_doubles(block);
  if (count != block.size) {
    std::destroy(block.members() + count, block.members() + block.size);
    block.size = count;
    fill_slots(block);
  }
  for (std::size_t i = 0; i < count; ++i) {
    block.memory += memory_below(block.members()[i].key);
    add_up(block, block.members()[i].value);
  }
}

Value ValueParts::take_object(std::span<Member> members) {
  if (members.empty()) return wrap(object, nullptr);
  Block* block = new_object(members.size());
  for (Member& member : members) push(*block, text_key(std::move(member.key)), std::move(member.value));
  seal(*block);
  return wrap(object, block);
}

Value Value::object() { return Parts::wrap(Parts::object, nullptr); }
Value Value::object(std::vector<Member> members) { return Parts::take_object(members); }
Value Value::object(std::initializer_list<Member> members) { return object(std::vector<Member>(members)); }

std::span<const Member> Value::members() const& noexcept {
  if (bytes_[15] != Parts::object) return {};
  return Parts::members(*this);
}

const Value* Value::find(std::string_view key) const noexcept {
  Block* shared = bytes_[15] == Parts::object ? Parts::block(*this) : nullptr;
  if (!shared) return nullptr;
  const std::span<const Member> all(shared->members(), shared->size);
  const std::size_t place = place_in(all, shared, key);
  return place == Parts::not_found ? nullptr : &all[place].value;
}

const Value& Value::operator[](std::string_view key) const noexcept {
  static const Value missing;
  const Value* found = find(key);
  return found ? *found : missing;
}

Value Value::with(std::string_view key, Value value) const {
  std::vector<Member> copy = copy_members(members(), 1);
  const std::size_t place = place_in(members(), Parts::block(*this), key);
  if (place == Parts::not_found) {
    copy.push_back(Member{Value(key), std::move(value)});
  } else {
    copy[place].value = std::move(value);
  }
  return Parts::take_object(copy);
}

Value Value::without(std::string_view key) const {
  if (is_object() && !find(key)) return *this;
  std::vector<Member> copy;
  copy.reserve(size());
  for (const Member& member : members()) {
    if (member.key.as_string() != key) copy.push_back(member);
  }
  return Parts::take_object(copy);
}

ObjectBuilder::ObjectBuilder(const Value& start) : members_(copy_members(start.members(), 0)) {}

void ObjectBuilder::index() const {
  // Twice the room it needs now, so that growing member by member stays linear over all.
  if (Parts::slot_count(members_.size()) > slots_.size()) {
    slots_.assign(2 * Parts::slot_count(members_.size()), Parts::empty_slot);
    indexed_ = 0;
  }
  for (; indexed_ < members_.size(); ++indexed_) {
    std::size_t slot = 0;
    const std::string_view key = members_[indexed_].key.as_string();
    if (Parts::probe(slots_, members_, key, slot) == Parts::not_found) {
      slots_[slot] = static_cast<std::uint32_t>(indexed_);
    }
  }
}

std::size_t ObjectBuilder::place_of(std::string_view key) const {
  if (members_.size() <= Parts::linear_limit) return Parts::scan(members_, key);
  index();
  std::size_t slot = 0;
  return Parts::probe(slots_, members_, key, slot);
}

ObjectBuilder& ObjectBuilder::set(Value key, Value value) {
  key = text_key(std::move(key));
  const std::size_t place = place_of(key.as_string());
  if (place == Parts::not_found) return append(std::move(key), std::move(value));
  members_[place].value = std::move(value);
  return *this;
}

ObjectBuilder& ObjectBuilder::append(Value key, Value value) {
  members_.push_back(Member{text_key(std::move(key)), std::move(value)});
  return *this;
}

const Value* ObjectBuilder::find(std::string_view key) const {
  const std::size_t place = place_of(key);
  return place == Parts::not_found ? nullptr : &members_[place].value;
}

Value ObjectBuilder::build() {
  Value built = Parts::take_object(members_);
  members_.clear();
  slots_.clear();
  indexed_ = 0;
  return built;
}

}  // namespace mbflow
