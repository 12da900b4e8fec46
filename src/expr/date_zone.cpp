#include "expr/date_zone.h"

#include "expr/civil.h"

#include <date/tz.h>

#include <algorithm>
#include <exception>
#include <string>

namespace mbflow::expr {
namespace {

constexpr std::int32_t max_offset = 18 * 3600;

std::optional<int> digits(std::string_view text) {
  if (text.empty() || text.size() > 2 || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

// "+3", "+03", "+03:00", "-0530" after an optional "UTC" or "GMT"
std::optional<std::int32_t> fixed_offset(std::string_view name) {
  const std::string_view rest = name.starts_with("UTC") || name.starts_with("GMT") ? name.substr(3) : name;
  if (rest.empty() || name == "Z") return 0;
  if (rest[0] != '+' && rest[0] != '-') return std::nullopt;
  std::string_view hours = rest.substr(1);
  std::string_view minutes = "00";
  if (const std::size_t colon = hours.find(':'); colon != std::string_view::npos) {
    minutes = hours.substr(colon + 1);
    hours = hours.substr(0, colon);
  } else if (hours.size() == 4) {
    minutes = hours.substr(2);
    hours = hours.substr(0, 2);
  }
  const auto h = digits(hours);
  const auto m = digits(minutes);
  if (!h || !m || *m > 59 || minutes.size() != 2) return std::nullopt;
  const std::int32_t seconds = *h * 3600 + *m * 60;
  if (seconds > max_offset) return std::nullopt;
  return rest[0] == '-' ? -seconds : seconds;
}

const date::time_zone* located(std::string_view name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;  // the library's only way to say "unknown"
  }
}

// Zone files end in 2037, and the library knows no rule beyond them. A later year is read as one in reach whose days
// fall on the same days of the week: 28 years repeat exactly, but for the leap days that full centuries leave out.
std::int64_t into_reach(std::int64_t seconds) {
  constexpr std::int64_t day = 86'400;
  constexpr std::int64_t first_beyond = days_from_civil(2037, 1, 1) * day;
  if (seconds < first_beyond) return seconds;
  const std::int64_t year = civil_from_days(floor_div(seconds, day)).year;
  const std::int64_t start = days_from_civil(year, 1, 1);
  const std::int64_t length = days_from_civil(year + 1, 1, 1) - start;
  for (std::int64_t known = 2009; known < 2037; ++known) {
    const std::int64_t known_start = days_from_civil(known, 1, 1);
    const bool alike = (start - known_start) % 7 == 0 && days_from_civil(known + 1, 1, 1) - known_start == length;
    if (alike) return seconds - (start - known_start) * day;
  }
  return seconds;
}

const date::time_zone& zone_at(const void* zone) { return *static_cast<const date::time_zone*>(zone); }

}  // namespace

std::optional<Zone> Zone::find(std::string_view name) {
  // The last zone asked for is nearly always the next one.
  thread_local std::string last_name;
  thread_local std::optional<Zone> last;
  if (last && last_name == name) return last;
  Zone zone;
  if (const auto offset = fixed_offset(name)) {
    zone.fixed_ = *offset;
  } else {
    const bool plausible =
        !name.empty() && name.size() < 64 && name.find("..") == std::string_view::npos && name[0] != '/';
    zone.zone_ = plausible ? located(name) : nullptr;
    if (zone.zone_ == nullptr) return std::nullopt;
  }
  last_name = name;
  last = zone;
  return zone;
}

std::int32_t Zone::offset_at(std::int64_t utc_seconds) const {
  if (zone_ == nullptr) return fixed_;
  const date::sys_seconds at{std::chrono::seconds(into_reach(utc_seconds))};
  return static_cast<std::int32_t>(zone_at(zone_).get_info(at).offset.count());
}

std::int64_t Zone::utc_of(std::int64_t wall_seconds) const {
  if (zone_ == nullptr) return wall_seconds - fixed_;
  const date::local_seconds wall{std::chrono::seconds(into_reach(wall_seconds))};
  // Gap: the offset before it moves the time forward by just its length. Overlap: the offset before it is the earlier
  // one.
  return wall_seconds - zone_at(zone_).get_info(wall).first.offset.count();
}

}  // namespace mbflow::expr
