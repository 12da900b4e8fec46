#include <mbflow/result.h>

#include <gtest/gtest.h>

#include <memory>

namespace mbflow {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(Kind::invalid, "test.odd", "give an even number").with_at("/value");
  return value / 2;
}

Result<void> check(int value) {
  MBF_CHECK(half(value));
  return {};
}

Result<int> quarter(int value) {
  MBF_TRY(const int first, half(value));
  MBF_TRY(const int second, half(first));
  return second;
}

TEST(Result, CarriesAValueOrAnError) {
  EXPECT_EQ(*quarter(8), 2);
  const auto failed = quarter(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "test.odd");
  EXPECT_EQ(failed.error().at, "/value");
  EXPECT_TRUE(check(2).ok());
  EXPECT_EQ(check(3).error().kind, Kind::invalid);
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(5);
  const std::unique_ptr<int> taken = *std::move(made);
  EXPECT_EQ(*taken, 5);
}

TEST(Kind, DecidesStatusAndRetry) {
  EXPECT_EQ(http_status(Kind::invalid), 400);
  EXPECT_EQ(http_status(Kind::denied), 403);
  EXPECT_EQ(http_status(Kind::not_found), 404);
  EXPECT_EQ(http_status(Kind::conflict), 409);
  EXPECT_EQ(http_status(Kind::limited), 429);
  EXPECT_EQ(http_status(Kind::timeout), 504);
  EXPECT_EQ(http_status(Kind::unavailable), 503);
  EXPECT_EQ(http_status(Kind::internal), 500);
  EXPECT_EQ(to_string(Kind::not_found), "not_found");
  EXPECT_TRUE(is_retryable(Kind::limited));
  EXPECT_FALSE(is_retryable(Kind::conflict));
}

}  // namespace
}  // namespace mbflow
