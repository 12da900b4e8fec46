#include "expr/native.h"

#include "base/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

namespace mbflow::expr {
namespace {

constexpr double max_safe = 9007199254740991.0;

bool is_nullish(const Operand& operand) { return operand.undefined || (!operand.computed && operand.value.is_null()); }
bool is_string(const Operand& operand) { return !operand.computed && operand.value.is_string(); }
bool is_container(const Operand& operand) {
  return !operand.computed && (operand.value.is_object() || operand.value.is_array());
}
bool truthy(const Operand& operand) {
  if (operand.computed) return *operand.computed != 0 && !std::isnan(*operand.computed);
  return !operand.undefined && (is_container(operand) || is_truthy(operand.value));
}
Operand boolean(bool value) { return {Value(value), false, std::nullopt}; }
Operand number(double value) { return {Value(), false, value}; }

// Number(text) for the plain decimals that people type; nothing for the rest (blank, hex, Infinity, separators).
std::optional<double> plain_decimal(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || digits[0] < '0' || digits[0] > '9' || digits.back() == '.') return std::nullopt;
  if (digits.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// ToNumber; nothing: JavaScript must say.
std::optional<double> to_number(const Operand& operand) {
  if (operand.undefined) return std::nan("");
  if (operand.is_number()) return operand.number();
  if (operand.value.is_null()) return 0.0;
  if (operand.value.is_bool()) return operand.value.as_bool() ? 1.0 : 0.0;
  return operand.value.is_string() ? plain_decimal(operand.value.as_string()) : std::nullopt;
}

// ToString of what is not a container.
std::string to_text(const Operand& operand) {
  if (operand.undefined) return "undefined";
  if (operand.is_number()) {
    const double value = operand.number();
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    std::array<char, number_room> room{};
    return {room.data(), write_number(value, room.data())};
  }
  if (operand.value.is_null()) return "null";
  if (operand.value.is_bool()) return operand.value.as_bool() ? "true" : "false";
  return std::string(operand.value.as_string());
}

// JavaScript orders strings by UTF-16 unit. UTF-8 bytes sort the same but for one case: the surrogates of code points
// beyond the basic plane (lead byte F0…F4) come before U+E000…U+FFFF (lead byte EE, EF).
int utf16_rank(unsigned char lead) { return lead >= 0xF0U ? 0xED + 1 : lead >= 0xEEU ? lead + 2 : lead; }
bool string_less(std::string_view a, std::string_view b) {
  const auto [at, bt] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at == a.end() || bt == b.end()) return at == a.end() && bt != b.end();
  const auto x = static_cast<unsigned char>(*at);
  const auto y = static_cast<unsigned char>(*bt);
  return utf16_rank(x) != utf16_rank(y) ? utf16_rank(x) < utf16_rank(y) : x < y;
}

// Nothing: JavaScript must say (both are containers, and identity would be asked).
std::optional<bool> strict_equal(const Operand& a, const Operand& b) {
  if (is_container(a) && is_container(b)) return std::nullopt;
  if (a.is_number() && b.is_number()) return a.number() == b.number();
  if (a.undefined || b.undefined) return a.undefined && b.undefined;
  if (a.is_number() || b.is_number() || a.value.type() != b.value.type()) return false;
  return a.value == b.value;
}

std::optional<bool> loose_equal(const Operand& a, const Operand& b) {
  if (is_nullish(a) || is_nullish(b)) return is_nullish(a) && is_nullish(b);
  if (is_container(a) || is_container(b)) return std::nullopt;
  if (is_string(a) && is_string(b)) return a.value == b.value;
  const auto x = to_number(a);
  const auto y = to_number(b);
  if (!x || !y) return std::nullopt;
  return *x == *y;
}

std::optional<bool> compare(Op op, const Operand& a, const Operand& b) {
  if (is_container(a) || is_container(b)) return std::nullopt;
  if (is_string(a) && is_string(b)) {
    const std::string_view x = a.value.as_string();
    const std::string_view y = b.value.as_string();
    if (op == Op::less) return string_less(x, y);
    if (op == Op::greater) return string_less(y, x);
    return op == Op::less_equal ? !string_less(y, x) : !string_less(x, y);
  }
  const auto x = to_number(a);
  const auto y = to_number(b);
  if (!x || !y) return std::nullopt;
  if (op == Op::less) return *x < *y;
  if (op == Op::greater) return *x > *y;
  return op == Op::less_equal ? *x <= *y : *x >= *y;
}

std::optional<Operand> arithmetic(Op op, const Operand& a, const Operand& b) {
  if (is_container(a) || is_container(b)) return std::nullopt;
  if (op == Op::add && (is_string(a) || is_string(b)))
    return Operand{Value(to_text(a) + to_text(b)), false, std::nullopt};
  const auto x = to_number(a);
  const auto y = to_number(b);
  if (!x || !y) return std::nullopt;
  switch (op) {
    case Op::add:
      return number(*x + *y);
    case Op::subtract:
      return number(*x - *y);
    case Op::multiply:
      return number(*x * *y);
    case Op::divide:
      return number(*x / *y);
    default:
      return number(std::fmod(*x, *y));
  }
}

class Run {
 public:
  Run(const NativeTree& tree, const Scope& scope) : tree_(tree), scope_(scope) {}

  // Nothing: JavaScript must say, or error() is set.
  std::optional<Operand> eval(std::uint32_t place) {
    const NativeNode& node = tree_.nodes[place];
    if (node.op == Op::literal) return node.literal;
    if (node.op == Op::path) return reach(node.path);
    auto a = eval(node.a);
    if (!a) return std::nullopt;
    if (node.op <= Op::plus) return unary(node.op, *a);
    if (node.op == Op::choose) return eval(truthy(*a) ? node.b : node.c);
    if (node.op == Op::logical_or) return truthy(*a) ? a : eval(node.b);
    if (node.op == Op::logical_and) return truthy(*a) ? eval(node.b) : a;
    if (node.op == Op::coalesce) return is_nullish(*a) ? eval(node.b) : a;
    auto b = eval(node.b);
    return b ? binary(node.op, *a, *b) : std::nullopt;
  }
  std::optional<Error>& error() { return error_; }

 private:
  std::optional<Operand> reach(const Path& path) {
    auto reached = follow(path, scope_);
    if (!reached) {
      error_ = std::move(reached).error();
      return std::nullopt;
    }
    if (reached->rest > 0) return std::nullopt;
    return Operand{std::move(reached->value), reached->undefined, std::nullopt};
  }

  static std::optional<Operand> unary(Op op, const Operand& a) {
    if (op == Op::logical_not) return boolean(!truthy(a));
    const auto x = is_container(a) ? std::nullopt : to_number(a);
    if (!x) return std::nullopt;
    return number(op == Op::negate ? -*x : *x);
  }

  static std::optional<Operand> binary(Op op, const Operand& a, const Operand& b) {
    if (op >= Op::add) return arithmetic(op, a, b);
    std::optional<bool> verdict;
    if (op == Op::equal || op == Op::not_equal)
      verdict = strict_equal(a, b);
    else if (op == Op::loose_equal || op == Op::loose_not_equal)
      verdict = loose_equal(a, b);
    else
      verdict = compare(op, a, b);
    if (!verdict) return std::nullopt;
    return boolean(op == Op::not_equal || op == Op::loose_not_equal ? !*verdict : *verdict);
  }

  const NativeTree& tree_;
  const Scope& scope_;
  std::optional<Error> error_;
};

}  // namespace

Value number_value(double number) {
  const bool whole =
      std::abs(number) <= max_safe && number == std::trunc(number) && !(number == 0 && std::signbit(number));
  return whole ? Value(static_cast<std::int64_t>(number)) : Value(number);
}

Value to_value(const Operand& operand) {
  if (operand.computed) return number_value(*operand.computed);
  return operand.value;
}

Result<std::optional<Operand>> run_native(const NativeTree& tree, const Scope& scope) {
  Run run(tree, scope);
  auto operand = run.eval(static_cast<std::uint32_t>(tree.nodes.size() - 1));
  if (run.error()) return *std::move(run.error());
  return operand;
}

}  // namespace mbflow::expr
