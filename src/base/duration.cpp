#include "base/time.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>

namespace mbflow {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t micros;
};

// Largest first: the order in which they may be written.
constexpr std::int64_t second = 1000000;
constexpr std::array<Unit, 7> units = {{{"w", 7 * 86400 * second},
                                        {"d", 86400 * second},
                                        {"h", 3600 * second},
                                        {"m", 60 * second},
                                        {"s", second},
                                        {"ms", 1000},
                                        {"us", 1}}};
constexpr std::int64_t longest = 36525 * (86400 * second);  // a hundred years

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_while(std::string_view& text, bool (*wanted)(char)) {
  std::size_t count = 0;
  while (count < text.size() && wanted(text[count])) ++count;
  const std::string_view taken = text.substr(0, count);
  text.remove_prefix(count);
  return taken;
}

struct Amount {
  std::int64_t whole = 0;
  std::string_view fraction;
};

std::optional<Amount> take_amount(std::string_view& text) {
  Amount amount;
  const std::string_view digits = take_while(text, is_digit);
  if (digits.empty() || digits.size() > 17) return std::nullopt;
  std::from_chars(digits.data(), digits.data() + digits.size(), amount.whole);
  if (!text.starts_with('.')) return amount;
  text.remove_prefix(1);
  amount.fraction = take_while(text, is_digit);
  if (amount.fraction.empty() || amount.fraction.size() > 9) return std::nullopt;
  return amount;
}

// Wide enough for nine decimals of a week.
__extension__ using Wide = __int128;

std::optional<std::int64_t> in_micros(const Amount& amount, const Unit& unit) {
  if (amount.whole > longest / unit.micros) return std::nullopt;
  Wide parts = 0;
  Wide scale = 1;
  for (const char digit : amount.fraction) {
    scale *= 10;
    parts = parts * 10 + (digit - '0');
  }
  return amount.whole * unit.micros + static_cast<std::int64_t>(parts * unit.micros / scale);
}

std::optional<std::int64_t> read_duration(std::string_view text) {
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  bool first = true;
  while (!text.empty()) {
    const auto amount = take_amount(text);
    if (!amount) return std::nullopt;
    const std::string_view name = take_while(text, [](char c) { return !is_digit(c) && c != '.'; });
    std::size_t unit = next_unit;
    while (unit < units.size() && units[unit].name != name) ++unit;
    if (name.empty() && first && text.empty()) unit = 4;  // a bare number is seconds
    if (unit == units.size()) return std::nullopt;
    if (!amount->fraction.empty() && !text.empty()) return std::nullopt;
    const auto micros = in_micros(*amount, units[unit]);
    if (!micros || total + *micros > longest) return std::nullopt;
    total += *micros;
    next_unit = unit + 1;
    first = false;
  }
  if (first) return std::nullopt;
  return total;
}

void append_part(std::string& out, std::int64_t amount, std::string_view unit) {
  if (amount == 0) return;
  out += std::to_string(amount);
  out += unit;
}

// The rest below a minute as one decimal: "1.5s", "250ms".
void append_decimal(std::string& out, std::int64_t micros, const Unit& unit) {
  if (micros == 0) return;
  out += std::to_string(micros / unit.micros);
  if (const std::int64_t rest = micros % unit.micros; rest != 0) {
    std::string digits = std::to_string(unit.micros + rest);
    digits.erase(digits.find_last_not_of('0') + 1);
    out += '.';
    out += digits.substr(1);
  }
  out += unit.name;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (const auto micros = read_duration(text)) return Duration(*micros);
  return fail(
      Kind::invalid, "duration.syntax",
      "\"" + std::string(text.substr(0, 60)) +
          "\" is not a duration: write it like 90s, 1h30m, 1.5s or 250ms (units w d h m s ms us), up to 100 years");
}

std::string format_duration(Duration duration) {
  std::int64_t micros = duration.count();
  if (micros == 0) return "0s";
  std::string out = micros < 0 ? "-" : "";
  micros = std::abs(micros);
  if (micros % units[0].micros == 0) {
    append_part(out, micros / units[0].micros, "w");
    return out;
  }
  const bool below_a_second = micros < second;
  for (std::size_t unit = 1; unit < 4; ++unit) {
    append_part(out, micros / units[unit].micros, units[unit].name);
    micros %= units[unit].micros;
  }
  if (!below_a_second) append_decimal(out, micros, units[4]);
  if (below_a_second) append_decimal(out, micros, micros < 1000 ? units[6] : units[5]);
  return out;
}

}  // namespace mbflow
