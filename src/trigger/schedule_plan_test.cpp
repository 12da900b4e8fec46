// What a plan promises however the clock behaves: no occurrence twice, none left out.
#include "trigger/schedule_plan.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace mbflow::trigger {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Schedule schedule(const std::string& config) {
  const auto value = parse_json(config);
  EXPECT_TRUE(value) << config;
  auto parsed = parse_schedule(*value, "Europe/Berlin");
  EXPECT_TRUE(parsed) << config << ": " << (parsed ? "" : parsed.error().message);
  return parsed ? *std::move(parsed) : Schedule{};
}

Timestamp at(std::string_view text) {
  const auto parsed = parse_timestamp(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Timestamp{};
}

std::vector<std::string> texts(const std::vector<Timestamp>& instants) {
  std::vector<std::string> found;
  for (const Timestamp when : instants) found.push_back(format_timestamp(when).substr(11, 8));
  return found;
}

using Texts = std::vector<std::string>;

const Timestamp noon = at("2026-06-10T12:00:00Z");

TEST(plan, on_time_whatever_the_policy) {
  for (const char* missed : {"skip", "latest", "all"}) {
    const auto hourly = schedule(R"({"cron": "0 * * * *", "missed": ")" + std::string(missed) + "\"}");
    const Plan early = plan(hourly, 1, noon, noon + minutes(59));
    EXPECT_TRUE(early.start.empty());
    EXPECT_EQ(early.last, noon);
    EXPECT_EQ(early.look_again, noon + hours(1));
    const Plan due = plan(hourly, 1, noon, noon + hours(1) + seconds(59));
    EXPECT_EQ(due.start, std::vector<Timestamp>{noon + hours(1)});
    EXPECT_EQ(due.last, noon + hours(1));
    EXPECT_EQ(due.look_again, noon + hours(2));
    EXPECT_EQ(due.skipped_count, 0U);
  }
}

TEST(plan, missed_skip) {
  const Plan late = plan(schedule(R"({"cron": "0 * * * *", "missed": "skip"})"), 1, noon, noon + hours(3) + minutes(5));
  EXPECT_TRUE(late.start.empty());
  EXPECT_EQ(late.skipped_count, 3U);
  EXPECT_EQ(late.skipped.back(), (Skipped{noon + hours(3), SkipReason::policy}));
  EXPECT_EQ(late.last, noon + hours(3));
}

TEST(plan, missed_latest_starts_one) {
  const Plan late = plan(schedule(R"({"cron": "0 * * * *"})"), 1, noon, noon + hours(3) + minutes(5));
  EXPECT_EQ(texts(late.start), Texts{"15:00:00"});
  EXPECT_EQ(late.skipped, (std::vector<Skipped>{{noon + hours(1), SkipReason::newer}, {noon + hours(2), SkipReason::newer}}));
}

TEST(plan, missed_all_starts_each_within_the_window) {
  const auto all = schedule(R"({"cron": "0 * * * *", "missed": "all", "missed_window": "3h"})");
  const Plan late = plan(all, 1, noon, noon + hours(5) + minutes(30));
  EXPECT_EQ(texts(late.start), (Texts{"15:00:00", "16:00:00", "17:00:00"}));
  EXPECT_EQ(late.skipped, (std::vector<Skipped>{{noon + hours(1), SkipReason::too_old}, {noon + hours(2), SkipReason::too_old}}));
}

TEST(plan, nothing_older_than_the_window_is_started) {
  const Plan late = plan(schedule(R"({"cron": "0 12 * * *", "missed_window": "6h"})"), 1, noon - hours(40), noon + hours(10));
  EXPECT_TRUE(late.start.empty());
  EXPECT_EQ(late.skipped_count, 2U);
  EXPECT_EQ(late.skipped.back().reason, SkipReason::too_old);
}

TEST(plan, a_hundred_at_most) {
  const Plan late = plan(schedule(R"({"every": "1s", "missed": "all"})"), 1, noon, noon + hours(10));
  EXPECT_EQ(late.start.size(), most_starts);
  EXPECT_EQ(late.start.back(), noon + hours(10));
  EXPECT_EQ(late.skipped_count, 36'000 - most_starts);
  EXPECT_EQ(late.skipped.size(), most_listed);
  EXPECT_EQ(late.skipped.back(), (Skipped{noon + hours(10) - seconds(100), SkipReason::too_many}));
}

TEST(plan, excluded_days_are_listed) {
  const auto work = schedule(R"({"cron": "0 * * * *", "exclude": ["sat", "sun"], "missed": "all"})");
  const Timestamp friday = at("2026-06-12T21:30:00Z");  // 23:30 in Berlin
  const Plan sunday = plan(work, 1, friday, friday + hours(48));
  EXPECT_TRUE(sunday.start.empty());
  EXPECT_EQ(sunday.skipped_count, 48U);
  EXPECT_EQ(sunday.skipped.front(), (Skipped{friday + minutes(30), SkipReason::excluded}));
  EXPECT_EQ(sunday.look_again, friday + hours(48) + minutes(30));
}

TEST(plan, excluded_occurrences_have_no_delay_and_wake_nobody) {
  const auto work = schedule(R"({"cron": "0 12 * * *", "exclude": ["sat", "sun"], "jitter": "6h"})");
  const Timestamp saturday = at("2026-06-13T10:00:00Z");  // noon in Berlin
  const Plan made = plan(work, 3, saturday - hours(1), saturday);
  EXPECT_EQ(made.skipped, (std::vector<Skipped>{{saturday, SkipReason::excluded}}));
  EXPECT_EQ(made.look_again, saturday + hours(48) + delay_of(work, 3, saturday + hours(48)));
}

TEST(plan, a_machine_that_was_off_for_years_costs_little) {
  const auto every_second = schedule(R"({"cron": "* * * * * *", "exclude": ["sat"]})");
  const auto began = std::chrono::steady_clock::now();
  const Plan late = plan(every_second, 1, noon - hours(24 * 365 * 20), noon);
  EXPECT_EQ(late.skipped_count + late.start.size(), 24U * 365 * 20 * 3600);
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(5));
}

TEST(plan, nothing_comes_back_when_the_clock_does) {
  const auto hourly = schedule(R"({"cron": "0 * * * *"})");
  const Plan back = plan(hourly, 1, noon, noon - hours(24 * 400));
  EXPECT_TRUE(back.clock_went_back);
  EXPECT_TRUE(back.start.empty());
  EXPECT_EQ(back.last, noon);
  EXPECT_EQ(back.look_again, noon + hours(1));
}

TEST(plan, never_again) {
  const Plan over = plan(schedule(R"({"cron": "0 * * * *", "end_at": "2026-01-01T00:00:00Z"})"), 1, noon, noon + hours(3));
  EXPECT_FALSE(over.look_again);
  EXPECT_EQ(over.skipped_count, 0U);
}

TEST(plan, extreme_instants) {
  const auto hourly = schedule(R"({"cron": "0 * * * *", "jitter": "1h", "missed": "all"})");
  for (const Timestamp now : {Timestamp::min(), Timestamp{}, at("2038-01-19T03:14:08Z"), at("9999-12-31T23:59:59Z"), Timestamp::max()}) {
    for (const Timestamp last : {Timestamp{}, noon, at("9999-12-31T23:59:59Z")}) EXPECT_LE(plan(hourly, 1, last, now).start.size(), most_starts);
  }
}

TEST(plan, jitter_is_drawn_once_and_keeps_the_order) {
  const auto jittered = schedule(R"({"cron": "0,10 * * * *", "jitter": "20m"})");
  const std::uint64_t seed = jitter_seed("w", "n");
  EXPECT_EQ(seed, jitter_seed("w", "n"));
  EXPECT_NE(seed, jitter_seed("w", "m"));
  std::set<Duration> seen;
  Timestamp before{};
  for (const Timestamp when : next_runs(jittered, noon, 200)) {
    const Duration delay = delay_of(jittered, seed, when);
    EXPECT_LT(delay, minutes(20));
    EXPECT_GE(delay, Duration(0));
    EXPECT_GT(when + delay, before);
    EXPECT_EQ(delay, delay_of(jittered, seed, when));
    before = when + delay;
    seen.insert(delay);
  }
  EXPECT_GT(seen.size(), 190U);
  EXPECT_EQ(delay_of(jittered, 42, noon), delay_of(schedule(R"({"cron": "0,10 * * * *", "jitter": "20m", "missed": "all"})"), 42, noon));
}

TEST(plan, a_jittered_start_waits_for_its_delay) {
  const auto jittered = schedule(R"({"cron": "0 * * * *", "jitter": "30m"})");
  const Timestamp due = noon + hours(1) + delay_of(jittered, 7, noon + hours(1));
  const Plan waiting = plan(jittered, 7, noon, due - Duration(1));
  EXPECT_TRUE(waiting.start.empty());
  EXPECT_EQ(waiting.last, noon);
  EXPECT_EQ(waiting.look_again, due);
  EXPECT_EQ(plan(jittered, 7, noon, due).start, std::vector<Timestamp>{noon + hours(1)});
}

TEST(plan, overlap) {
  EXPECT_EQ(decide_overlap(Overlap::skip, false, false), Verdict::start);
  EXPECT_EQ(decide_overlap(Overlap::skip, true, false), Verdict::skip);
  EXPECT_EQ(decide_overlap(Overlap::queue, false, false), Verdict::start);
  EXPECT_EQ(decide_overlap(Overlap::queue, true, false), Verdict::queue);
  EXPECT_EQ(decide_overlap(Overlap::queue, true, true), Verdict::skip);
  EXPECT_EQ(decide_overlap(Overlap::queue, false, true), Verdict::skip);  // the queued one goes first
  EXPECT_EQ(decide_overlap(Overlap::allow, true, true), Verdict::start);
}

// ── random clocks

std::string random_config(std::mt19937_64& random) {
  const auto one_of = [&](std::initializer_list<const char*> choices) {
    return std::string(*(choices.begin() + static_cast<std::ptrdiff_t>(random() % choices.size())));
  };
  return "{" + one_of({R"("cron": "0 * * * *")", R"("cron": "30 2 * * *")", R"("cron": "*/5 9-17 * * 1-5")", R"("cron": "0 0 1 * *")",
                       R"("every": "25m")", R"("every": "3h")", R"("every": "1d")", R"("cron": "0 */7 * * *")"}) +
         R"(, "missed": )" + one_of({"\"skip\"", "\"latest\"", "\"all\""}) + R"(, "missed_window": )" + one_of({"\"1h\"", "\"24h\"", "\"7d\""}) +
         R"(, "jitter": )" + one_of({"\"0s\"", "\"0s\"", "\"10m\"", "\"5h\""}) + one_of({"", "", R"(, "exclude": ["sat", "sun"])", R"(, "include": ["mon"])"}) + "}";
}

Timestamp random_step(std::mt19937_64& random, Timestamp now) {
  const auto within = [&](std::int64_t most) { return seconds(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most))); };
  switch (random() % 12) {
    case 0:
      return now - within(7200);
    case 1:
      return now - within(5 * 86'400);
    case 2:
      return now + within(40 * 86'400);
    case 3:
      return random() % 40 == 0 ? at("2038-01-19T03:14:07Z") : now;
    default:
      return now + within(3 * 3600) + Duration(static_cast<std::int64_t>(random() % 1'000'000));
  }
}

TEST(plan, each_occurrence_once_wherever_the_clock_jumps) {
  std::mt19937_64 random(2038);
  for (int round = 0; round < 300 && !testing::Test::HasFailure(); ++round) {
    const std::string config = random_config(random);
    const auto of = schedule(config);
    const Timestamp since = noon + seconds(static_cast<std::int64_t>(random() % 30'000'000));
    Timestamp now = since;
    Timestamp last = since;
    std::set<Timestamp> handled;
    std::uint64_t unnamed = 0;
    for (int step = 0; step < 60; ++step, now = random_step(random, now)) {
      const Plan made = plan(of, 99, last, now);
      ASSERT_GE(made.last, last) << config;
      for (const Timestamp when : made.start) {
        ASSERT_TRUE(handled.insert(when).second) << config << ": twice " << format_timestamp(when);
        ASSERT_TRUE(when > last && when <= made.last && when + delay_of(of, 99, when) <= now && is_admitted(of, when)) << config;
      }
      for (const Skipped& one : made.skipped) {
        ASSERT_TRUE(handled.insert(one.at).second) << config << ": twice " << format_timestamp(one.at);
        ASSERT_TRUE(one.at > last && one.at <= made.last && one.at <= now) << config;
        ASSERT_EQ(one.reason == SkipReason::excluded, !is_admitted(of, one.at)) << config;
      }
      unnamed += made.skipped_count - made.skipped.size();
      last = made.last;
    }
    std::uint64_t occurred = 0;
    for (auto when = next_of_any_day(of, since); when && *when <= last; when = next_of_any_day(of, *when)) {
      ++occurred;
      ASSERT_TRUE(unnamed > 0 || handled.count(*when)) << config << ": left out " << format_timestamp(*when);
    }
    ASSERT_EQ(occurred, handled.size() + unnamed) << config;
  }
}

// Who looks when a plan says so, and never sooner, starts every admitted occurrence of a year.
TEST(plan, looking_again_when_told_starts_everything) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 40 && !testing::Test::HasFailure(); ++round) {
    const std::string config = random_config(random);
    const auto of = schedule(config);
    Timestamp now = noon;
    Timestamp last = noon;
    std::vector<Timestamp> started;
    while (started.size() < 100) {
      const Plan made = plan(of, 5, last, now);
      started.insert(started.end(), made.start.begin(), made.start.end());
      ASSERT_TRUE(made.look_again && *made.look_again > now) << config;
      last = made.last;
      now = *made.look_again;
    }
    ASSERT_EQ(started, next_runs(of, noon, started.size())) << config;
  }
}

}  // namespace
}  // namespace mbflow::trigger
