// The world, by the door: wall clock and randomness come in through Env so that tests and the simulator can own them.
// Implementations are safe to call from any thread.
#pragma once

#include "base/time.h"

#include <atomic>
#include <cstdint>
#include <span>

namespace mbflow {

class Env {
 public:
  virtual ~Env() = default;
  [[nodiscard]] virtual Timestamp now() = 0;
  virtual void random(std::span<std::uint8_t> out) = 0;  // cryptographic in the system's Env
  [[nodiscard]] std::uint64_t random_u64();
  // The clock as milliseconds << 12 | fraction, and never the same or less than before: the head of time-ordered ids.
  // Kept here and not globally, so that two simulations of one seed draw the same ids.
  [[nodiscard]] std::uint64_t next_tick();

 private:
  std::atomic<std::uint64_t> last_tick_{0};
};

[[nodiscard]] Env& system_env();

}  // namespace mbflow
