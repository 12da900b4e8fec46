#include "expr/token.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace mbflow::expr {
namespace {

using Kind = Token::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
// Bytes beyond ASCII count as letters: identifiers may hold any of them, and the compiler refuses the rest.
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '\\' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }

constexpr std::array<std::string_view, 18> operator_words = {
    "await", "case", "const", "delete", "do",    "else",   "extends", "in",   "instanceof",
    "let",   "new",  "of",    "return", "throw", "typeof", "var",     "void", "yield"};
// After `if (x)` a slash begins a regular expression, after `f(x)` it divides.
constexpr std::array<std::string_view, 4> clause_words = {"for", "if", "while", "with"};

// Longest first within one first character.
constexpr std::array<std::string_view, 37> punctuators = {
    ">>>=", "...", "===", "!==", "**=", "<<=",  ">>=", ">>>", "&&=", "||=", "\?\?=", "=>", "==",
    "!=",   "<=",  ">=",  "&&",  "||",  "\?\?", "?.",  "++",  "--",  "+=",  "-=",    "*=", "/=",
    "%=",   "&=",  "|=",  "^=",  "<<",  ">>",   "**",  "{",   "}",   "(",   ")"};

class Reader {
 public:
  explicit Reader(std::string_view source) : source_(source) {}

  Result<Tokens> run() {
    while (error_.code.empty() && !tokens_.closed) {
      skip_blank();
      if (at_ >= source_.size() || !error_.code.empty()) break;
      read_token();
    }
    if (!error_.code.empty()) return std::move(error_);
    if (!open_.empty()) return unclosed();
    tokens_.end = at_;
    return std::move(tokens_);
  }

 private:
  struct Open {
    char bracket;  // ( [ { or ` for the ${ of a template
    std::size_t at;
    bool clause = false;  // the parenthesis of if, for, while, with
  };

  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool starts(std::string_view text) const { return source_.substr(at_).starts_with(text); }
  void fail_at(std::size_t at, std::string message) {
    if (error_.code.empty())
      error_ = fail(mbflow::Kind::invalid, "expr.syntax", std::move(message)).with_at(std::to_string(at));
  }
  Error unclosed() {
    const Open& open = open_.back();
    fail_at(open.at, open.bracket == '`' ? "this ${ is never closed"
                                         : std::string("this '") + open.bracket + "' is never closed");
    return std::move(error_);
  }
  void push(Kind kind, std::size_t begin) {
    tokens_.list.push_back({kind, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)});
  }

  void skip_blank() {
    while (at_ < source_.size()) {
      if (starts("//")) {
        at_ = std::min(source_.find('\n', at_), source_.size());
      } else if (starts("/*")) {
        const std::size_t end = source_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return fail_at(at_, "this comment is never closed");
        at_ = end + 2;
      } else if (std::string_view(" \t\r\n\v\f").find(source_[at_]) != std::string_view::npos) {
        ++at_;
      } else {
        return;
      }
    }
  }

  void read_token() {
    const std::size_t begin = at_;
    const char c = peek();
    if (is_name_start(c)) return read_name(Kind::name);
    if (c == '#' && is_name_start(peek(1))) return read_name(Kind::private_name);
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return read_number();
    if (c == '"' || c == '\'') return read_string(c);
    if (c == '`') {
      ++at_;
      return read_template(begin, Kind::whole_template, Kind::template_open);
    }
    if (c == '/' && slash_is_regex()) return read_regex();
    read_punctuator();
  }

  void read_name(Kind kind) {
    const std::size_t begin = at_;
    ++at_;
    while (is_name_part(peek())) {
      // \u{1F600}: braces inside an identifier
      if (starts("\\u{")) at_ = std::min(source_.find('}', at_), source_.size() - 1);
      ++at_;
    }
    push(kind, begin);
  }

  void read_number() {
    const std::size_t begin = at_;
    while (is_name_part(peek()) || peek() == '.') {
      const bool exponent = (peek() == 'e' || peek() == 'E') && !source_.substr(begin, 2).starts_with("0x");
      ++at_;
      if (exponent && (peek() == '+' || peek() == '-')) ++at_;
      // 1..toFixed(): the second point is a member access
      if (peek() == '.' && source_.substr(begin, at_ - begin).find_first_of(".xXeEn") != std::string_view::npos) break;
    }
    push(Kind::number, begin);
  }

  void read_string(char quote) {
    const std::size_t begin = at_++;
    while (at_ < source_.size() && peek() != quote && peek() != '\n') at_ += peek() == '\\' ? 2 : 1;
    if (at_ >= source_.size() || peek() != quote) return fail_at(begin, "this string is never closed");
    ++at_;
    push(Kind::string, begin);
  }

  // Past the opening ` or }; `whole` when it ends here, `open` when a ${ follows.
  void read_template(std::size_t begin, Kind whole, Kind open) {
    while (at_ < source_.size() && peek() != '`' && !starts("${")) at_ += peek() == '\\' ? 2 : 1;
    if (at_ >= source_.size()) return fail_at(begin, "this template string is never closed");
    const bool closes = peek() == '`';
    at_ += closes ? 1 : 2;
    push(closes ? whole : open, begin);
    if (!closes) open_.push_back({'`', at_ - 2});
  }

  [[nodiscard]] bool slash_is_regex() const {
    if (tokens_.list.empty()) return true;
    const Token& last = tokens_.list.back();
    if (last.text(source_) == ")") return last_was_clause_;
    if (last.text(source_) == "}" && last.kind == Kind::punctuator) return true;
    return !ends_operand(last, source_);
  }

  void read_regex() {
    const std::size_t begin = at_++;
    for (bool in_class = false; at_ < source_.size() && peek() != '\n' && (in_class || peek() != '/');) {
      if (peek() == '[') in_class = true;
      if (peek() == ']') in_class = false;
      at_ += peek() == '\\' ? 2 : 1;
    }
    if (at_ >= source_.size() || peek() != '/') return fail_at(begin, "this regular expression is never closed");
    ++at_;
    while (is_name_part(peek())) ++at_;
    push(Kind::regex, begin);
  }

  void read_punctuator() {
    const char c = peek();
    if (c == '(' || c == '[' || c == '{') open_.push_back({c, at_, c == '(' && after_clause_word()});
    if (c == ')' || c == ']' || c == '}') return close(c);
    const std::size_t begin = at_;
    // a ?.5 : b is a conditional with a number in it
    const auto known = std::ranges::find_if(
        punctuators, [&](std::string_view text) { return starts(text) && (text != "?." || !is_digit(peek(2))); });
    at_ += known == punctuators.end() ? 1 : known->size();
    push(Kind::punctuator, begin);
  }

  void close(char bracket) {
    const std::size_t begin = at_;
    if (open_.empty()) {
      if (!starts("}}")) return fail_at(at_, std::string("'") + bracket + "' closes nothing");
      tokens_.closed = true;
      return;
    }
    const Open open = open_.back();
    open_.pop_back();
    ++at_;
    if (open.bracket == '`' && bracket == '}') return read_template(begin, Kind::template_close, Kind::template_middle);
    const char expected = open.bracket == '(' ? ')' : open.bracket == '[' ? ']' : '}';
    if (bracket != expected)
      return fail_at(
          begin, std::string("'") + bracket + "' does not close '" + (open.bracket == '`' ? '{' : open.bracket) + "'");
    last_was_clause_ = open.clause;
    push(Kind::punctuator, begin);
  }

  [[nodiscard]] bool after_clause_word() const {
    return !tokens_.list.empty() && tokens_.list.back().kind == Kind::name &&
           std::ranges::find(clause_words, tokens_.list.back().text(source_)) != clause_words.end();
  }

  std::string_view source_;
  std::size_t at_ = 0;
  std::vector<Open> open_;
  bool last_was_clause_ = false;
  Tokens tokens_;
  Error error_;
};

}  // namespace

Result<Tokens> tokenize(std::string_view source) { return Reader(source).run(); }

bool ends_operand(const Token& token, std::string_view source) {
  const std::string_view text = token.text(source);
  switch (token.kind) {
    case Kind::name:
      return std::ranges::find(operator_words, text) == operator_words.end();
    case Kind::template_open:
    case Kind::template_middle:
      return false;
    case Kind::punctuator:
      return text == ")" || text == "]" || text == "}" || text == "++" || text == "--";
    default:
      return true;
  }
}

}  // namespace mbflow::expr
