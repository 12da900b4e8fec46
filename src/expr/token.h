// JavaScript cut into tokens: enough to find where a {{ … }} ends, which `$` roots it reads, and to rewrite its member
// accesses. It judges no grammar; whatever it cannot read is left to the JavaScript compiler. Pure functions.
#pragma once

#include <mbflow/result.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace mbflow::expr {

struct Token {
  enum class Kind : std::uint8_t {
    name,          // identifiers and keywords
    private_name,  // #x
    number,
    string,  // with its quotes
    regex,
    whole_template,   // `…` without ${
    template_open,    // `…${
    template_middle,  // }…${
    template_close,   // }…`
    punctuator,
  };
  Kind kind = Kind::punctuator;
  std::uint32_t begin = 0;  // into the source
  std::uint32_t end = 0;
  [[nodiscard]] std::string_view text(std::string_view source) const { return source.substr(begin, end - begin); }
};

struct Tokens {
  std::vector<Token> list;
  std::size_t end = 0;  // where the expression stopped: the `}}` that closes it, or the end of the source
  bool closed = false;  // a `}}` was found
};

// Reads from the start of `source` up to the first `}}` outside every bracket, string, template and comment.
// Error: expr.syntax, `at` = byte offset as decimal text.
[[nodiscard]] Result<Tokens> tokenize(std::string_view source);

// A token that ends an operand, so that a `/`, `[` or template after it continues the expression.
[[nodiscard]] bool ends_operand(const Token& token, std::string_view source);

}  // namespace mbflow::expr
