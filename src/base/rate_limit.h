// How often something may be done, by name: token buckets, and delays that grow with each failure. Any thread; the clock is the caller's.
// Names are made up by strangers: beyond `most_names` those with the least to remember are forgotten.
#pragma once

#include "base/time.h"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mbflow {

// Up to `burst` at once, `per_second` in the long run.
class RateLimit {
 public:
  RateLimit(double per_second, double burst) : per_second_(per_second), burst_(burst) {}
  // Takes one; or, when there is none, how long until there is.
  [[nodiscard]] std::optional<Duration> take(std::string_view name, Timestamp now);
  void give_back(std::string_view name);

 private:
  struct Bucket {
    double tokens = 0;
    Timestamp filled{};
  };
  void fill(Bucket& bucket, Timestamp now) const;
  void forget_full(Timestamp now);

  const double per_second_, burst_;
  std::mutex mutex_;  // guards all below
  std::unordered_map<std::string, Bucket> buckets_;
};

// The first failures cost nothing, each further one twice the wait of the one before.
class Backoff {
 public:
  Backoff(int free, Duration first, Duration longest) : free_(free), first_(first), longest_(longest) {}
  [[nodiscard]] std::optional<Duration> wait(std::string_view name, Timestamp now);  // nothing: go on
  void failed(std::string_view name, Timestamp now);
  void succeeded(std::string_view name);

 private:
  struct Record {
    int failures = 0;
    Timestamp last{}, until{};
  };
  const int free_;
  const Duration first_, longest_;
  std::mutex mutex_;  // guards all below
  std::unordered_map<std::string, Record> records_;
};

}  // namespace mbflow
