#include "base/cbor.h"

#include <bit>
#include <cstring>
#include <span>
#include <vector>

namespace mbflow {
namespace {

constexpr unsigned major_unsigned = 0;
constexpr unsigned major_negative = 1;
constexpr unsigned major_bytes = 2;
constexpr unsigned major_text = 3;
constexpr unsigned major_array = 4;
constexpr unsigned major_map = 5;
constexpr unsigned major_tag = 6;
constexpr std::uint64_t tag_shareable = 28;
constexpr std::uint64_t tag_reference = 29;

// Appends the low `bytes` bytes, highest first.
void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  char buffer[8];
  for (int i = 0; i < bytes; ++i) buffer[i] = static_cast<char>(value >> (8 * (bytes - 1 - i)));
  out.append(buffer, static_cast<std::size_t>(bytes));
}

// An array or object that is being written: a stack of these instead of recursion, as any depth may come.
struct Frame {
  std::span<const Value> elements;
  std::span<const Member> members;
  bool at_key = true;

  [[nodiscard]] bool done() const { return elements.empty() && members.empty(); }
  const Value& next() {
    if (members.empty()) {
      const Value& element = elements.front();
      elements = elements.subspan(1);
      return element;
    }
    const Member& member = members.front();
    if (!at_key) members = members.subspan(1);
    at_key = !at_key;
    return at_key ? member.value : member.key;
  }
};

}  // namespace

// Blocks written so far, by address, in a table with open addressing; roots kept alive.
struct CborWriter::Shared {
  struct Entry {
    const void* block = nullptr;
    std::uint64_t index = 0;
  };
  std::vector<Entry> table = std::vector<Entry>(32);
  std::uint64_t count = 0;
  std::vector<Value> kept;
  std::vector<Frame> frames;

  Entry& place_of(const void* block) {
    const std::size_t mask = table.size() - 1;
    std::size_t at =
        static_cast<std::size_t>((reinterpret_cast<std::uintptr_t>(block) >> 4) * 0x9E3779B97F4A7C15 >> 32);
    while (table[at & mask].block != nullptr && table[at & mask].block != block) ++at;
    return table[at & mask];
  }
  void grow() {
    std::vector<Entry> old(table.size() * 2);
    old.swap(table);
    for (const Entry& entry : old) {
      if (entry.block) place_of(entry.block) = entry;
    }
  }
  // The number of the block that was written before, or -1 after noting it.
  std::int64_t find_or_add(const void* block) {
    Entry& entry = place_of(block);
    if (entry.block) return static_cast<std::int64_t>(entry.index);
    entry = Entry{block, count++};
    if (count * 2 > table.size()) grow();
    return -1;
  }
};

CborWriter::CborWriter(std::string& out) : out_(out) {}
CborWriter::~CborWriter() = default;

void CborWriter::head(unsigned major, std::uint64_t argument) {
  const auto first = [&](unsigned form) { out_ += static_cast<char>((major << 5) | form); };
  if (argument < 24) return first(static_cast<unsigned>(argument));
  const int power = argument <= 0xFF ? 0 : argument <= 0xFFFF ? 1 : argument <= 0xFFFFFFFF ? 2 : 3;
  first(24 + static_cast<unsigned>(power));
  append_big_endian(out_, argument, 1 << power);
}

void CborWriter::null() { out_ += static_cast<char>(0xF6); }
void CborWriter::boolean(bool value) { out_ += static_cast<char>(value ? 0xF5 : 0xF4); }
void CborWriter::array(std::size_t size) { head(major_array, size); }
void CborWriter::map(std::size_t size) { head(major_map, size); }

void CborWriter::integer(std::int64_t value) {
  if (value >= 0) return head(major_unsigned, static_cast<std::uint64_t>(value));
  head(major_negative, ~static_cast<std::uint64_t>(value));
}

void CborWriter::number(double value) {
  out_ += static_cast<char>(0xFB);
  append_big_endian(out_, std::bit_cast<std::uint64_t>(value), 8);
}

void CborWriter::text(std::string_view text) {
  head(major_text, text.size());
  out_ += text;
}

void CborWriter::bytes(std::string_view bytes) {
  head(major_bytes, bytes.size());
  out_ += bytes;
}

bool CborWriter::written_before(const Value& value) {
  const void* block = value.block();
  if (block == nullptr || value.memory() < share_from + sizeof(Value)) return false;
  const std::int64_t index = shared_->find_or_add(block);
  head(major_tag, index < 0 ? tag_shareable : tag_reference);
  if (index >= 0) head(major_unsigned, static_cast<std::uint64_t>(index));
  return index >= 0;
}

void CborWriter::open(const Value& value) {
  switch (value.type()) {
    case Value::Type::null:
      return null();
    case Value::Type::boolean:
      return boolean(value.as_bool());
    case Value::Type::integer:
      return integer(value.as_integer());
    case Value::Type::number:
      return number(value.as_number());
    case Value::Type::string:
      return text(value.as_string());
    case Value::Type::array:
      array(value.size());
      break;
    case Value::Type::object:
      map(value.size());
      break;
  }
  if (value.size() != 0) shared_->frames.push_back(Frame{value.elements(), value.members()});
}

void CborWriter::value(const Value& value) {
  if (value.block() == nullptr) return open(value);
  if (!shared_) shared_ = std::make_unique<Shared>();
  if (written_before(value)) return;
  shared_->kept.push_back(value);
  open(value);
  while (!shared_->frames.empty()) {
    Frame& frame = shared_->frames.back();
    if (frame.done()) {
      shared_->frames.pop_back();
      continue;
    }
    const Value& next = frame.next();
    if (!written_before(next)) open(next);
  }
}

}  // namespace mbflow
