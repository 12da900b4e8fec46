// The wall clocks of the world, as pieces of time with one offset each. Behind it: the date library over the system's zone
// files. Immutable; any thread. All counts are seconds since 1970-01-01T00:00, of UTC or as a wall clock shows them.
#pragma once

#include "trigger/zone_rule.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mbflow::trigger {

[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// wall = utc + offset for begin <= utc < end.
struct Piece {
  std::int64_t begin = 0, end = 0;
  std::int64_t offset = 0;
  std::int64_t before = 0;  // the offset up to `begin`: greater when clocks went back there, less when they went forward
};

class Zone {
 public:
  // IANA names, and what expressions take besides: "UTC+3", "+05:30". Nothing: unknown.
  [[nodiscard]] static std::optional<Zone> find(std::string_view name);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Piece piece_at(std::int64_t utc) const;
  [[nodiscard]] std::int64_t offset_at(std::int64_t utc) const;
  // The instant at which clocks there first show this wall time; of a time they leave out, the first instant after the gap.
  [[nodiscard]] std::int64_t utc_of(std::int64_t wall) const;

 private:
  [[nodiscard]] Piece bare_piece_at(std::int64_t utc) const;  // without `before`

  std::string name_;
  const void* zone_ = nullptr;  // null: a fixed offset
  std::optional<ZoneRule> rule_;  // after the last change that the file lists
  std::int64_t fixed_ = 0;
};

// "; did you mean 'Europe/Berlin'?", or empty.
[[nodiscard]] std::string zone_hint(std::string_view name);

}  // namespace mbflow::trigger
