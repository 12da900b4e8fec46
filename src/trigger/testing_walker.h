// For tests: what a schedule should do, found the slow way. It reads cron texts by itself, walks the time line minute by
// minute or second by second, and asks the date library about every one. Shares nothing with what it checks.
#pragma once

#include "base/time.h"

#include <date/tz.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace mbflow::trigger::testing_walker {

using Second = std::int64_t;

inline std::vector<std::string> split(const std::string& text, char between) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == between) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// "*", "*/n", "a", "a-b", "a-b/n", in lists; numbers only.
inline std::set<int> values_of(const std::string& field, int least, int most) {
  std::set<int> values;
  for (const std::string& part : split(field, ',')) {
    const auto stepped = split(part, '/');
    const auto ends = stepped[0] == "*" ? std::vector<std::string>{std::to_string(least), std::to_string(most)} : split(stepped[0], '-');
    const int step = stepped.size() > 1 ? std::stoi(stepped[1]) : 1;
    for (int n = std::stoi(ends.front()); n <= std::stoi(ends.back()); n += step) values.insert(n);
  }
  return values;
}

class Walker {
 public:
  // Six fields.
  Walker(const std::string& cron, const std::string& zone) : zone_(date::locate_zone(zone)) {
    const auto fields = split(cron, ' ');
    constexpr int least[] = {0, 0, 0, 1, 1, 0};
    constexpr int most[] = {59, 59, 23, 31, 12, 6};
    for (std::size_t i = 0; i < 6; ++i) sets_[i] = values_of(fields[i], least[i], most[i]);
    for (const std::size_t field : {3U, 5U}) open_day_ = open_day_ || fields[field].find('*') != std::string::npos;
    for (const int day : std::set<int>(sets_[5])) sets_[5].insert(day % 7);
    every_hour_ = fields[2].find_first_of("*/") != std::string::npos || sets_[2].size() == 24;
    step_ = sets_[0] == std::set<int>{0} ? 60 : 1;
  }

  // After `from`, up to and including `until`.
  std::vector<Second> walk(Second from, Second until, std::size_t most) {
    std::vector<Second> found;
    Second at = (from / step_ + 1) * step_;
    for (; at <= until && found.size() < most; at += step_) {
      if (is_due(at)) found.push_back(at);
    }
    return found;
  }

 private:
  bool is_due(Second at) {
    const Second offset = offset_at(at);
    const bool names = named(at + offset);
    if (every_hour_) return names;
    return (names && is_first_pass(at, at + offset)) || makes_up(at, offset);
  }

  bool named(Second wall) const {
    const date::local_seconds local{std::chrono::seconds(wall)};
    const auto day = date::floor<date::days>(local);
    const date::year_month_day date(day);
    const date::hh_mm_ss<std::chrono::seconds> time(local - day);
    const auto has = [&](std::size_t field, auto value) { return sets_[field].count(static_cast<int>(value)) > 0; };
    if (!has(0, time.seconds().count()) || !has(1, time.minutes().count()) || !has(2, time.hours().count())) return false;
    if (!has(4, static_cast<unsigned>(date.month()))) return false;
    const bool by_day = has(3, static_cast<unsigned>(date.day()));
    const bool by_weekday = has(5, date::weekday(day).c_encoding());
    return open_day_ ? by_day && by_weekday : by_day || by_weekday;
  }

  bool is_first_pass(Second at, Second wall) const {
    const auto info = zone_->get_info(date::local_seconds(std::chrono::seconds(wall)));
    return info.result != date::local_info::ambiguous || at + info.first.offset.count() == wall;
  }

  // Whether clocks jump forward at this very second, over times that it names.
  bool makes_up(Second at, Second offset) {
    if (info_.begin.time_since_epoch().count() != at) return false;
    const Second before = zone_->get_info(date::sys_seconds(std::chrono::seconds(at - 1))).offset.count();
    if (offset <= before || offset - before > 3 * 3600) return false;
    for (Second wall = at + before; wall < at + offset; ++wall) {
      if (named(wall)) return true;
    }
    return false;
  }

  Second offset_at(Second at) {
    const date::sys_seconds point{std::chrono::seconds(at)};
    if (point < info_.begin || point >= info_.end) info_ = zone_->get_info(point);
    return info_.offset.count();
  }

  const date::time_zone* zone_;
  std::set<int> sets_[6];
  bool open_day_ = false;
  bool every_hour_ = false;
  Second step_ = 60;
  date::sys_info info_{};
};

}  // namespace mbflow::trigger::testing_walker
