// The Gregorian calendar over 64 bits: the library's own stops at the year 32767, JavaScript's dates at 275760.
// Algorithms: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". Pure functions.
#pragma once

#include <cstdint>

namespace mbflow {

struct Civil {
  std::int64_t year = 1970;
  std::int32_t month = 1, day = 1;
};

[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Days since 1970-01-01. Month and day may be out of range: they carry over.
[[nodiscard]] constexpr std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  const std::int64_t months = year * 12 + month - 1;
  const std::int64_t m = months - floor_div(months, 12) * 12 + 1;
  const std::int64_t y = floor_div(months, 12) - (m <= 2 ? 1 : 0);  // years begin in March: leap days come last
  const std::int64_t era = floor_div(y, 400);
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468 + day - 1;
}

[[nodiscard]] constexpr Civil civil_from_days(std::int64_t days) {
  const std::int64_t z = days + 719'468;
  const std::int64_t era = floor_div(z, 146'097);
  const std::int64_t day_of_era = z - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t m = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<std::int32_t>(day_of_year - (153 * m + 2) / 5 + 1);
  const auto month = static_cast<std::int32_t>(m < 10 ? m + 3 : m - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

}  // namespace mbflow
