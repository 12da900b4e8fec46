#include "trigger/cron.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace mbflow::trigger {
namespace {

Value table() {
  std::ifstream file(std::string(std::getenv("MBFLOW_SOURCE_DIR")) + "/src/trigger/testdata/cron.json");
  std::ostringstream text;
  text << file.rdbuf();
  const auto parsed = parse_json(text.str());
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  return parsed ? *parsed : Value();
}

std::string text_of(const Value& value) { return std::string(value.as_string()); }

TEST(cron, forms_that_mean_the_same) {
  const Value same = table()["same"];
  for (const Value& row : same.elements()) {
    const auto first = parse_cron(row[0].as_string());
    const auto second = parse_cron(row[1].as_string());
    ASSERT_TRUE(first) << text_of(row[0]) << ": " << first.error().message;
    ASSERT_TRUE(second) << text_of(row[1]) << ": " << second.error().message;
    EXPECT_EQ(*first == *second, row[2].is_null()) << text_of(row[0]) << " and " << text_of(row[1]);
  }
}

TEST(cron, good_texts_are_taken) {
  const Value good = table()["good"];
  for (const Value& text : good.elements()) {
    const auto cron = parse_cron(text.as_string());
    EXPECT_TRUE(cron) << text_of(text) << ": " << cron.error().message;
  }
}

TEST(cron, bad_texts_are_refused_with_a_cure) {
  const Value bad = table()["bad"];
  for (const Value& row : bad.elements()) {
    const auto cron = parse_cron(row[0].as_string());
    ASSERT_FALSE(cron) << text_of(row[0]);
    EXPECT_EQ(cron.error().code, "schedule.cron");
    EXPECT_NE(cron.error().message.find(row[1].as_string()), std::string::npos) << text_of(row[0]) << ": " << cron.error().message;
  }
  EXPECT_FALSE(parse_cron(std::string(501, '1')));
}

std::vector<int> days_of(std::string_view text, int year, unsigned month) {
  const auto cron = parse_cron(text);
  EXPECT_TRUE(cron) << text;
  std::vector<int> days;
  for (int day = 0; cron && day < 32; ++day) {
    if (matching_days(*cron, year, month) >> day & 1) days.push_back(day);
  }
  return days;
}

// November 2026 begins on a Sunday and has 30 days.
TEST(cron, days_of_a_month) {
  using Days = std::vector<int>;
  EXPECT_EQ(days_of("0 0 L * *", 2026, 11), Days{30});
  EXPECT_EQ(days_of("0 0 L * *", 2028, 2), Days{29});
  EXPECT_EQ(days_of("0 0 L-3 * *", 2026, 11), Days{27});
  EXPECT_EQ(days_of("0 0 L-29 * *", 2026, 2), Days{});
  EXPECT_EQ(days_of("0 0 LW * *", 2026, 10), Days{30});  // the 31st is a Saturday
  EXPECT_EQ(days_of("0 0 LW * *", 2026, 5), Days{29});   // the 31st is a Sunday
  EXPECT_EQ(days_of("0 0 1W * *", 2026, 11), Days{2});   // a Sunday
  EXPECT_EQ(days_of("0 0 1W * *", 2026, 8), Days{3});    // a Saturday; the Friday before is July's
  EXPECT_EQ(days_of("0 0 14W * *", 2026, 11), Days{13});
  EXPECT_EQ(days_of("0 0 31W * *", 2026, 5), Days{29});  // a Sunday; the Monday after is June's
  EXPECT_EQ(days_of("0 0 31W * *", 2026, 11), Days{});
  EXPECT_EQ(days_of("0 0 * * MON#2", 2026, 11), Days{9});
  EXPECT_EQ(days_of("0 0 * * TUE#5", 2026, 11), Days{});
  EXPECT_EQ(days_of("0 0 * * SUN#1,SUN#5", 2026, 11), (Days{1, 29}));
  EXPECT_EQ(days_of("0 0 * * FRIL,MONL", 2026, 11), (Days{27, 30}));
  EXPECT_EQ(days_of("0 0 * 12 *", 2026, 11), Days{});
}

// crontab(5): two restricted day fields are two ways to match; with a "*" in one of them, both must hold.
TEST(cron, both_day_fields) {
  using Days = std::vector<int>;
  EXPECT_EQ(days_of("0 0 13 * FRI", 2026, 11), (Days{6, 13, 20, 27}));
  EXPECT_EQ(days_of("0 0 10 * FRI", 2026, 11), (Days{6, 10, 13, 20, 27}));
  EXPECT_EQ(days_of("0 0 */2 * FRI", 2026, 11), (Days{13, 27}));
  EXPECT_EQ(days_of("0 0 1-7,* * FRI", 2026, 11), (Days{6, 13, 20, 27}));
  EXPECT_EQ(days_of("0 0 1-7 * */5", 2026, 11), (Days{1, 6}));
  EXPECT_EQ(days_of("0 0 31 2 MON", 2026, 2), (Days{2, 9, 16, 23}));
}

TEST(cron, times_of_a_day_agree_with_their_count) {
  for (const char* text : {"* * * * *", "*/7 */5 * * *", "13 5,59 3-9/2 * * *", "0 0 0 * * *", "59 59 23 * * *", "* 30 12 * * *"}) {
    const auto cron = parse_cron(text);
    ASSERT_TRUE(cron) << text;
    std::int64_t count = 0;
    for (std::int64_t second = 0; second <= 86'400; ++second) {
      ASSERT_EQ(times_before(*cron, second), count) << text << " at " << second;
      const auto next = time_from(*cron, second);
      ASSERT_EQ(next.has_value(), count < times_before(*cron, 86'400)) << text << " at " << second;
      if (next == second) ++count;
      ASSERT_TRUE(!next || times_before(*cron, *next) == times_before(*cron, second)) << text << " at " << second;
    }
  }
}

}  // namespace
}  // namespace mbflow::trigger
