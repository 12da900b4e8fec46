#include "base/time.h"

#include <gtest/gtest.h>

namespace mbflow {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::string reformatted(std::string_view text) {
  const auto at = parse_timestamp(text);
  return at.ok() ? format_timestamp(*at) : at.error().code;
}

TEST(Timestamp, FormatsMilliseconds) {
  EXPECT_EQ(format_timestamp(Timestamp(seconds(0))), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_timestamp(Timestamp(microseconds(1999999))), "1970-01-01T00:00:01.999Z");
  EXPECT_EQ(format_timestamp(Timestamp(microseconds(-1))), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_timestamp(Timestamp(hours(24 * 365 * 20000))), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_timestamp(Timestamp(-hours(24 * 365 * 20000))), "0000-01-01T00:00:00.000Z");
}

TEST(Timestamp, ReadsRfc3339) {
  EXPECT_EQ(reformatted("2026-11-22T20:01:37.123Z"), "2026-11-22T20:01:37.123Z");
  EXPECT_EQ(reformatted("2026-11-22t20:01:37z"), "2026-11-22T20:01:37.000Z");
  EXPECT_EQ(reformatted("2026-11-22 20:01:37Z"), "2026-11-22T20:01:37.000Z");
  EXPECT_EQ(reformatted("2026-11-22T21:01:37.5+01:00"), "2026-11-22T20:01:37.500Z");
  EXPECT_EQ(reformatted("2026-01-01T00:30:00+05:30"), "2025-12-31T19:00:00.000Z");
  EXPECT_EQ(reformatted("2026-12-31T20:00:00-08:00"), "2027-01-01T04:00:00.000Z");
  EXPECT_EQ(reformatted("2026-01-01T00:00:00-00:00"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(reformatted("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00.000Z");
  EXPECT_EQ(reformatted("2000-02-29T00:00:00Z"), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(reformatted("9999-12-31T23:59:59.999999999Z"), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(reformatted("0000-01-01T00:00:00Z"), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(reformatted("0001-01-01T00:00:00+23:59"), "0000-12-31T00:01:00.000Z");
}

TEST(Timestamp, KeepsMicroseconds) {
  const auto at = parse_timestamp("1970-01-01T00:00:00.123456789Z");
  ASSERT_TRUE(at.ok());
  EXPECT_EQ(at->time_since_epoch(), microseconds(123456));
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00.000000000000000000001Z")->time_since_epoch(), microseconds(0));
}

TEST(Timestamp, ReadsALeapSecondOnlyWhereOneCanBe) {
  EXPECT_EQ(reformatted("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00.000Z");
  EXPECT_EQ(reformatted("2016-12-31T23:59:60.5Z"), "2017-01-01T00:00:00.500Z");
  EXPECT_EQ(reformatted("2017-01-01T00:59:60+01:00"), "2017-01-01T00:00:00.000Z");
  EXPECT_EQ(reformatted("2016-12-31T12:00:60Z"), "time.syntax");
}

TEST(Timestamp, RefusesTheRest) {
  for (const std::string_view text : {"",
                                      "2026-11-22",
                                      "2026-11-22T20:01:37",
                                      "2026-11-22T20:01Z",
                                      "2026-11-22T20:01:37+0100",
                                      "2026-11-22T20:01:37+01",
                                      "2026-1-22T20:01:37Z",
                                      "26-11-22T20:01:37Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-02-30T00:00:00Z",
                                      "2025-02-29T00:00:00Z",
                                      "1900-02-29T00:00:00Z",
                                      "2026-11-31T00:00:00Z",
                                      "2026-11-00T00:00:00Z",
                                      "2026-11-22T24:00:00Z",
                                      "2026-11-22T20:60:00Z",
                                      "2026-11-22T20:00:61Z",
                                      "2026-11-22T20:01:37.Z",
                                      "2026-11-22T20:01:37Zx",
                                      " 2026-11-22T20:01:37Z",
                                      "2026-11-22T20:01:37Z ",
                                      "2026-11-22T20:01:37+24:00",
                                      "2026-11-22T20:01:37+01:60",
                                      "9999-12-31T23:59:59-01:00",
                                      "0000-01-01T00:00:00+01:00",
                                      "+2026-11-22T20:01:37Z",
                                      "2026-11-22T20:01:37,5Z",
                                      "10000-01-01T00:00:00Z",
                                      "now"}) {
    const auto at = parse_timestamp(text);
    ASSERT_FALSE(at.ok()) << text;
    EXPECT_EQ(at.error().code, "time.syntax");
  }
}

TEST(Duration, Reads) {
  const auto read = [](std::string_view text) { return *parse_duration(text); };
  EXPECT_EQ(read("1h30m"), minutes(90));
  EXPECT_EQ(read("1.5s"), milliseconds(1500));
  EXPECT_EQ(read("250ms"), milliseconds(250));
  EXPECT_EQ(read("2d"), hours(48));
  EXPECT_EQ(read("1w"), hours(168));
  EXPECT_EQ(read("1w2d3h4m5s6ms7us"),
            hours(168 + 48 + 3) + minutes(4) + seconds(5) + milliseconds(6) + microseconds(7));
  EXPECT_EQ(read("90"), seconds(90));
  EXPECT_EQ(read("0"), seconds(0));
  EXPECT_EQ(read("0.25"), milliseconds(250));
  EXPECT_EQ(read("1.5h"), minutes(90));
  EXPECT_EQ(read("1h1.5m"), seconds(3690));
  EXPECT_EQ(read("0.333333333s"), microseconds(333333));
  EXPECT_EQ(read("0.000000001w"), microseconds(604));
  EXPECT_EQ(read("36525d"), hours(24 * 36525));
  EXPECT_EQ(read("00010s"), seconds(10));
}

TEST(Duration, RefusesTheRest) {
  for (const std::string_view text : {"",
                                      " ",
                                      "s",
                                      "-1s",
                                      "+1s",
                                      "1 s",
                                      "1s ",
                                      "1x",
                                      "1h30",
                                      "30m1h",
                                      "1h1h",
                                      "1.s",
                                      ".5s",
                                      "1..5s",
                                      "1.5h30m",
                                      "1.0000000001s",
                                      "36526d",
                                      "3155760001",
                                      "99999999999999999999s",
                                      "99999999999999999w",
                                      "1e3s",
                                      "1H",
                                      "1m1ms1s",
                                      "ms"}) {
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration.ok()) << text;
    EXPECT_EQ(duration.error().code, "duration.syntax");
  }
}

TEST(Duration, FormatsTheShortestExactForm) {
  EXPECT_EQ(format_duration(seconds(0)), "0s");
  EXPECT_EQ(format_duration(minutes(90)), "1h30m");
  EXPECT_EQ(format_duration(milliseconds(250)), "250ms");
  EXPECT_EQ(format_duration(milliseconds(1500)), "1.5s");
  EXPECT_EQ(format_duration(microseconds(1500)), "1.5ms");
  EXPECT_EQ(format_duration(microseconds(7)), "7us");
  EXPECT_EQ(format_duration(hours(168)), "1w");
  EXPECT_EQ(format_duration(hours(169)), "7d1h");
  EXPECT_EQ(format_duration(seconds(3661)), "1h1m1s");
  EXPECT_EQ(format_duration(hours(1) + milliseconds(5)), "1h0.005s");
  EXPECT_EQ(format_duration(-seconds(90)), "-1m30s");
}

TEST(Duration, ReadsBackWhatItFormats) {
  std::uint64_t seed = 1;
  for (int i = 0; i < 500; ++i) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    const Duration duration(static_cast<std::int64_t>(seed >> (14 + i % 50)));
    const auto read = parse_duration(format_duration(duration));
    ASSERT_TRUE(read.ok()) << format_duration(duration);
    EXPECT_EQ(*read, duration) << format_duration(duration);
  }
}

}  // namespace
}  // namespace mbflow
