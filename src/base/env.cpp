#include "base/env.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace mbflow {
namespace {

class SystemEnv : public Env {
 public:
  Timestamp now() override { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }
  // Straight from the kernel's generator: nothing is buffered that a fork could repeat.
  void random(std::span<std::uint8_t> out) override { randombytes_buf(out.data(), out.size()); }
};

}  // namespace

std::uint64_t Env::random_u64() {
  std::uint8_t bytes[sizeof(std::uint64_t)];
  random(bytes);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

std::uint64_t Env::next_tick() {
  const std::int64_t micros = std::max<std::int64_t>(now().time_since_epoch().count(), 0);
  const auto millis = static_cast<std::uint64_t>(micros / 1000);
  const auto fraction = static_cast<std::uint64_t>(micros % 1000) * 4096 / 1000;
  const std::uint64_t wanted = (millis << 12) | fraction;
  std::uint64_t last = last_tick_.load(std::memory_order_relaxed);
  std::uint64_t tick = 0;
  do {
    tick = std::max(wanted, last + 1);
  } while (!last_tick_.compare_exchange_weak(last, tick, std::memory_order_relaxed));
  return tick;
}

Env& system_env() {
  static SystemEnv env;
  return env;
}

}  // namespace mbflow
