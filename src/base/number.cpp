#include "base/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace mbflow {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// Out of range says nothing of the direction: what is too small to tell from zero is zero, what is too large is an
// error.
bool is_tiny(std::string_view number) {
  const std::size_t mantissa_end = std::min(number.find_first_of("eE"), number.size());
  const std::size_t point = std::min(number.find('.'), mantissa_end);
  const auto first = static_cast<std::int64_t>(number.find_first_of("123456789"));
  const std::int64_t power = static_cast<std::int64_t>(point) - first;
  if (mantissa_end == number.size()) return power < 0;
  const std::string_view exponent = number.substr(mantissa_end + 1);
  const bool negative = exponent.starts_with('-');
  std::int64_t size = 0;
  const char* digits = exponent.data() + (negative || exponent.starts_with('+') ? 1 : 0);
  const auto read = std::from_chars(digits, number.data() + number.size(), size);
  if (read.ec == std::errc::result_out_of_range) return negative;
  return power + (negative ? -size : size) < 0;
}

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put_zeros(char* out, int count) {
  std::fill_n(out, count, '0');
  return out + count;
}

// The shortest digits that read back as the same double, and the power of ten of the first one.
struct Decimal {
  char digits[20];
  int count = 0;
  int point = 0;  // value = 0.DIGITS × 10^point
};

Decimal shortest(double value) {
  char text[number_room];
  const char* end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  Decimal decimal;
  const char* at = text;
  for (; *at != 'e'; ++at) {
    if (*at != '.') decimal.digits[decimal.count++] = *at;
  }
  at += at[1] == '+' ? 2 : 1;
  std::from_chars(at, end, decimal.point);
  ++decimal.point;
  return decimal;
}

char* put_exponent(const Decimal& decimal, char* out) {
  *out++ = decimal.digits[0];
  if (decimal.count > 1) {
    *out++ = '.';
    out = put(out, {decimal.digits + 1, static_cast<std::size_t>(decimal.count - 1)});
  }
  const int exponent = decimal.point - 1;
  *out++ = 'e';
  if (exponent >= 0) *out++ = '+';
  return std::to_chars(out, out + 6, exponent).ptr;
}

}  // namespace

std::string_view json_number_prefix(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t first = at;
  at = skip_digits(text, at);
  if (at == first || (text[first] == '0' && at > first + 1)) return {};
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = skip_digits(text, at + 1);
    if (end == at + 1) return {};
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t end = skip_digits(text, at);
    if (end == at) return {};
    at = end;
  }
  return text.substr(0, at);
}

std::optional<Value> number_from_text(std::string_view number) {
  const char* end = number.data() + number.size();
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(number.data(), end, whole); read.ec == std::errc() && read.ptr == end)
    return Value(whole);
  double real = 0;
  const auto read = std::from_chars(number.data(), end, real);
  if (read.ec == std::errc::result_out_of_range && is_tiny(number)) return Value(0.0);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(real)) return std::nullopt;
  return Value(real);
}

char* write_number(std::int64_t value, char* out) { return std::to_chars(out, out + number_room, value).ptr; }

char* write_number(double value, char* out) {
  constexpr double exact = 9007199254740992.0;  // 2^53: below it a whole number's digits are its shortest
  if (value == std::trunc(value) && std::abs(value) < exact) return write_number(static_cast<std::int64_t>(value), out);
  if (value < 0) {
    *out++ = '-';
    value = -value;
  }
  const Decimal decimal = shortest(value);
  const auto count = static_cast<std::size_t>(decimal.count);
  const std::string_view digits(decimal.digits, count);
  if (decimal.point > 21 || decimal.point <= -6) return put_exponent(decimal, out);
  if (decimal.point <= 0) return put(put_zeros(put(out, "0."), -decimal.point), digits);
  const auto point = static_cast<std::size_t>(decimal.point);
  if (count <= point) return put_zeros(put(out, digits), decimal.point - decimal.count);
  out = put(out, digits.substr(0, point));
  *out++ = '.';
  return put(out, digits.substr(point));
}

}  // namespace mbflow
