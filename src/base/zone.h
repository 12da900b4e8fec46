// The wall clocks of the world, as pieces of time with one offset each. Behind it: the date library over the system's zone
// files. Immutable; any thread. All counts are seconds since 1970-01-01T00:00, of UTC or as a wall clock shows them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mbflow {

// wall = utc + offset for begin <= utc < end.
struct ZonePiece {
  std::int64_t begin = 0, end = 0;
  std::int64_t offset = 0;
  std::int64_t before = 0;  // the offset up to `begin`: greater when clocks went back there, less when they went forward
};

class Zone {
 public:
  // IANA names, "UTC", "UTC+3", "+05:30". Nothing: unknown.
  [[nodiscard]] static std::optional<Zone> find(std::string_view name);
  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] ZonePiece piece_at(std::int64_t utc) const;
  [[nodiscard]] std::int64_t offset_at(std::int64_t utc) const;
  // The instant at which clocks there first show this wall time. Of a time they leave out: moved on by what they skip, as
  // JavaScript has it, or (first_after_gap) the first instant after the gap.
  [[nodiscard]] std::int64_t utc_of(std::int64_t wall) const;
  [[nodiscard]] std::int64_t first_after_gap(std::int64_t wall) const;

 private:
  struct Data;
  [[nodiscard]] ZonePiece bare_piece_at(std::int64_t utc) const;  // without `before`
  [[nodiscard]] ZonePiece piece_of_wall(std::int64_t wall) const;

  std::shared_ptr<const Data> data_;
};

// "; did you mean 'Europe/Berlin'?", or empty.
[[nodiscard]] std::string zone_hint(std::string_view name);

}  // namespace mbflow
