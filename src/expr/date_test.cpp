#include "expr/date_time.h"

#include "expr/expr.h"
#include "expr/fake_scope.h"

#include <gtest/gtest.h>

namespace mbflow::expr {
namespace {

class Dates : public ::testing::Test {
 protected:
  std::string eval(const std::string& source) {
    auto compiled = Template::compile("{{ " + source + " }}");
    if (!compiled) return compiled.error().message;
    auto result = evaluator.evaluate(*compiled, scope);
    return result ? write_json(*result) : result.error().message;
  }
  void expect(std::initializer_list<std::pair<const char*, const char*>> table) {
    for (const auto& [source, wanted] : table) EXPECT_EQ(eval(source), wanted) << source;
  }
  FakeScope scope;
  Evaluator evaluator;
};

TEST_F(Dates, now_is_the_scopes) {
  scope.zone = "Europe/Moscow";
  expect({{"$now", R"("2026-01-01T03:00:00.000+03:00")"},
          {"$today", R"("2026-01-01T00:00:00.000+03:00")"},
          {"$now.zoneName", R"("Europe/Moscow")"},
          {"$now.toUTC()", R"("2026-01-01T00:00:00.000Z")"},
          {"$now.setZone('America/New_York').toISO()", R"("2025-12-31T19:00:00.000-05:00")"},
          {"$now.setZone('UTC+5:30').hour", "5"},
          {"$now.toMillis() === Date.now()", "true"},
          {"$now > $today", "true"},
          {"`${$now}`", R"("2026-01-01T03:00:00.000+03:00")"},
          {"[$now.year, $now.month, $now.day, $now.hour, $now.minute, $now.second, $now.millisecond, $now.weekday]",
           "[2026,1,1,3,0,0,0,4]"},
          {"DateTime.now().toISODate()", R"("2026-01-01")"}});
}

TEST_F(Dates, arithmetic_on_the_calendar) {
  expect({{"DateTime.fromISO('2026-01-31').plus({months: 1}).toISODate()", R"("2026-02-28")"},
          {"DateTime.fromISO('2024-02-29').plus({years: 1}).toISODate()", R"("2025-02-28")"},
          {"DateTime.fromISO('2026-03-31').minus({months: 1}).toISODate()", R"("2026-02-28")"},
          {"DateTime.fromISO('2026-12-31').plus({days: 1, hours: 2}).toISO()", R"("2027-01-01T02:00:00.000Z")"},
          {"DateTime.fromISO('2026-01-01').plus({weeks: 1.5}).toISO()", R"("2026-01-11T12:00:00.000Z")"},
          {"DateTime.fromISO('2026-05-17T15:30:45.123').startOf('day').toISO()", R"("2026-05-17T00:00:00.000Z")"},
          {"DateTime.fromISO('2026-05-17').startOf('week').toISODate()", R"("2026-05-11")"},
          {"DateTime.fromISO('2026-05-17').endOf('month').toISO()", R"("2026-05-31T23:59:59.999Z")"},
          {"DateTime.fromISO('2026-05-17').startOf('quarter').toISODate()", R"("2026-04-01")"},
          {"DateTime.fromISO('2026-05-17').endOf('year').toISODate()", R"("2026-12-31")"},
          {"DateTime.fromISO('2026-05-17T15:30:45').startOf('hours').toISO()", R"("2026-05-17T15:00:00.000Z")"},
          {"DateTime.fromISO('2026-03-01').diff(DateTime.fromISO('2026-02-01'), 'days')", "28"},
          {"DateTime.fromISO('2026-03-16').diff(DateTime.fromISO('2026-01-01'), 'months') > 2.4", "true"},
          {"DateTime.fromISO('2026-01-01').diff('2026-01-01T06:00:00Z', 'hours')", "-6"},
          {"DateTime.fromISO('2026-01-02').diff(DateTime.fromISO('2026-01-01'))", "86400000"}});
}

TEST_F(Dates, nights_when_clocks_change) {
  scope.zone = "Europe/Berlin";  // forward 2026-03-29 02:00 → 03:00, back 2026-10-25 03:00 → 02:00
  expect({{"DateTime.fromISO('2026-03-28T12:00').plus({days: 1}).toISO()", R"("2026-03-29T12:00:00.000+02:00")"},
          {"DateTime.fromISO('2026-03-28T12:00').plus({hours: 24}).toISO()", R"("2026-03-29T13:00:00.000+02:00")"},
          {"DateTime.fromISO('2026-03-29T02:30').toISO()", R"("2026-03-29T03:30:00.000+02:00")"},
          {"DateTime.fromISO('2026-03-28T02:30').plus({days: 1}).toISO()", R"("2026-03-29T03:30:00.000+02:00")"},
          {"DateTime.fromISO('2026-10-25T02:30').toISO()", R"("2026-10-25T02:30:00.000+02:00")"},
          {"DateTime.fromISO('2026-10-25T02:30').plus({hours: 1}).toISO()", R"("2026-10-25T02:30:00.000+01:00")"},
          {"DateTime.fromISO('2026-10-25').endOf('day').diff(DateTime.fromISO('2026-10-25'), 'hours') > 24", "true"},
          {"DateTime.fromISO('2026-03-29T23:00').startOf('day').toISO()", R"("2026-03-29T00:00:00.000+01:00")"},
          {"DateTime.fromISO('2026-03-30').diff(DateTime.fromISO('2026-03-29'), 'days')", "1"},
          {"DateTime.fromISO('2026-03-30').diff(DateTime.fromISO('2026-03-29'), 'hours')", "23"}});
  scope.zone = "America/Sao_Paulo";  // midnight itself was skipped on 2018-11-04
  expect({{"DateTime.fromISO('2018-11-04T12:00').startOf('day').toISO()", R"("2018-11-04T01:00:00.000-02:00")"}});
}

TEST_F(Dates, far_away) {
  scope.zone = "Europe/Berlin";
  expect({{"DateTime.fromISO('2060-07-01T12:00').toISO()", R"("2060-07-01T12:00:00.000+02:00")"},
          {"DateTime.fromISO('2101-12-01T12:00').toISO()", R"("2101-12-01T12:00:00.000+01:00")"},
          {"DateTime.fromISO('2040-03-25T02:30').toISO()", R"("2040-03-25T03:30:00.000+02:00")"},
          {"DateTime.fromMillis(8.64e15, {zone: 'UTC'}).toISO()", R"("+275760-09-13T00:00:00.000Z")"},
          {"DateTime.fromMillis(-8.64e15, {zone: 'UTC'}).toISO()", R"("-271821-04-20T00:00:00.000Z")"},
          {"DateTime.fromMillis(0).setZone('UTC').minus({years: 1970}).toISODate()", R"("0000-01-01")"}});
}

TEST_F(Dates, formats) {
  scope.zone = "Asia/Kolkata";
  const char* date = "DateTime.fromISO('2026-03-05T15:04:09.007')";
  const std::initializer_list<std::pair<const char*, const char*>> table = {
      {"yyyy-MM-dd HH:mm:ss.SSS", "2026-03-05 15:04:09.007"},
      {"d/M/yy h:m:s a", "5/3/26 3:4:9 PM"},
      {"EEEE, d MMMM y", "Thursday, 5 March 2026"},
      {"EEE MMM hh", "Thu Mar 03"},
      {"ZZ ZZZ Z z", "+05:30 +0530 +5:30 Asia/Kolkata"},
      {"'day' o 'of' q, W", "day 64 of 1, 10"},
      {"X x", "1772703249 1772703249007"},
      {"yyyy''MM", "202603"},
      {"[]{}é", "[]{}é"},
      {"E", "4"}};
  for (const auto& [pattern, wanted] : table) {
    std::string quoted = pattern;
    EXPECT_EQ(eval(std::string(date) + ".toFormat(\"" + quoted + "\")"), "\"" + std::string(wanted) + "\"") << pattern;
  }
}

TEST_F(Dates, iso_texts) {
  const auto at = [](std::string_view text) { return parse_iso(text, "UTC").value_or(-1); };
  EXPECT_EQ(at("1970-01-01T00:00:01Z"), 1000);
  EXPECT_EQ(at("1970-01-01T00:00:01.5678Z"), 1567);
  EXPECT_EQ(at("1970-01-01T03:00+03:00"), 0);
  EXPECT_EQ(at("19700101T000001Z"), 1000);
  EXPECT_EQ(at("1970-01-02"), 86'400'000);
  EXPECT_EQ(at("1970-01"), 0);
  EXPECT_EQ(at("1970-01-01T24:00Z"), 86'400'000);
  EXPECT_EQ(at("1970-01-01 00:00:01"), 1000);
  for (const char* bad : {"", "x", "2026-13-01", "2026-02-29", "2026-01-32", "2026-01-01T25:00", "2026-01-01T10:61",
                          "2026-01-01T10:00:00+99:00", "2026-01-01T", "2026-01-01T10:00Zx", "2026-1-1"}) {
    EXPECT_FALSE(parse_iso(bad, "UTC")) << bad;
  }
}

TEST_F(Dates, refusals_name_the_cure) {
  EXPECT_NE(eval("DateTime.fromISO('soon')").find("is no ISO date; write it like"), std::string::npos);
  EXPECT_NE(eval("$now.setZone('Mars/Base')").find("is no time zone"), std::string::npos);
  EXPECT_NE(eval("$now.setZone('../../etc/passwd')").find("is no time zone"), std::string::npos);
  EXPECT_NE(eval("$now.plus({dayz: 1})").find("is no unit of time"), std::string::npos);
  EXPECT_NE(eval("$now.plus({days: 'x'})").find("days must be a number"), std::string::npos);
  EXPECT_NE(eval("$now.plus({years: 1e9})").find("out of range"), std::string::npos);
  EXPECT_NE(eval("new DateTime()").find("use DateTime.fromISO"), std::string::npos);
  EXPECT_NE(eval("$now.diff($json.missing)").find("diff needs a date"), std::string::npos);
}

// Against a walk day by day: a calendar month later is the same day of the next month, or its last.
TEST(DateSweep, months_and_days) {
  const std::string_view zone = "America/New_York";
  Calendar at;
  at.year = 1999;
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t now = instant_of(at, zone);
    const Calendar seen = calendar_of(now, zone);
    const Calendar next = calendar_of(add_time(now, zone, {0, 0, 1, 0, 0, 0, 0, 0, 0}), zone);
    EXPECT_EQ(next.month, seen.month % 12 + 1);
    EXPECT_LE(next.day, seen.day);
    EXPECT_TRUE(next.day == seen.day || next.day >= 28);
    const std::int64_t tomorrow = add_time(now, zone, {0, 0, 0, 0, 1, 0, 0, 0, 0});
    EXPECT_EQ(calendar_of(tomorrow, zone).hour, seen.hour);
    EXPECT_EQ(difference(tomorrow, now, zone, Unit::day), 1);
    at.day += 1;
  }
}

}  // namespace
}  // namespace mbflow::expr
