// Schedules against a walker that looks at every minute, and against dates written down by hand.
#include "trigger/schedule.h"

#include "trigger/testing_walker.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace mbflow::trigger {
namespace {

using std::chrono::seconds;
using testing_walker::Walker;

Schedule schedule(const std::string& config, std::string_view zone = "UTC") {
  const auto value = parse_json(config);
  EXPECT_TRUE(value) << config;
  auto parsed = parse_schedule(*value, zone);
  EXPECT_TRUE(parsed) << config << ": " << (parsed ? "" : parsed.error().message);
  return parsed ? *std::move(parsed) : Schedule{};
}

Schedule cron(const std::string& text, std::string_view zone) { return schedule(R"({"cron": ")" + text + R"("})", zone); }

Timestamp at(std::string_view text) {
  const auto parsed = parse_timestamp(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Timestamp{};
}

std::int64_t to_seconds(Timestamp when) { return std::chrono::floor<seconds>(when).time_since_epoch().count(); }

// The local times of the next runs.
std::vector<std::string> runs(const Schedule& of, std::string_view from, std::size_t count) {
  std::vector<std::string> texts;
  for (const Timestamp when : next_runs(of, at(from), count)) {
    texts.emplace_back(make_item(of, when, when)["local_time"].as_string());
  }
  return texts;
}

using Texts = std::vector<std::string>;

std::string one_of(std::mt19937_64& random, std::initializer_list<const char*> choices) {
  return *(choices.begin() + static_cast<std::ptrdiff_t>(random() % choices.size()));
}

std::string random_cron(std::mt19937_64& random) {
  const std::string second = one_of(random, {"0", "0", "0", "0", "0", "0", "30", "*/20", "5,17"});
  return second + " " + one_of(random, {"*", "*/7", "0", "30", "15,45", "0-10/5", "59", "0"}) + " " +
         one_of(random, {"*", "*/2", "*/5", "0", "1", "2", "3", "0-4", "1-3/2", "9-17", "23", "0,12", "0-23"}) + " " +
         one_of(random, {"*", "*", "*", "*/2", "1", "28-31", "15", "*/10"}) + " " +
         one_of(random, {"*", "*", "*", "*", "3", "10-11", "1-12/2"}) + " " + one_of(random, {"*", "*", "*", "0", "1-5", "6,0", "*/2", "5-7"});
}

const char* random_zone(std::mt19937_64& random) {
  constexpr const char* zones[] = {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll",
                                   "Atlantic/Azores", "Asia/Beirut", "America/Asuncion", "America/Sao_Paulo", "Pacific/Apia",
                                   "Asia/Kathmandu", "Africa/Casablanca", "America/St_Johns", "Antarctica/Casey"};
  return zones[random() % std::size(zones)];
}

void compare(const std::string& text, const char* zone, std::int64_t from, std::int64_t until, std::size_t most) {
  const Schedule checked = cron(text, zone);
  const auto expected = Walker(text, zone).walk(from, until, most);
  Timestamp when{seconds(from)};
  for (const std::int64_t second : expected) {
    const auto next = next_after(checked, when);
    ASSERT_TRUE(next) << text << " in " << zone << " after " << format_timestamp(when);
    ASSERT_EQ(to_seconds(*next), second) << text << " in " << zone << " after " << format_timestamp(when) << ": " << format_timestamp(*next)
                                        << " instead of " << format_timestamp(Timestamp(seconds(second)));
    when = *next;
  }
  const std::int64_t walked = expected.size() < most ? until : expected.back();
  if (expected.size() < most) {
    const auto next = next_after(checked, when);
    ASSERT_TRUE(!next || to_seconds(*next) > until) << text << " in " << zone << ": " << format_timestamp(*next) << " is not due";
  }
  const Count count = count_between(checked, Timestamp(seconds(from)), Timestamp(seconds(walked)));
  ASSERT_EQ(count.all, expected.size()) << text << " in " << zone << " from " << from << " to " << walked;
  ASSERT_EQ(count.admitted, expected.size());
}

TEST(schedule, agrees_with_a_walker_anywhere) {
  std::mt19937_64 random(20261122);
  const std::int64_t first = to_seconds(at("1975-01-01T00:00:00Z"));
  const std::int64_t last = to_seconds(at("2037-06-01T00:00:00Z"));
  for (int i = 0; i < 3000 && !HasFatalFailure(); ++i) {
    const std::string text = random_cron(random);
    const auto from = first + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(last - first));
    const bool by_minute = text.starts_with("0 ");
    compare(text, random_zone(random), from, from + (by_minute ? 20 : 1) * 86'400, 5);
  }
}

// ── the nights on which clocks change

struct Nights {
  const char* name;
  int from_year;
};

// The instants at which clocks change in two years.
std::vector<std::int64_t> changes(const Nights& zone) {
  std::vector<std::int64_t> found;
  const auto* known = date::locate_zone(zone.name);
  const auto begin = date::sys_days(date::year(zone.from_year) / 1 / 1);
  for (date::sys_seconds when = begin; when < begin + date::days(731);) {
    const auto info = known->get_info(when);
    if (info.begin > begin) found.push_back(info.begin.time_since_epoch().count());
    when = info.end;
  }
  return found;
}

TEST(schedule, agrees_with_a_walker_when_clocks_change) {
  constexpr Nights zones[] = {{"Europe/Berlin", 2026}, {"Europe/London", 2026}, {"America/New_York", 2026}, {"America/St_Johns", 2009},
                             {"Australia/Lord_Howe", 2026}, {"Antarctica/Troll", 2026}, {"Atlantic/Azores", 2026}, {"Asia/Beirut", 2026},
                             {"America/Asuncion", 2023}, {"America/Sao_Paulo", 2017}, {"Pacific/Apia", 2010}, {"Africa/Cairo", 2026},
                             {"America/Scoresbysund", 2023}, {"Antarctica/Casey", 2009}, {"Africa/Casablanca", 2022}, {"Asia/Gaza", 2024}};
  std::mt19937_64 random(10);
  for (const Nights& zone : zones) {
    const auto nights = changes(zone);
    ASSERT_GE(nights.size(), 2U) << zone.name;
    for (int i = 0; i < 40 && !HasFatalFailure(); ++i) {
      const std::string text = random_cron(random);
      for (const std::int64_t night : nights) compare(text, zone.name, night - 30 * 3600 - i, night + 30 * 3600, text.starts_with("0 ") ? 5000 : 300);
    }
  }
}

TEST(schedule, fixed_hours_in_a_gap_run_once_at_its_end) {
  EXPECT_EQ(runs(cron("30 2 * * *", "Europe/Berlin"), "2026-03-28T00:00:00Z", 3),
            (Texts{"2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}));
  EXPECT_EQ(runs(cron("*/10 2,3 * * *", "Europe/Berlin"), "2026-03-29T00:50:00Z", 2),
            (Texts{"2026-03-29T03:00:00+02:00", "2026-03-29T03:10:00+02:00"}));  // 02:00 to 02:50 and 03:00 are one
  EXPECT_EQ(runs(cron("0 0 * * *", "America/Sao_Paulo"), "2018-11-03T12:00:00Z", 2),
            (Texts{"2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"}));
  EXPECT_EQ(runs(cron("15 2 * * *", "Australia/Lord_Howe"), "2026-10-03T00:00:00Z", 2),
            (Texts{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}));
  EXPECT_EQ(runs(cron("30 1,2 * * *", "Antarctica/Troll"), "2026-03-29T00:00:00Z", 2),
            (Texts{"2026-03-29T03:00:00+02:00", "2026-03-30T01:30:00+02:00"}));
}

TEST(schedule, fixed_hours_in_an_overlap_run_once) {
  EXPECT_EQ(runs(cron("30 2 * * *", "Europe/Berlin"), "2026-10-24T12:00:00Z", 2),
            (Texts{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}));
  EXPECT_EQ(runs(cron("45 1 * * *", "Australia/Lord_Howe"), "2026-04-04T00:00:00Z", 2),
            (Texts{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"}));
  EXPECT_EQ(runs(cron("30 23 * * *", "Asia/Beirut"), "2026-10-24T12:00:00Z", 2),
            (Texts{"2026-10-24T23:30:00+03:00", "2026-10-25T23:30:00+02:00"}));
}

TEST(schedule, other_schedules_follow_the_clock) {
  EXPECT_EQ(runs(cron("30 */2 * * *", "Europe/Berlin"), "2026-03-28T23:00:00Z", 2),
            (Texts{"2026-03-29T00:30:00+01:00", "2026-03-29T04:30:00+02:00"}));
  EXPECT_EQ(runs(cron("30 * * * *", "Europe/Berlin"), "2026-10-25T00:00:00Z", 3),
            (Texts{"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00"}));
  EXPECT_EQ(runs(cron("0 0-23 * * *", "Europe/Berlin"), "2026-10-25T00:00:00Z", 2),
            (Texts{"2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"}));
  EXPECT_EQ(runs(schedule(R"({"every": "45m"})", "Europe/Berlin"), "2026-10-24T23:00:00Z", 4),
            (Texts{"2026-10-25T01:45:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:15:00+01:00", "2026-10-25T03:00:00+01:00"}));
}

// The tables of docs/schedules.md.
TEST(schedule, the_nights_of_the_guide) {
  const auto night = [](const char* text, std::string_view from, std::string_view until) {
    Texts times;
    const Schedule of = cron(text, "Europe/Berlin");
    for (auto when = next_after(of, at(from)); when && *when < at(until); when = next_after(of, *when)) {
      times.push_back(std::string(make_item(of, *when, *when)["local_time"].as_string()).substr(11));
    }
    return times;
  };
  const auto march = [&](const char* text) { return night(text, "2026-03-29T00:15:00Z", "2026-03-29T02:00:00Z"); };
  const auto october = [&](const char* text) { return night(text, "2026-10-24T23:45:00Z", "2026-10-25T02:15:00Z"); };
  EXPECT_EQ(march("30 2 * * *"), Texts{"03:00:00+02:00"});
  EXPECT_EQ(october("30 2 * * *"), Texts{"02:30:00+02:00"});
  EXPECT_EQ(march("*/10 2 * * *"), Texts{"03:00:00+02:00"});
  EXPECT_EQ(october("*/10 2 * * *"), (Texts{"02:00:00+02:00", "02:10:00+02:00", "02:20:00+02:00", "02:30:00+02:00", "02:40:00+02:00",
                                            "02:50:00+02:00"}));
  EXPECT_EQ(march("0 2,3 * * *"), Texts{"03:00:00+02:00"});
  EXPECT_EQ(october("0 2,3 * * *"), (Texts{"02:00:00+02:00", "03:00:00+01:00"}));
  EXPECT_EQ(march("30 * * * *"), (Texts{"01:30:00+01:00", "03:30:00+02:00"}));
  EXPECT_EQ(october("30 * * * *"), (Texts{"02:30:00+02:00", "02:30:00+01:00"}));
  EXPECT_EQ(march("0 */2 * * *"), Texts{});
  EXPECT_EQ(october("0 */2 * * *"), (Texts{"02:00:00+02:00", "02:00:00+01:00"}));
}

// The day that Samoa left out, and its hour of the year after.
TEST(schedule, a_day_left_out_is_not_made_up_for) {
  EXPECT_EQ(runs(cron("0 9 * * *", "Pacific/Apia"), "2011-12-29T12:00:00Z", 3),
            (Texts{"2011-12-29T09:00:00-10:00", "2011-12-31T09:00:00+14:00", "2012-01-01T09:00:00+14:00"}));
  EXPECT_EQ(runs(cron("0 9 30 12 *", "Pacific/Apia"), "2011-12-01T00:00:00Z", 1), Texts{"2012-12-30T09:00:00+14:00"});
}

TEST(schedule, rare_days) {
  EXPECT_EQ(runs(cron("0 0 29 2 *", "UTC"), "2096-03-01T00:00:00Z", 1), Texts{"2104-02-29T00:00:00+00:00"});
  EXPECT_EQ(runs(cron("0 0 * 2 SUN#5", "UTC"), "2088-03-01T00:00:00Z", 1), Texts{"2128-02-29T00:00:00+00:00"});
  EXPECT_FALSE(next_after(cron("0 0 31 12 *", "UTC"), at("9997-12-31T00:00:00Z")));
}

// Beyond the zone files: the rule of the last years in reach goes on.
TEST(schedule, far_years_keep_their_rules) {
  EXPECT_EQ(runs(cron("0 12 1 7 *", "Europe/Berlin"), "2040-01-01T00:00:00Z", 1), Texts{"2040-07-01T12:00:00+02:00"});
  EXPECT_EQ(runs(cron("0 12 1 7 *", "Europe/Moscow"), "2038-01-01T00:00:00Z", 1), Texts{"2038-07-01T12:00:00+03:00"});
  EXPECT_EQ(runs(cron("30 2 * * *", "Europe/Berlin"), "2044-03-26T12:00:00Z", 1), Texts{"2044-03-27T03:00:00+02:00"});  // the last Sunday
  EXPECT_EQ(runs(cron("30 2 31 * *", "Europe/Berlin"), "2041-03-30T12:00:00Z", 1), Texts{"2041-03-31T03:00:00+02:00"});
  for (int year = 2038; year < 2100; ++year) {
    const auto march = Timestamp(std::chrono::sys_days(std::chrono::year(year) / 3 / std::chrono::Sunday[std::chrono::last])) + std::chrono::hours(1);
    const ZonePiece piece = Zone::find("Europe/Berlin")->piece_at(to_seconds(march));
    EXPECT_EQ(piece.begin, to_seconds(march)) << year;
    EXPECT_EQ(piece.offset - piece.before, 3600) << year;
  }
}

TEST(schedule, intervals_have_an_anchor) {
  EXPECT_EQ(runs(schedule(R"({"every": "1h"})", "Asia/Kathmandu"), "2026-01-01T00:00:00Z", 2),
            (Texts{"2026-01-01T06:00:00+05:45", "2026-01-01T07:00:00+05:45"}));
  EXPECT_EQ(runs(schedule(R"({"every": 90, "start_at": "2026-01-01T00:00:10Z"})"), "2025-06-01T00:00:00Z", 2),
            (Texts{"2026-01-01T00:00:10+00:00", "2026-01-01T00:01:40+00:00"}));
  EXPECT_EQ(runs(schedule(R"({"every": "1d", "end_at": "2026-01-02T00:00:00Z"})"), "2025-12-31T12:00:00Z", 9),
            (Texts{"2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"}));
}

TEST(schedule, the_start_and_the_end_are_included) {
  const auto daily = schedule(R"({"cron": "@daily", "start_at": "2026-05-01T00:00:00Z", "end_at": "2026-05-02T00:00:00Z"})");
  EXPECT_EQ(runs(daily, "2026-01-01T00:00:00Z", 9), (Texts{"2026-05-01T00:00:00+00:00", "2026-05-02T00:00:00+00:00"}));
  EXPECT_EQ(count_between(daily, at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).all, 2U);
}

TEST(schedule, calendars) {
  const auto work = schedule(R"({"cron": "0 9 * * *", "exclude": ["sat", "Sunday", "12-24/12-26", "2026-12-31", "2027-01-01/2027-01-03"]})", "Europe/Berlin");
  EXPECT_EQ(runs(work, "2026-12-23T12:00:00Z", 4),
            (Texts{"2026-12-28T09:00:00+01:00", "2026-12-29T09:00:00+01:00", "2026-12-30T09:00:00+01:00", "2027-01-04T09:00:00+01:00"}));
  const auto only = schedule(R"({"cron": "0 9 * * *", "include": ["02-29", "2027-05-01"]})");
  EXPECT_EQ(runs(only, "2026-12-23T12:00:00Z", 2), (Texts{"2027-05-01T09:00:00+00:00", "2028-02-29T09:00:00+00:00"}));
  const auto winter = schedule(R"({"every": "6h", "include": ["12-30/01-01"], "exclude": ["fri"]})");
  const Count count = count_between(winter, at("2026-12-01T00:00:00Z"), at("2027-01-31T00:00:00Z"));
  EXPECT_EQ(count.admitted, 8U);  // the 30th and the 31st; 2027 begins on a Friday
  EXPECT_EQ(count.all, 61U * 4);
  EXPECT_EQ(next_runs(winter, at("2026-12-01T00:00:00Z"), 1)[0], at("2026-12-30T00:00:00Z"));
  const auto never = schedule(R"({"every": "1s", "include": ["2020-01-01"]})");
  EXPECT_FALSE(next_after(never, at("2026-01-01T00:00:00Z")));
}

// An occurrence belongs to the day on which it starts in the schedule's zone.
TEST(schedule, calendars_are_read_in_the_zone) {
  const auto early = schedule(R"({"cron": "0 1 * * *", "exclude": ["mon"]})", "Asia/Tokyo");
  EXPECT_EQ(runs(early, "2026-11-21T20:00:00Z", 1), Texts{"2026-11-24T01:00:00+09:00"});
  EXPECT_FALSE(is_admitted(early, at("2026-11-22T16:00:00Z")));  // Monday in Tokyo
  EXPECT_TRUE(is_admitted(early, at("2026-11-23T16:00:00Z")));
}

// ── configs

void refused(const std::string& config, const std::string& code, const std::string& where, const std::string& words = "") {
  const auto value = parse_json(config);
  ASSERT_TRUE(value) << config;
  const auto parsed = parse_schedule(*value, "UTC");
  ASSERT_FALSE(parsed) << config;
  EXPECT_EQ(parsed.error().code, code) << config;
  EXPECT_EQ(parsed.error().at, where) << config;
  EXPECT_NE(parsed.error().message.find(words), std::string::npos) << parsed.error().message;
}

TEST(schedule, faults_name_the_field) {
  refused("{}", "schedule.config", "/cron", "\"every\"");
  refused(R"({"cron": "@daily", "every": "1h"})", "schedule.config", "/every", "keep one");
  refused(R"({"cron": "61 * * * *"})", "schedule.cron", "/cron", "minute");
  refused(R"({"cron": 5})", "schedule.cron", "/cron");
  for (const char* every : {"\"1.5s\"", "\"500ms\"", "0", "\"\"", "\"500d\"", "true", "-5"}) {
    refused(R"({"every": )" + std::string(every) + "}", "schedule.every", "/every");
  }
  refused(R"({"cron": "@daily", "timezone": "Europe/Berlim"})", "schedule.timezone", "/timezone", "Europe/Berlin");
  refused(R"({"cron": "@daily", "timezone": "../UTC"})", "schedule.timezone", "/timezone");
  refused(R"({"cron": "@daily", "timezone": 3})", "schedule.config", "/timezone");
  refused(R"({"cron": "@daily", "missed": "never"})", "schedule.config", "/missed", "skip, latest, all");
  refused(R"({"cron": "@daily", "overlap": 1})", "schedule.config", "/overlap");
  refused(R"({"cron": "@daily", "missed_window": "10s"})", "schedule.config", "/missed_window", "1m");
  refused(R"({"cron": "@daily", "jitter": "25h"})", "schedule.config", "/jitter");
  refused(R"({"cron": "@daily", "exclude": ["sat", "2026-02-29"]})", "schedule.calendar", "/exclude/1");
  refused(R"({"cron": "@daily", "include": ["2026-12-31/2026-12-01"]})", "schedule.calendar", "/include/0", "backwards");
  for (const char* day : {"", "2026-13-01", "02-30", "someday", "1-1", "2026-12-31/12-31", "sat/sun", "2026-12-31/"}) {
    refused(R"({"cron": "@daily", "include": [")" + std::string(day) + "\"]}", "schedule.calendar", "/include/0");
  }
  refused(R"({"cron": "@daily", "exclude": "sat"})", "schedule.config", "/exclude", "list");
  refused(R"({"cron": "@daily", "start_at": "2026-01-01"})", "schedule.config", "/start_at");
  refused(R"({"cron": "@daily", "start_at": "2026-01-02T00:00:00Z", "end_at": "2026-01-01T00:00:00Z"})", "schedule.config", "/end_at");
}

TEST(schedule, all_faults_at_once) {
  const auto config = parse_json(R"({"cron": "x", "timezone": "Moon/Base", "jitter": "soon", "exclude": ["x", "sat", "y"]})");
  const auto faults = schedule_faults(*config, "UTC");
  std::vector<std::string> places;
  for (const Error& fault : faults) places.push_back(fault.at);
  EXPECT_EQ(places, (Texts{"/timezone", "/cron", "/jitter", "/exclude/0", "/exclude/2"}));
}

TEST(schedule, the_workflows_zone_holds_unless_it_has_its_own) {
  EXPECT_EQ(cron("@daily", "Asia/Tokyo").zone.name(), "Asia/Tokyo");
  EXPECT_EQ(schedule(R"({"cron": "@daily", "timezone": "UTC"})", "Asia/Tokyo").zone.name(), "UTC");
  EXPECT_EQ(runs(cron("@daily", "UTC+3"), "2026-01-01T00:00:00Z", 1), Texts{"2026-01-02T00:00:00+03:00"});
  const auto config = parse_json(R"({"cron": "@daily"})");
  EXPECT_EQ(parse_schedule(*config, "Moon/Base").error().message.substr(0, 24), "the workflow's time zone");
}

TEST(schedule, item) {
  const auto of = cron("30 2 * * *", "America/New_York");
  EXPECT_EQ(make_item(of, at("2026-03-08T07:00:00Z"), at("2026-03-08T07:00:01.5Z")),
            *parse_json(R"({"scheduled_at": "2026-03-08T07:00:00.000Z", "started_at": "2026-03-08T07:00:01.500Z",
                            "timezone": "America/New_York", "local_time": "2026-03-08T03:00:00-04:00"})"));
}

}  // namespace
}  // namespace mbflow::trigger
