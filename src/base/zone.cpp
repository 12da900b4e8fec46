#include "base/zone.h"

#include "base/civil.h"
#include "base/nearest.h"
#include "base/zone_rule.h"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <vector>

namespace mbflow {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t ever = std::int64_t{1} << 38;  // beyond the year 9999, and far from any overflow

std::optional<int> digits(std::string_view text) {
  if (text.empty() || text.size() > 2 || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

// "Z", "+3", "+03", "+03:00", "-0530", the latter after an optional "UTC" or "GMT".
std::optional<std::int64_t> fixed_offset(std::string_view name) {
  const std::string_view rest = name.starts_with("UTC") || name.starts_with("GMT") ? name.substr(3) : name;
  if (name == "Z" || name == "UTC" || name == "GMT") return 0;
  if (rest.empty() || (rest[0] != '+' && rest[0] != '-')) return std::nullopt;
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
  if (!h || !m || *m > 59 || minutes.size() != 2 || *h * 60 + *m > 18 * 60) return std::nullopt;
  const std::int64_t seconds = *h * 3600 + *m * 60;
  return rest[0] == '-' ? -seconds : seconds;
}

const date::time_zone* located(std::string_view name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;  // the library's only way to say "unknown"
  }
}

int year_of(std::int64_t utc) { return static_cast<int>(civil_from_days(floor_div(utc, day)).year); }

// From the change before an instant to the one after it.
ZonePiece piece_of(const ZoneRule& rule, std::int64_t utc) {
  if (!rule.changes) return {-ever, ever, rule.standard, rule.standard};
  std::vector<ClockChange> changes;
  const int year = year_of(utc);
  for (int near = year - 1; near <= year + 1; ++near) {
    for (const ClockChange& change : changes_of(rule, near)) changes.push_back(change);
  }
  std::ranges::sort(changes, {}, &ClockChange::at);
  const auto after = std::ranges::upper_bound(changes, utc, {}, &ClockChange::at);
  if (after == changes.begin() || after == changes.end()) return {-ever, ever, rule.standard, rule.standard};
  return {std::prev(after)->at, after->at, std::prev(after)->offset, 0};
}

}  // namespace

struct Zone::Data {
  std::string name;
  const date::time_zone* zone = nullptr;  // null: a fixed offset
  std::optional<ZoneRule> rule;           // after the last change that the file lists
  std::int64_t fixed = 0;
};

std::optional<Zone> Zone::find(std::string_view name) {
  // The last zone asked for is nearly always the next one.
  thread_local std::optional<Zone> last;
  if (last && last->name() == name) return last;
  auto data = std::make_shared<Data>();
  data->name = name;
  if (const auto offset = fixed_offset(name)) {
    data->fixed = *offset;
  } else {
    const bool plausible = !name.empty() && name.size() <= 64 && name.find("..") == std::string_view::npos && name[0] != '/';
    data->zone = plausible ? located(name) : nullptr;
    if (data->zone == nullptr) return std::nullopt;
    data->rule = read_zone_rule(name);
  }
  Zone zone;
  zone.data_ = std::move(data);
  last = zone;
  return zone;
}

const std::string& Zone::name() const { return data_->name; }

ZonePiece Zone::bare_piece_at(std::int64_t utc) const {
  if (data_->zone == nullptr) return {-ever, ever, data_->fixed, data_->fixed};
  utc = std::clamp(utc, -ever, ever);
  const date::sys_seconds at{std::chrono::seconds(utc)};
  const auto found = data_->zone->get_info(at);
  const std::int64_t begin = std::max<std::int64_t>(found.begin.time_since_epoch().count(), -ever);
  const std::int64_t end = std::min<std::int64_t>(found.end.time_since_epoch().count(), ever);
  if (end < ever || !data_->rule) return {begin, end, found.offset.count(), 0};
  ZonePiece piece = piece_of(*data_->rule, utc);
  piece.begin = std::max(piece.begin, begin);
  return piece;
}

std::int64_t Zone::offset_at(std::int64_t utc) const { return bare_piece_at(utc).offset; }

ZonePiece Zone::piece_at(std::int64_t utc) const {
  ZonePiece piece = bare_piece_at(utc);
  piece.before = piece.begin <= -ever ? piece.offset : offset_at(piece.begin - 1);
  return piece;
}

// The first piece whose clocks come to show it, or have passed it by at their beginning.
ZonePiece Zone::piece_of_wall(std::int64_t wall) const {
  // No clock is further than a day from UTC, so the pieces around hold the answer.
  ZonePiece piece = piece_at(wall - day);
  while (piece.end < ever && piece.end + piece.offset <= wall) piece = piece_at(piece.end);
  return piece;
}

std::int64_t Zone::utc_of(std::int64_t wall) const {
  const ZonePiece piece = piece_of_wall(wall);
  return wall - (wall - piece.offset < piece.begin ? piece.before : piece.offset);
}

std::int64_t Zone::first_after_gap(std::int64_t wall) const {
  const ZonePiece piece = piece_of_wall(wall);
  return std::max(wall - piece.offset, piece.begin);
}

std::string zone_hint(std::string_view name) {
  std::vector<std::string> names;
  try {
    for (const auto& zone : date::get_tzdb().zones) names.push_back(zone.name());
  } catch (const std::exception&) {
    return {};  // no zone files: nothing to propose
  }
  return did_you_mean(name, names);
}

}  // namespace mbflow
