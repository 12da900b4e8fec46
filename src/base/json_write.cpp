#include "base/number.h"
#include "base/value_block.h"

#include <mbflow/json.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace mbflow {
namespace {

using Parts = ValueParts;

// For each byte: 0 = as it is, 'u' = \u00XX, else the letter after the backslash.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < 0x20; ++i) table[i] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}
constexpr std::array<char, 256> escapes = make_escapes();

// Whether any of eight bytes must be escaped, looked at together.
bool needs_escape(const char* text) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, text, 8);
  const auto zero_byte = [](std::uint64_t v) { return (v - ones) & ~v; };
  const std::uint64_t control = (word - ones * 0x20) & ~word;
  return ((control | zero_byte(word ^ (ones * '"')) | zero_byte(word ^ (ones * '\\'))) & highs) != 0;
}

std::size_t clean_run(std::string_view text) {
  std::size_t at = 0;
  while (at + 8 <= text.size() && !needs_escape(text.data() + at)) at += 8;
  while (at < text.size() && escapes[static_cast<unsigned char>(text[at])] == 0) ++at;
  return at;
}

// Gathers small pieces before they go to the string, whose own appends cost more than the pieces.
class Sink {
 public:
  explicit Sink(std::string& out) : out_(out) {}
  ~Sink() { flush(); }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void put(char c) {
    if (used_ == sizeof buffer_) flush();
    buffer_[used_++] = c;
  }
  void put(std::string_view text) {
    if (text.size() > sizeof buffer_ - used_) flush();
    if (text.size() > sizeof buffer_) {
      out_.append(text);
      return;
    }
    std::memcpy(buffer_ + used_, text.data(), text.size());
    used_ += text.size();
  }
  // Room for so many bytes, at most `largest_room`; written by hand, then taken by used().
  static constexpr std::size_t largest_room = 1024;
  [[nodiscard]] char* room(std::size_t bytes) {
    if (sizeof buffer_ - used_ < bytes) flush();
    return buffer_ + used_;
  }
  void used(std::size_t bytes) { used_ += bytes; }
  template <class Number>
  void put_number(Number value) {
    if (sizeof buffer_ - used_ < number_room) flush();
    used_ = static_cast<std::size_t>(write_number(value, buffer_ + used_) - buffer_);
  }
  void flush() {
    out_.append(buffer_, used_);
    used_ = 0;
  }

 private:
  std::string& out_;
  std::size_t used_ = 0;
  char buffer_[4096];
};

void put_escape(Sink& sink, char c) {
  constexpr char hex[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  sink.put('\\');
  sink.put(escapes[byte]);
  if (escapes[byte] != 'u') return;
  const char digits[] = {'0', '0', hex[byte >> 4], hex[byte & 15]};
  sink.put(std::string_view(digits, sizeof digits));
}

// Quotes and copies eight bytes at a time as long as none of them must be escaped; false: nothing is written.
bool put_clean(Sink& sink, std::string_view text) {
  const std::size_t size = text.size();
  if (size + 2 > Sink::largest_room) return false;
  char* out = sink.room(size + 2);
  *out = '"';
  const char* in = text.data();
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) {
      if (escapes[static_cast<unsigned char>(in[i])] != 0) return false;
      out[1 + i] = in[i];
    }
  }
  for (std::size_t at = 0; size >= 8 && at < size; at += 8) {
    const std::size_t from = std::min(at, size - 8);  // the last eight overlap those before
    if (needs_escape(in + from)) return false;
    std::memcpy(out + 1 + from, in + from, 8);
  }
  out[1 + size] = '"';
  sink.used(size + 2);
  return true;
}

void put_string(Sink& sink, std::string_view text) {
  if (put_clean(sink, text)) return;
  sink.put('"');
  while (true) {
    const std::size_t run = clean_run(text);
    sink.put(text.substr(0, run));
    if (run == text.size()) break;
    put_escape(sink, text[run]);
    text.remove_prefix(run + 1);
  }
  sink.put('"');
}

// An array or object that is being written: what is left of it. A stack of these instead of recursion, so that a value
// of any depth can be written.
struct Frame {
  std::span<const Value> elements;
  std::span<const Member> members;
  bool object;
  bool first = true;
};

template <bool pretty>
class Writer {
 public:
  explicit Writer(std::string& out) : sink_(out) {}

  void write(const Value& root) {
    begin(root);
    while (!stack_.empty()) next();
  }

 private:
  void begin(const Value& value) {
    switch (value.type()) {
      case Value::Type::null:
        return sink_.put("null");
      case Value::Type::boolean:
        return sink_.put(value.as_bool() ? "true" : "false");
      case Value::Type::integer:
        return sink_.put_number(value.as_integer());
      case Value::Type::number:
        return sink_.put_number(value.as_number());
      case Value::Type::string:
        return put_string(sink_, Parts::as_text(value));
      case Value::Type::array:
        return open(value, false);
      case Value::Type::object:
        return open(value, true);
    }
  }

  void open(const Value& value, bool object) {
    if (value.size() == 0) return sink_.put(object ? "{}" : "[]");
    sink_.put(object ? '{' : '[');
    stack_.push_back(Frame{value.elements(), value.members(), object});
  }

  void new_line() {
    sink_.put('\n');
    for (std::size_t i = 0; i < stack_.size(); ++i) sink_.put("  ");
  }

  void next() {
    Frame& frame = stack_.back();
    if (frame.object ? frame.members.empty() : frame.elements.empty()) return close(frame.object ? '}' : ']');
    if (!frame.first) sink_.put(',');
    frame.first = false;
    if constexpr (pretty) new_line();
    if (frame.object) return next_member(frame);
    const Value& element = frame.elements.front();
    frame.elements = frame.elements.subspan(1);
    begin(element);
  }

  void next_member(Frame& frame) {
    const Member& member = frame.members.front();
    frame.members = frame.members.subspan(1);
    put_string(sink_, Parts::as_text(member.key));
    sink_.put(pretty ? std::string_view(": ") : std::string_view(":"));
    begin(member.value);
  }

  void close(char bracket) {
    stack_.pop_back();
    if constexpr (pretty) new_line();
    sink_.put(bracket);
  }

  Sink sink_;
  std::vector<Frame> stack_;
};

}  // namespace

void write_json(const Value& value, std::string& out) { Writer<false>(out).write(value); }

std::string write_json(const Value& value) {
  std::string out;
  write_json(value, out);
  return out;
}

std::string write_json_pretty(const Value& value) {
  std::string out;
  Writer<true>(out).write(value);
  return out;
}

}  // namespace mbflow
