// Every choice of a simulation comes from here, so that one seed decides all of them.
#pragma once

#include "base/time.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace mbflow::sim {

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15u;  // splitmix64 (Steele, Lea, Flood 2014)
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// FNV-1a over bytes, for digests that are compared within one run of the program.
[[nodiscard]] constexpr std::uint64_t digest(std::string_view bytes, std::uint64_t before = 0xcbf29ce484222325u) {
  for (const char byte : bytes) before = (before ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3u;
  return before;
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(mix(seed)) {}
  std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15u); }
  // Both included.
  int between(int low, int high) { return low + static_cast<int>(next() % static_cast<std::uint64_t>(high - low + 1)); }
  bool one_in(int n) { return next() % static_cast<std::uint64_t>(n) == 0; }
  Duration between(Duration low, Duration high) {
    return low + Duration(static_cast<Duration::rep>(next() % static_cast<std::uint64_t>((high - low).count() + 1)));
  }
  template <class T>
  const T& pick(const std::vector<T>& list) {
    return list[next() % list.size()];
  }

 private:
  std::uint64_t state_;
};

}  // namespace mbflow::sim
