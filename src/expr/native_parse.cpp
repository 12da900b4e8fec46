#include "expr/native.h"

#include <array>
#include <charconv>
#include <utility>

namespace mbflow::expr {
namespace {

using Kind = Token::Kind;

struct Infix {
  std::string_view text;
  Op op;
  int level;  // binds tighter when higher
};
constexpr std::array<Infix, 16> infixes = {{{"\?\?", Op::coalesce, 1},
                                            {"||", Op::logical_or, 2},
                                            {"&&", Op::logical_and, 3},
                                            {"===", Op::equal, 4},
                                            {"!==", Op::not_equal, 4},
                                            {"==", Op::loose_equal, 4},
                                            {"!=", Op::loose_not_equal, 4},
                                            {"<", Op::less, 5},
                                            {"<=", Op::less_equal, 5},
                                            {">", Op::greater, 5},
                                            {">=", Op::greater_equal, 5},
                                            {"+", Op::add, 6},
                                            {"-", Op::subtract, 6},
                                            {"*", Op::multiply, 7},
                                            {"/", Op::divide, 7},
                                            {"%", Op::remainder, 7}}};
constexpr int max_nesting = 64;

class Parser {
 public:
  Parser(std::string_view source, const std::vector<Token>& tokens) : source_(source), tokens_(tokens) {}

  std::optional<NativeTree> run() {
    if (!conditional(0) || at_ != tokens_.size()) return std::nullopt;
    return std::move(tree_);
  }

 private:
  // Each gives the place of its node, or nothing.
  using Place = std::optional<std::uint32_t>;

  [[nodiscard]] std::string_view text() const {
    return at_ < tokens_.size() ? tokens_[at_].text(source_) : std::string_view();
  }
  [[nodiscard]] bool is_sign(std::string_view sign) const {
    return at_ < tokens_.size() && tokens_[at_].kind == Kind::punctuator && text() == sign;
  }
  Place add(NativeNode node) {
    tree_.nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(tree_.nodes.size() - 1);
  }
  Place literal(Value value, bool undefined = false) {
    NativeNode node;
    node.literal = {std::move(value), undefined, std::nullopt};
    return add(std::move(node));
  }

  Place conditional(int nesting) {
    if (nesting > max_nesting) return std::nullopt;
    const Place test = binary(1, nesting);
    if (!test || !is_sign("?")) return test;
    ++at_;
    const Place yes = conditional(nesting + 1);
    if (!yes || !is_sign(":")) return std::nullopt;
    ++at_;
    const Place no = conditional(nesting + 1);
    if (!no) return std::nullopt;
    return add({Op::choose, {}, {}, *test, *yes, *no});
  }

  Place binary(int level, int nesting) {
    Place left = unary(nesting);
    while (left && at_ < tokens_.size() && tokens_[at_].kind == Kind::punctuator) {
      const Infix* infix = nullptr;
      for (const Infix& candidate : infixes) infix = candidate.text == text() ? &candidate : infix;
      if (infix == nullptr || infix->level < level) return left;
      ++at_;
      const Place right = binary(infix->level + 1, nesting + 1);
      if (!right || mixes_coalesce(infix->op, *left, *right)) return std::nullopt;
      left = add({infix->op, {}, {}, *left, *right, 0});
    }
    return left;
  }

  // `a ?? b || c` without parentheses is no JavaScript; the compiler says it best. With them it is rare enough.
  [[nodiscard]] bool mixes_coalesce(Op op, std::uint32_t left, std::uint32_t right) const {
    const auto logical = [&](std::uint32_t at) {
      return tree_.nodes[at].op == Op::logical_or || tree_.nodes[at].op == Op::logical_and;
    };
    const auto coalesce = [&](std::uint32_t at) { return tree_.nodes[at].op == Op::coalesce; };
    if (op == Op::coalesce) return logical(left) || logical(right);
    return (op == Op::logical_or || op == Op::logical_and) && (coalesce(left) || coalesce(right));
  }

  Place unary(int nesting) {
    if (nesting > max_nesting) return std::nullopt;
    constexpr std::array<std::pair<std::string_view, Op>, 3> signs = {
        {{"!", Op::logical_not}, {"-", Op::negate}, {"+", Op::plus}}};
    for (const auto& [sign, op] : signs) {
      if (!is_sign(sign)) continue;
      ++at_;
      const Place operand = unary(nesting + 1);
      if (!operand) return std::nullopt;
      return add({op, {}, {}, *operand, 0, 0});
    }
    return primary(nesting);
  }

  Place primary(int nesting) {
    if (is_sign("(")) {
      ++at_;
      const Place inner = conditional(nesting + 1);
      if (!inner || !is_sign(")")) return std::nullopt;
      ++at_;
      return continues() ? std::nullopt : inner;
    }
    if (auto path = parse_path(source_, tokens_, at_)) {
      at_ = path->next;
      NativeNode node{Op::path, {}, std::move(path->path)};
      return continues() ? std::nullopt : add(std::move(node));
    }
    if (at_ >= tokens_.size()) return std::nullopt;
    const Token token = tokens_[at_++];
    if (continues()) return std::nullopt;
    if (token.kind == Kind::number) return number(token.text(source_));
    if (token.kind == Kind::name) return word(token.text(source_));
    if (token.kind != Kind::string) return std::nullopt;
    auto text = string_token(token.text(source_));
    return text ? literal(Value(*text)) : std::nullopt;
  }

  // A member access, call or template follows: more than a plain operand.
  [[nodiscard]] bool continues() const {
    if (at_ >= tokens_.size()) return false;
    if (tokens_[at_].kind != Kind::punctuator) return true;
    return is_sign(".") || is_sign("?.") || is_sign("[") || is_sign("(");
  }

  Place word(std::string_view word) {
    if (word == "true" || word == "false") return literal(Value(word == "true"));
    if (word == "null") return literal(Value());
    if (word == "undefined") return literal(Value(), true);
    return std::nullopt;
  }

  Place number(std::string_view digits) {
    if (digits.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
    if (digits.size() > 1 && digits[0] == '0' && digits[1] != '.') return std::nullopt;  // 012 is no strict JavaScript
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return literal(number_value(value));
  }

  std::string_view source_;
  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  NativeTree tree_;
};

}  // namespace

std::optional<NativeTree> parse_native(std::string_view source, const Tokens& tokens) {
  return Parser(source, tokens.list).run();
}

}  // namespace mbflow::expr
