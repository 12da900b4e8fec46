#include "base/cbor.h"
#include "base/utf8.h"
#include "base/value_block.h"

#include <bit>
#include <limits>
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
constexpr unsigned major_plain = 7;
constexpr std::uint64_t tag_shareable = 28;
constexpr std::uint64_t tag_reference = 29;
constexpr unsigned plain_false = 20;
constexpr unsigned plain_true = 21;
constexpr unsigned plain_null = 22;
constexpr unsigned plain_double = 27;
constexpr char null_byte = static_cast<char>(0xF6);

}  // namespace

struct CborReader::Shared {
  struct Part {
    Value value;
    bool finished = false;
  };
  std::vector<Part> parts;
  // Elements of arrays and maps that are not finished: so memory grows with what was read, never with what was
  // promised.
  std::vector<Value> stack;
  LongNames names;

  Value pop_array(std::size_t begin) {
    Value array = ValueParts::take_array(std::span(stack).subspan(begin));
    stack.resize(begin);
    return array;
  }
  Value pop_object(std::size_t begin) {
    if (stack.size() == begin) return Value::object();
    ValueParts::Block* block = ValueParts::new_object((stack.size() - begin) / 2);
    Value object = ValueParts::wrap(ValueParts::object, block);
    for (std::size_t i = begin; i < stack.size(); i += 2) {
      ValueParts::push(*block, std::move(stack[i]), std::move(stack[i + 1]));
    }
    ValueParts::seal(*block);
    stack.resize(begin);
    return object;
  }
};

CborReader::CborReader(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}
CborReader::~CborReader() = default;

bool CborReader::ok() const { return problem_ == nullptr; }
bool CborReader::at_end() const { return rest_.empty(); }

CborReader::Shared& CborReader::shared() {
  if (!shared_) shared_ = std::make_unique<Shared>();
  return *shared_;
}

// Always false. What is left is kept only as its length, for the message; nothing more can be read.
bool CborReader::fail_with(const char* problem) {
  if (problem_) return false;
  problem_ = problem;
  size_ -= rest_.size();
  rest_ = {};
  return false;
}

Error CborReader::error() const {
  if (ok()) return {};
  const std::string where = "byte " + std::to_string(size_) + ": ";
  if (too_deep_) return fail(Kind::invalid, "cbor.depth", where + problem_);
  return fail(Kind::invalid, "cbor.syntax", where + problem_);
}

bool CborReader::take_head(Head& head) {
  if (rest_.empty()) return fail_with("the bytes end too early");
  const auto first = static_cast<unsigned char>(rest_[0]);
  head.major = first >> 5;
  head.form = first & 31;
  head.argument = head.form;
  if (head.form < 24) {
    rest_.remove_prefix(1);
    return true;
  }
  if (head.form > 27) return fail_with("a form of length that is not written here");
  const std::size_t count = std::size_t{1} << (head.form - 24);
  if (rest_.size() < 1 + count) return fail_with("the bytes end too early");
  head.argument = 0;
  for (std::size_t i = 1; i <= count; ++i) head.argument = (head.argument << 8) | static_cast<unsigned char>(rest_[i]);
  rest_.remove_prefix(1 + count);
  return true;
}

std::string_view CborReader::take_bytes(std::uint64_t size) {
  if (size > rest_.size()) {
    fail_with("a length goes beyond the end");
    return {};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::string_view CborReader::take_text(std::uint64_t size) {
  const std::string_view taken = take_bytes(size);
  if (utf8_valid(taken)) return taken;
  fail_with("a text is not valid UTF-8");
  return {};
}

bool CborReader::next_is_null() {
  if (!rest_.starts_with(null_byte)) return false;
  rest_.remove_prefix(1);
  return true;
}

bool CborReader::boolean() {
  Head head;
  if (!take_head(head)) return false;
  if (head.major == major_plain && head.form == plain_true) return true;
  if (head.major == major_plain && head.form == plain_false) return false;
  return fail_with("expected true or false");
}

std::int64_t CborReader::integer() {
  Head head;
  return take_head(head) ? integer_of(head) : 0;
}

std::int64_t CborReader::integer_of(const Head& head) {
  const bool fits = head.argument <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (fits && head.major == major_unsigned) return static_cast<std::int64_t>(head.argument);
  if (fits && head.major == major_negative) return ~static_cast<std::int64_t>(head.argument);
  fail_with("expected an integer of 64 bits");
  return 0;
}

double CborReader::number() {
  const bool is_integer = !rest_.empty() && static_cast<unsigned char>(rest_[0]) >> 5 <= major_negative;
  if (is_integer) return static_cast<double>(integer());
  Head head;
  if (!take_head(head)) return 0;
  if (head.major == major_plain && head.form == plain_double) return std::bit_cast<double>(head.argument);
  fail_with("expected a number");
  return 0;
}

std::string_view CborReader::text() {
  Head head;
  if (!take_head(head)) return {};
  if (head.major == major_text) return take_text(head.argument);
  fail_with("expected a text");
  return {};
}

std::string_view CborReader::bytes() {
  Head head;
  if (!take_head(head)) return {};
  if (head.major == major_bytes) return take_bytes(head.argument);
  fail_with("expected bytes");
  return {};
}

std::size_t CborReader::array() {
  Head head;
  if (!take_head(head)) return 0;
  if (head.major == major_array && head.argument <= rest_.size()) return head.argument;
  fail_with("expected an array that fits the bytes left");
  return 0;
}

std::size_t CborReader::map() {
  Head head;
  if (!take_head(head)) return 0;
  if (head.major == major_map && head.argument <= rest_.size() / 2) return head.argument;
  fail_with("expected a map that fits the bytes left");
  return 0;
}

Value CborReader::value() {
  Value value = read(0, false);
  return ok() ? value : Value();
}

// As value() does it, since later references count the shared parts that are passed over.
void CborReader::skip() { read(0, true); }

Value CborReader::read(int depth, bool skipping) {
  Head head;
  if (!take_head(head)) return {};
  switch (head.major) {
    case major_unsigned:
    case major_negative:
      return Value(integer_of(head));
    case major_bytes:
      if (!skipping) fail_with("bytes where a JSON value should be");
      take_bytes(head.argument);
      return {};
    case major_text:
      return Value(take_text(head.argument));
    case major_array:
      return read_array(head.argument, depth + 1, skipping);
    case major_map:
      return read_map(head.argument, depth + 1, skipping);
    case major_tag:
      return read_tagged(head.argument, depth, skipping);
    default:
      return read_plain(head);
  }
}

Value CborReader::read_plain(const Head& head) {
  switch (head.form) {
    case plain_false:
      return Value(false);
    case plain_true:
      return Value(true);
    case plain_null:
      return {};
    case plain_double:
      return Value(std::bit_cast<double>(head.argument));
    default:
      fail_with("a simple value that JSON does not know");
      return {};
  }
}

Value CborReader::read_array(std::uint64_t size, int depth, bool skipping) {
  if (depth > Value::max_depth) too_deep_ = !fail_with("nested too deep");
  if (size > rest_.size()) fail_with("an array goes beyond the end");
  if (!ok()) return {};
  std::vector<Value>& stack = shared().stack;
  const std::size_t begin = stack.size();
  for (std::uint64_t i = 0; i < size && ok(); ++i) stack.push_back(read(depth, skipping));
  return shared().pop_array(begin);
}

Value CborReader::read_map(std::uint64_t size, int depth, bool skipping) {
  if (depth > Value::max_depth) too_deep_ = !fail_with("nested too deep");
  if (size > rest_.size() / 2) fail_with("a map goes beyond the end");
  if (!ok()) return {};
  std::vector<Value>& stack = shared().stack;
  const std::size_t begin = stack.size();
  for (std::uint64_t i = 0; i < size && ok(); ++i) {
    stack.push_back(read_key(depth, skipping));
    stack.push_back(read(depth, skipping));
  }
  return shared().pop_object(begin);
}

Value CborReader::read_key(int depth, bool skipping) {
  const bool is_text = !rest_.empty() && static_cast<unsigned char>(rest_[0]) >> 5 == major_text;
  Head head;
  if (is_text && take_head(head)) return shared().names.share(take_text(head.argument));
  Value key = read(depth, skipping);
  if (!key.is_string()) fail_with("a map's key is not a text");
  return key;
}

Value CborReader::read_tagged(std::uint64_t tag, int depth, bool skipping) {
  if (tag == tag_shareable) {
    const std::size_t index = shared().parts.size();
    shared().parts.emplace_back();
    if (!rest_.empty() && static_cast<unsigned char>(rest_[0]) >> 5 == major_tag) fail_with("a tag inside a tag");
    Value value = read(depth, skipping);
    shared().parts[index].value = value;
    shared().parts[index].finished = true;
    return value;
  }
  if (tag != tag_reference) fail_with("an unknown tag");
  const std::int64_t index = integer();
  const auto& parts = shared().parts;
  if (index < 0 || static_cast<std::size_t>(index) >= parts.size() ||
      !parts[static_cast<std::size_t>(index)].finished) {
    fail_with("a reference to a part that is not there yet");
  }
  if (!ok()) return {};
  const Value& value = parts[static_cast<std::size_t>(index)].value;
  if (depth + value.depth() > Value::max_depth) too_deep_ = !fail_with("nested too deep");
  return value;
}

}  // namespace mbflow
