#include "base/yaml_scalar.h"

#include "base/number.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace mbflow {
namespace {

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_octal(char c) { return c >= '0' && c <= '7'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

std::string_view drop_sign(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return text;
}

bool all(std::string_view text, bool (*wanted)(char)) { return !text.empty() && std::ranges::all_of(text, wanted); }

std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

// [-+]? ( . [0-9]+ | [0-9]+ ( . [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
  text = drop_sign(text);
  std::size_t digits = count_digits(text);
  text.remove_prefix(digits);
  if (text.starts_with('.')) {
    const std::size_t decimals = count_digits(text.substr(1));
    digits += decimals;
    text.remove_prefix(1 + decimals);
  }
  if (digits == 0) return false;
  if (!text.starts_with('e') && !text.starts_with('E')) return text.empty();
  return all(drop_sign(text.substr(1)), is_digit);
}

Value based_integer(std::string_view digits, int base) {
  std::uint64_t whole = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), whole, base).ec == std::errc()) return Value(whole);
  double wide = 0;
  for (const char c : digits) {
    const int digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
    wide = wide * base + digit;
  }
  return Value(wide);
}

}  // namespace

ScalarKind scalar_kind(std::string_view text) {
  if (one_of(text, {"", "~", "null", "Null", "NULL"})) return ScalarKind::null;
  if (one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) return ScalarKind::boolean;
  if (one_of(text, {".nan", ".NaN", ".NAN"})) return ScalarKind::not_json;
  if (one_of(drop_sign(text), {".inf", ".Inf", ".INF"})) return ScalarKind::not_json;
  if (all(drop_sign(text), is_digit)) return ScalarKind::integer;
  if (text.starts_with("0x") && all(text.substr(2), is_hex)) return ScalarKind::integer;
  if (text.starts_with("0o") && all(text.substr(2), is_octal)) return ScalarKind::integer;
  return is_float(text) ? ScalarKind::number : ScalarKind::text;
}

std::optional<Value> scalar_value(std::string_view text) {
  switch (scalar_kind(text)) {
    case ScalarKind::null:
      return Value();
    case ScalarKind::boolean:
      return Value(text[0] == 't' || text[0] == 'T');
    case ScalarKind::text:
      return Value(text);
    case ScalarKind::not_json:
      return std::nullopt;
    case ScalarKind::integer:
    case ScalarKind::number:
      break;
  }
  if (text.starts_with("0x")) return based_integer(text.substr(2), 16);
  if (text.starts_with("0o")) return based_integer(text.substr(2), 8);
  if (text.starts_with('+')) text.remove_prefix(1);
  return number_from_text(text);
}

}  // namespace mbflow
