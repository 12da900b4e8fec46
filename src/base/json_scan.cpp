#include "base/json_scan.h"

#include "base/number.h"
#include "base/utf8.h"
#include "base/yaml.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace mbflow {
namespace {

class Scanner {
 public:
  Scanner(std::string_view text, const JsonOptions& options, LineMap* lines)
      : text_(text), options_(options), lines_(lines), max_depth_(std::min(options.max_depth, Value::max_depth)) {}

  Result<Value> run() {
    skip_space();
    if (pos_ == text_.size()) return syntax("the text is empty: JSON needs one value");
    mark(line_);
    MBF_TRY(Value value, read_value(0));
    skip_space();
    if (pos_ != text_.size()) return syntax("something follows the end of the value: remove it");
    return value;
  }

 private:
  [[nodiscard]] std::string place() const {
    const std::string_view before = text_.substr(0, pos_);
    const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    const auto lines = 1 + std::ranges::count(before, '\n');
    const auto column = 1 + utf8_length(before.substr(line_start));
    return "line " + std::to_string(lines) + ", column " + std::to_string(column) + ": ";
  }
  [[nodiscard]] Error syntax(std::string_view what) const {
    return fail(Kind::invalid, "json.syntax", place().append(what)).with_at(pointer_);
  }
  [[nodiscard]] Error bad_text(std::string_view what) const {
    return fail(Kind::invalid, "json.utf8", place().append(what)).with_at(pointer_);
  }

  [[nodiscard]] char peek() const { return pos_ < text_.size() ? text_[pos_] : '\0'; }
  void mark(int line) {
    if (lines_) lines_->insert_or_assign(pointer_, line);
  }
  void skip_space() {
    for (; pos_ < text_.size(); ++pos_) {
      const char c = text_[pos_];
      if (c == '\n') ++line_;
      if (c != ' ' && c != '\n' && c != '\t' && c != '\r') return;
    }
  }

  Result<Value> read_value(int depth) {
    switch (peek()) {
      case '{':
        return enter(depth, &Scanner::read_object);
      case '[':
        return enter(depth, &Scanner::read_array);
      case '"':
        return read_string();
      case 't':
        return read_word("true", true);
      case 'f':
        return read_word("false", false);
      case 'n':
        return read_word("null", nullptr);
      default:
        return read_number();
    }
  }

  Result<Value> enter(int depth, Result<Value> (Scanner::*read)(int)) {
    if (depth >= max_depth_) {
      return fail(Kind::invalid, "json.depth",
                  place() + "arrays and objects are nested deeper than " + std::to_string(max_depth_) + " levels")
          .with_at(pointer_);
    }
    ++pos_;
    skip_space();
    return (this->*read)(depth + 1);
  }

  // After an element: true at the closing bracket, false when another one follows.
  Result<bool> at_close(char close) {
    skip_space();
    const char c = peek();
    if (pos_ < text_.size() && c == close) {
      ++pos_;
      return true;
    }
    if (c != ',') return syntax(close == ']' ? "expected ',' or ']' here" : "expected ',' or '}' here");
    ++pos_;
    skip_space();
    if (peek() == close) return syntax("a comma with nothing after it: remove it");
    return false;
  }

  Result<Value> read_array(int depth) {
    if (peek() == ']') return ++pos_, Value::array();
    std::vector<Value> elements;
    for (bool done = false; !done;) {
      const std::size_t parent = descend(std::to_string(elements.size()));
      mark(line_);
      MBF_TRY(Value element, read_value(depth));
      pointer_.resize(parent);
      elements.push_back(std::move(element));
      MBF_TRY(done, at_close(']'));
    }
    return Value::array(std::move(elements));
  }

  Result<Value> read_object(int depth) {
    if (peek() == '}') return ++pos_, Value::object();
    ObjectBuilder members;
    for (bool done = false; !done;) {
      if (peek() != '"') return syntax("expected a member's name in double quotes");
      const int line = line_;
      MBF_TRY(Value key, read_key(members));
      const std::size_t parent = descend(key.as_string());
      mark(line);
      MBF_TRY(Value value, read_value(depth));
      pointer_.resize(parent);
      members.set(std::move(key), std::move(value));
      MBF_TRY(done, at_close('}'));
    }
    return members.build();
  }

  Result<Value> read_key(const ObjectBuilder& members) {
    const std::size_t start = pos_;
    MBF_TRY(Value key, read_string());
    if (options_.reject_duplicate_keys && members.find(key.as_string())) {
      pos_ = start;
      return fail(Kind::invalid, "json.duplicate_key",
                  place() + "the member \"" + std::string(key.as_string()) + "\" is already there: keep one of the two")
          .with_at(pointer_);
    }
    skip_space();
    if (peek() != ':') return syntax("expected ':' after the member's name");
    ++pos_;
    skip_space();
    return key;
  }

  // The pointer is kept for located errors in every mode; it only grows by what the nesting needs.
  std::size_t descend(std::string_view token) {
    const std::size_t parent = pointer_.size();
    pointer_ += '/';
    pointer_ += pointer_escape(token);
    return parent;
  }

  Result<Value> read_word(std::string_view word, Value value) {
    if (text_.substr(pos_, word.size()) != word) return syntax("expected true, false or null");
    pos_ += word.size();
    return value;
  }

  Result<Value> read_number() {
    if (pos_ == text_.size()) return syntax("the text ends where a value should be");
    const std::string_view number = json_number_prefix(text_.substr(pos_));
    if (number.empty()) return syntax("expected a value here");
    const std::optional<Value> value = number_from_text(number);
    if (!value) return syntax("the number is too large: the largest is about 1.8e308");
    pos_ += number.size();
    return *value;
  }

  Result<Value> read_string() {
    std::string out;
    for (++pos_; pos_ < text_.size();) {
      const auto c = static_cast<unsigned char>(text_[pos_]);
      if (c == '"') return ++pos_, Value(out);
      if (c < 0x20)
        return syntax("a line break or control character inside a string: write it as an escape such as \\n");
      if (c == '\\') {
        MBF_CHECK(read_escape(out));
        continue;
      }
      const std::size_t length = utf8_sequence(text_.substr(pos_));
      if (length == 0) return bad_text("the string is not valid UTF-8: save the text as UTF-8");
      out.append(text_, pos_, length);
      pos_ += length;
    }
    return syntax("the text ends inside a string: its closing quote is missing");
  }

  Result<void> read_escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const char letter = pos_ + 1 < text_.size() ? text_[pos_ + 1] : '\0';
    if (letter == 'u') return read_unicode_escape(out);
    const auto found = letter == '\0' ? std::string_view::npos : letters.find(letter);
    if (found == std::string_view::npos)
      return syntax("an unknown escape in a string: after a backslash comes one of \"\\/bfnrtu");
    out += meanings[found];
    pos_ += 2;
    return {};
  }

  [[nodiscard]] std::optional<std::uint32_t> unit_at(std::size_t at) const {
    if (text_.substr(at, 2) != "\\u" || at + 6 > text_.size()) return std::nullopt;
    return parse_hex4(text_.substr(at + 2, 4));
  }

  Result<void> read_unicode_escape(std::string& out) {
    const auto first = unit_at(pos_);
    if (!first) return syntax("\\u wants four hexadecimal digits");
    std::uint32_t point = *first;
    std::size_t length = 6;
    if (point >= 0xD800 && point <= 0xDBFF) {
      const auto second = unit_at(pos_ + 6);
      if (!second || *second < 0xDC00 || *second > 0xDFFF)
        return bad_text("half of a surrogate pair: the other \\u is missing");
      point = 0x10000 + ((point - 0xD800) << 10) + (*second - 0xDC00);
      length = 12;
    } else if (point >= 0xDC00 && point <= 0xDFFF) {
      return bad_text("half of a surrogate pair: the \\u before it is missing");
    }
    utf8_append(out, point);
    pos_ += length;
    return {};
  }

  std::string_view text_;
  const JsonOptions& options_;
  LineMap* lines_;
  int max_depth_;
  std::size_t pos_ = 0;
  int line_ = 1;
  std::string pointer_;
};

}  // namespace

Result<Value> scan_json(std::string_view text, const JsonOptions& options, LineMap* lines) {
  return Scanner(text, options, lines).run();
}

}  // namespace mbflow
