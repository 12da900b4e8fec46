#include "base/time.h"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace mbflow {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp first_instant = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr Timestamp last_instant = Timestamp(std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)) - microseconds(1);

// Reads a text from left to right; after the first mismatch nothing matches any more.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  // Exactly so many digits.
  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= rest_.size() || rest_[i] < '0' || rest_[i] > '9') return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  char one_of(std::string_view letters) {
    if (rest_.empty() || letters.find(rest_[0]) == std::string_view::npos) return static_cast<char>(fail());
    const char found = rest_[0];
    rest_.remove_prefix(1);
    return found;
  }
  // All digits that follow, as a fraction of a second; below a microsecond is cut off.
  microseconds fraction() {
    std::int64_t micros = 0;
    std::int64_t place = 100000;
    std::size_t count = 0;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count, place /= 10) {
      micros += place * (rest_[count] - '0');
    }
    if (count == 0) fail();
    rest_.remove_prefix(count);
    return microseconds(micros);
  }
  [[nodiscard]] bool at(char c) const { return ok_ && rest_.starts_with(c); }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return ok_ && rest_.empty(); }

 private:
  int fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<microseconds> read_time_of_day(Reader& in, bool& leap) {
  const int hour = in.digits(2);
  in.one_of(":");
  const int minute = in.digits(2);
  in.one_of(":");
  const int second = in.digits(2);
  microseconds fraction{0};
  if (in.at('.')) {
    in.one_of(".");
    fraction = in.fraction();
  }
  leap = second == 60;
  if (!in.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return hours(hour) + minutes(minute) + seconds(second) + fraction;
}

std::optional<minutes> read_offset(Reader& in) {
  const char sign = in.one_of("Zz+-");
  if (sign == 'Z' || sign == 'z') return minutes(0);
  const int hour = in.digits(2);
  in.one_of(":");
  const int minute = in.digits(2);
  if (!in.ok() || hour > 23 || minute > 59) return std::nullopt;
  const minutes offset = hours(hour) + minutes(minute);
  return sign == '-' ? -offset : offset;
}

std::optional<Timestamp> read_timestamp(std::string_view text) {
  Reader in(text);
  const int year = in.digits(4);
  in.one_of("-");
  const int month = in.digits(2);
  in.one_of("-");
  const int day = in.digits(2);
  in.one_of("Tt ");
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  bool leap = false;
  const auto time = read_time_of_day(in, leap);
  const auto offset = read_offset(in);
  if (!in.at_end() || !date.ok() || !time || !offset) return std::nullopt;
  const Timestamp at = Timestamp(std::chrono::sys_days(date)) + *time - *offset;
  // A leap second exists only at the end of a UTC day; it reads as the first second of the next.
  if (leap && at - std::chrono::floor<days>(at) >= seconds(1)) return std::nullopt;
  if (at < first_instant || at > last_instant) return std::nullopt;
  return at;
}

}  // namespace

std::string format_timestamp(Timestamp at) {
  at = std::min(std::max(at, first_instant), last_instant);
  const auto day = std::chrono::floor<days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::milliseconds>(at - day));
  char text[40];
  const int size =
      std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                    static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return {text, static_cast<std::size_t>(size)};
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  if (const auto at = read_timestamp(text)) return *at;
  return fail(Kind::invalid, "time.syntax",
              "\"" + std::string(text.substr(0, 60)) +
                  "\" is not a time: write it like 2026-11-22T20:01:37Z or 2026-11-22T21:01:37.5+01:00");
}

}  // namespace mbflow
