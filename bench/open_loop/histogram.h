// Counts durations in buckets that are 1.6 % wide, from a microsecond to over an hour, as HdrHistogram does.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace open_loop {

class Histogram {
 public:
  void add(std::int64_t microseconds) {
    const auto value = static_cast<std::uint64_t>(microseconds < 0 ? 0 : microseconds);
    ++counts_[place_of(value)];
    ++total_;
    if (value > most_) most_ = value;
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::uint64_t most() const { return most_; }
  // The least duration that so many of a thousand do not exceed; 0 when nothing was counted.
  [[nodiscard]] std::uint64_t of_thousand(std::uint64_t share) const {
    const std::uint64_t wanted = (total_ * share + 999) / 1000;
    std::uint64_t seen = 0;
    for (std::size_t place = 0; place < counts_.size() && wanted > 0; ++place) {
      seen += counts_[place];
      if (seen >= wanted) return end_of(place) < most_ ? end_of(place) : most_;
    }
    return 0;
  }

 private:
  static constexpr int fine = 6;  // 2^6 buckets for each power of two
  static constexpr std::uint64_t largest = (std::uint64_t{1} << 32) - 1;

  static std::size_t place_of(std::uint64_t value) {
    if (value > largest) value = largest;
    if (value < (1U << fine)) return static_cast<std::size_t>(value);
    const int shift = static_cast<int>(std::bit_width(value)) - 1 - fine;
    return (static_cast<std::size_t>(shift) << fine) + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t end_of(std::size_t place) {
    if (place < (2U << fine)) return place;
    const std::size_t shift = (place >> fine) - 1;
    const std::uint64_t head = place - (shift << fine);
    return ((head + 1) << shift) - 1;
  }

  std::array<std::uint32_t, (33 - fine) << fine> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t most_ = 0;
};

}  // namespace open_loop
