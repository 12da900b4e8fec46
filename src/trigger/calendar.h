// Which days count: dates to include or exclude. Pure; days are numbers since 1970-01-01 in the schedule's zone.
#pragma once

#include <mbflow/result.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace mbflow::trigger {

class DaySet {
 public:
  // "2026-12-31", "2026-08-01/2026-08-14" (both days are in), "12-25", "12-24/01-06" (every year), "sat". Error
  // schedule.calendar.
  [[nodiscard]] Result<void> add(std::string_view text);
  [[nodiscard]] bool is_empty() const { return empty_; }
  [[nodiscard]] bool contains(std::int64_t day) const;

 private:
  void add_range(std::int64_t first, std::int64_t last);

  std::vector<std::pair<std::int64_t, std::int64_t>> ranges_;  // sorted, apart from each other, ends included
  std::array<std::uint32_t, 13> yearly_{};                     // by month, day n as bit n
  std::uint32_t weekdays_ = 0;                                 // Sunday is bit 0
  bool empty_ = true;
};

struct Calendar {
  DaySet include;  // empty: every day
  DaySet exclude;
  [[nodiscard]] bool is_open() const { return include.is_empty() && exclude.is_empty(); }  // admits every day
  [[nodiscard]] bool admits(std::int64_t day) const;
};

}  // namespace mbflow::trigger
