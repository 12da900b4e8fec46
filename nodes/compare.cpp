#include "nodes/compare.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace mbflow::nodes {
namespace {

int rank(const Value& value) {
  if (value.is_number()) return 0;
  if (value.is_string()) return 1;
  return value.is_bool() ? 2 : 3;
}

}  // namespace

std::optional<double> number_of(const Value& value) {
  if (value.is_number()) return value.as_number();
  std::string_view text = value.as_string();
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  double number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = fault == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
  return whole ? std::optional(number) : std::nullopt;
}

std::partial_ordering compare_values(const Value& a, const Value& b) {
  if (rank(a) != rank(b)) return rank(a) <=> rank(b);
  if (a.is_integer() && b.is_integer()) return a.as_integer() <=> b.as_integer();
  if (a.is_number()) return a.as_number() <=> b.as_number();
  if (a.is_string()) return a.as_string() <=> b.as_string();
  return a.as_bool() <=> b.as_bool();
}

}  // namespace mbflow::nodes
