#include "base/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace mbflow {
namespace {

constexpr std::size_t most_names = 100'000;
constexpr std::chrono::hours remembered{1};  // a failure

}  // namespace

// A clock that was set back fills nothing and takes nothing.
void RateLimit::fill(Bucket& bucket, Timestamp now) const {
  const double seconds = std::max(0.0, std::chrono::duration<double>(now - bucket.filled).count());
  bucket.tokens = std::min(burst_, bucket.tokens + seconds * per_second_);
  bucket.filled = now;
}

// A full one says nothing that a new one would not.
void RateLimit::forget_full(Timestamp now) {
  for (auto at = buckets_.begin(); at != buckets_.end();) {
    fill(at->second, now);
    at = at->second.tokens >= burst_ ? buckets_.erase(at) : std::next(at);
  }
  if (buckets_.size() >= most_names) buckets_.erase(buckets_.begin());
}

std::optional<Duration> RateLimit::take(std::string_view name, Timestamp now) {
  std::lock_guard lock(mutex_);
  if (buckets_.size() >= most_names) forget_full(now);
  auto& bucket = buckets_.try_emplace(std::string(name), Bucket{burst_, now}).first->second;
  fill(bucket, now);
  if (bucket.tokens < 1) {
    const double seconds = (1 - bucket.tokens) / per_second_;
    return std::chrono::ceil<Duration>(std::chrono::duration<double>(std::min(seconds, 86'400.0)));
  }
  bucket.tokens -= 1;
  return std::nullopt;
}

void RateLimit::give_back(std::string_view name) {
  std::lock_guard lock(mutex_);
  const auto found = buckets_.find(std::string(name));
  if (found != buckets_.end()) found->second.tokens = std::min(burst_, found->second.tokens + 1);
}

std::optional<Duration> Backoff::wait(std::string_view name, Timestamp now) {
  std::lock_guard lock(mutex_);
  const auto found = records_.find(std::string(name));
  if (found == records_.end() || found->second.until <= now) return std::nullopt;
  return std::min<Duration>(found->second.until - now, longest_);
}

void Backoff::failed(std::string_view name, Timestamp now) {
  std::lock_guard lock(mutex_);
  if (records_.size() >= most_names) {
    std::erase_if(records_, [&](const auto& entry) { return entry.second.last + remembered < now; });
    if (records_.size() >= most_names) records_.erase(records_.begin());
  }
  auto& record = records_[std::string(name)];
  if (record.last + remembered < now) record.failures = 0;
  record.last = now;
  if (++record.failures < free_) return;
  const int doublings = std::min(record.failures - free_, 30);
  record.until = now + std::min<Duration>(longest_, first_ * (std::int64_t{1} << doublings));
}

void Backoff::succeeded(std::string_view name) {
  std::lock_guard lock(mutex_);
  records_.erase(std::string(name));
}

}  // namespace mbflow
