// Time zones as offsets. Behind it: the date library over the system's zone files. Safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mbflow::expr {

class Zone {
 public:
  // IANA names, "UTC", "UTC+3", "+05:30". Nothing: unknown.
  [[nodiscard]] static std::optional<Zone> find(std::string_view name);
  [[nodiscard]] std::int32_t offset_at(std::int64_t utc_seconds) const;
  // The instant at which clocks there show this wall time. In a gap: the time before it, moved on by the gap's length.
  [[nodiscard]] std::int64_t utc_of(std::int64_t wall_seconds) const;

 private:
  const void* zone_ = nullptr;  // null: a fixed offset
  std::int32_t fixed_ = 0;
};

}  // namespace mbflow::expr
