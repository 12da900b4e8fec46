#include "trigger/calendar.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <optional>
#include <string>

namespace mbflow::trigger {
namespace {

using std::chrono::year_month_day;

std::optional<int> number(std::string_view text, std::size_t size) {
  if (text.size() != size || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return std::stoi(std::string(text));
}

// "12-25", as of a leap year.
std::optional<year_month_day> day_of_year(std::string_view text) {
  if (text.size() != 5 || text[2] != '-') return std::nullopt;
  const auto month = number(text.substr(0, 2), 2);
  const auto day = number(text.substr(3), 2);
  if (!month || !day) return std::nullopt;
  const year_month_day date = std::chrono::year(2000) / *month / *day;
  return date.ok() ? std::optional(date) : std::nullopt;
}

// "2026-12-31"
std::optional<std::int64_t> date_of(std::string_view text) {
  if (text.size() != 10 || text[4] != '-') return std::nullopt;
  const auto year = number(text.substr(0, 4), 4);
  const auto rest = day_of_year(text.substr(5));
  if (!year || !rest) return std::nullopt;
  const year_month_day date = std::chrono::year(*year) / rest->month() / rest->day();
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::optional<unsigned> weekday_of(std::string_view text) {
  constexpr std::string_view names[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
  std::string small(text);
  std::ranges::transform(small, small.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (unsigned i = 0; i < 7; ++i) {
    if (small == names[i] || small == names[i].substr(0, 3)) return i;
  }
  return std::nullopt;
}

std::uint32_t bit(unsigned n) { return std::uint32_t{1} << n; }

}  // namespace

Result<void> DaySet::add(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view head = text.substr(0, slash);
  const std::string_view tail = slash == std::string_view::npos ? head : text.substr(slash + 1);
  const auto first = date_of(head);
  const auto last = date_of(tail);
  const auto from = day_of_year(head);
  const auto until = day_of_year(tail);
  const auto weekday = weekday_of(text);
  if (first && last && *first <= *last) {
    add_range(*first, *last);
  } else if (from && until) {
    const auto end = std::chrono::sys_days(*until);
    for (auto day = std::chrono::sys_days(*from);; day += std::chrono::days(1)) {
      const year_month_day date(day);
      yearly_[static_cast<unsigned>(date.month())] |= bit(static_cast<unsigned>(date.day()));
      if (date.month() == year_month_day(end).month() && date.day() == year_month_day(end).day()) break;
    }
  } else if (weekday) {
    weekdays_ |= bit(*weekday);
  } else if (first && last) {
    return fail(Kind::invalid, "schedule.calendar", "\"" + std::string(text) + "\" runs backwards; put the earlier date first");
  } else {
    const std::string shown = text.size() <= 60 ? "\"" + std::string(text) + "\"" : "this long text";
    return fail(Kind::invalid, "schedule.calendar",
                shown + " is no day; write 2026-12-31, 12-25 (every year), 2026-08-01/2026-08-14 or sat");
  }
  empty_ = false;
  return {};
}

void DaySet::add_range(std::int64_t first, std::int64_t last) {
  ranges_.emplace_back(first, last);
  std::ranges::sort(ranges_);
  std::vector<std::pair<std::int64_t, std::int64_t>> joined;
  for (const auto& range : ranges_) {
    if (!joined.empty() && range.first <= joined.back().second + 1) {
      joined.back().second = std::max(joined.back().second, range.second);
    } else {
      joined.push_back(range);
    }
  }
  ranges_ = std::move(joined);
}

bool DaySet::contains(std::int64_t day) const {
  const std::chrono::sys_days at{std::chrono::days(day)};
  if (weekdays_ & bit(std::chrono::weekday(at).c_encoding())) return true;
  const year_month_day date(at);
  if (yearly_[static_cast<unsigned>(date.month())] & bit(static_cast<unsigned>(date.day()))) return true;
  const auto after = std::ranges::upper_bound(ranges_, day, {}, [](const auto& range) { return range.first; });
  return after != ranges_.begin() && std::prev(after)->second >= day;
}

bool Calendar::admits(std::int64_t day) const {
  return (include.is_empty() || include.contains(day)) && !exclude.contains(day);
}

}  // namespace mbflow::trigger
