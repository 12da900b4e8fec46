#include "base/rate_limit.h"

#include <gtest/gtest.h>

namespace mbflow {
namespace {

using std::chrono::seconds;
constexpr Timestamp start{seconds(1'700'000'000)};

TEST(RateLimit, a_burst_then_as_many_as_it_fills) {
  RateLimit limit(2, 3);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.take("a", start).has_value());
  const auto wait = limit.take("a", start);
  ASSERT_TRUE(wait.has_value());
  EXPECT_EQ(*wait, std::chrono::milliseconds(500));
  EXPECT_FALSE(limit.take("a", start + *wait).has_value());
  EXPECT_TRUE(limit.take("a", start + *wait).has_value());
  EXPECT_FALSE(limit.take("b", start).has_value());
}

TEST(RateLimit, what_is_given_back_can_be_taken_and_the_burst_is_the_most) {
  RateLimit limit(1, 1);
  EXPECT_FALSE(limit.take("a", start).has_value());
  limit.give_back("a");
  limit.give_back("a");
  EXPECT_FALSE(limit.take("a", start).has_value());
  EXPECT_TRUE(limit.take("a", start).has_value());
}

TEST(RateLimit, a_clock_that_goes_back_gives_nothing) {
  RateLimit limit(1, 1);
  EXPECT_FALSE(limit.take("a", start).has_value());
  EXPECT_TRUE(limit.take("a", start - seconds(100)).has_value());
  EXPECT_FALSE(limit.take("a", start - seconds(99)).has_value());
}

TEST(RateLimit, a_flood_of_names_is_forgotten_but_not_who_is_empty_last) {
  RateLimit limit(1, 1);
  for (int i = 0; i < 200'000; ++i) (void)limit.take(std::to_string(i), start + seconds(i / 1000));
  EXPECT_TRUE(limit.take("199999", start + seconds(199)).has_value());
}

TEST(Backoff, waits_grow_and_a_success_ends_them) {
  Backoff backoff(3, seconds(1), seconds(4));
  const auto fail_then_wait = [&] {
    backoff.failed("a", start);
    return backoff.wait("a", start);
  };
  EXPECT_EQ(fail_then_wait(), std::nullopt);
  EXPECT_EQ(fail_then_wait(), std::nullopt);
  EXPECT_EQ(fail_then_wait(), Duration(seconds(1)));
  EXPECT_EQ(fail_then_wait(), Duration(seconds(2)));
  EXPECT_EQ(fail_then_wait(), Duration(seconds(4)));
  EXPECT_EQ(fail_then_wait(), Duration(seconds(4)));
  EXPECT_EQ(backoff.wait("a", start + seconds(4)), std::nullopt);
  EXPECT_EQ(backoff.wait("b", start), std::nullopt);
  backoff.succeeded("a");
  EXPECT_EQ(fail_then_wait(), std::nullopt);
}

}  // namespace
}  // namespace mbflow
