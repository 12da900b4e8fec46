#include "base/zone_rule.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

namespace mbflow {
namespace {

// Reads a text from left to right; after the first mismatch nothing matches any more.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok_ = take(c) && ok_; }
  // "CET" or "<+03>"; what it says does not matter.
  void name() {
    const bool quoted = take('<');
    std::size_t size = 0;
    while (size < rest_.size() && (quoted ? rest_[size] != '>' : is_letter(rest_[size]))) ++size;
    ok_ = ok_ && size > 0;
    rest_.remove_prefix(size);
    if (quoted) expect('>');
  }
  int number(int most) {
    int value = 0;
    std::size_t size = 0;
    for (; size < rest_.size() && size < 4 && rest_[size] >= '0' && rest_[size] <= '9'; ++size) value = value * 10 + (rest_[size] - '0');
    ok_ = ok_ && size > 0 && value <= most;
    rest_.remove_prefix(size);
    return value;
  }
  // "-1", "2:30", "167:59:59"
  std::int64_t time() {
    const bool negative = take('-');
    if (!negative) take('+');
    std::int64_t seconds = number(167) * std::int64_t{3600};
    if (take(':')) seconds += number(59) * 60;
    if (take(':')) seconds += number(59);
    return negative ? -seconds : seconds;
  }
  YearlyChange change() {
    YearlyChange change;
    expect(',');
    if (take('M')) {
      change.month = number(12);
      expect('.');
      change.week = number(5);
      expect('.');
      change.weekday = number(6);
      ok_ = ok_ && change.month >= 1 && change.week >= 1;
    } else {
      change.form = take('J') ? YearlyChange::Form::without_leap_day : YearlyChange::Form::with_leap_day;
      change.day = number(365);
    }
    if (take('/')) change.time = time();
    return change;
  }

 private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  std::string_view rest_;
  bool ok_ = true;
};

std::chrono::sys_days day_of(const YearlyChange& change, int year) {
  using namespace std::chrono;
  const auto y = std::chrono::year(year);
  const auto first = sys_days(y / 1 / 1);
  if (change.form == YearlyChange::Form::with_leap_day) return first + days(change.day);
  if (change.form == YearlyChange::Form::without_leap_day) return first + days(change.day - 1 + (y.is_leap() && change.day >= 60 ? 1 : 0));
  const auto month = y / change.month;
  const auto day = weekday(static_cast<unsigned>(change.weekday));
  if (change.week == 5) return sys_days(month / day[last]);
  return sys_days(month / day[static_cast<unsigned>(change.week)]);
}

std::int64_t seconds_of(const YearlyChange& change, int year) {
  return day_of(change, year).time_since_epoch().count() * std::int64_t{86'400} + change.time;
}

}  // namespace

std::optional<ZoneRule> parse_zone_rule(std::string_view text) {
  Reader in(text);
  ZoneRule rule;
  in.name();
  rule.standard = -in.time();  // POSIX counts westwards
  rule.daylight = rule.standard;
  if (in.ok() && in.at_end()) return rule;
  in.name();
  Reader ahead = in;
  const bool plain = ahead.take(',') || ahead.at_end();
  rule.daylight = plain ? rule.standard + 3600 : -in.time();
  const YearlyChange begin = in.change();
  const YearlyChange end = in.change();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  rule.changes = {begin, end};
  return rule;
}

std::optional<ZoneRule> read_zone_rule(std::string_view zone) {
  std::ifstream file("/usr/share/zoneinfo/" + std::string(zone), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!bytes.starts_with("TZif") || bytes.size() < 46 || bytes.back() != '\n') return std::nullopt;
  const std::size_t begin = bytes.rfind('\n', bytes.size() - 2);
  if (begin == std::string::npos) return std::nullopt;
  return parse_zone_rule(std::string_view(bytes).substr(begin + 1, bytes.size() - begin - 2));
}

std::array<ClockChange, 2> changes_of(const ZoneRule& rule, int year) {
  const auto& [begin, end] = *rule.changes;
  return {ClockChange{seconds_of(begin, year) - rule.standard, rule.daylight}, ClockChange{seconds_of(end, year) - rule.daylight, rule.standard}};
}

}  // namespace mbflow
