// The config of a schedule node as a Schedule. All faults are noted, so that a form can show them at once.
#include "trigger/schedule.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <span>
#include <string>
#include <utility>

namespace mbflow::trigger {
namespace {

using std::chrono::hours;

constexpr std::size_t most_days = 1000;

std::string in_quotes(std::string_view text) { return text.size() <= 64 ? "\"" + std::string(text) + "\"" : "this long text"; }

class Reader {
 public:
  explicit Reader(const Value& config) : config_(config) {}

  Schedule read(std::string_view workflow_timezone) {
    zone(workflow_timezone);
    ticks();
    schedule_.missed = choice<Missed>("missed", {"skip", "latest", "all"}, Missed::latest);
    schedule_.overlap = choice<Overlap>("overlap", {"skip", "queue", "allow"}, Overlap::skip);
    schedule_.missed_window = duration("missed_window", std::chrono::minutes(1), hours(24 * 31)).value_or(hours(24));
    schedule_.jitter = duration("jitter", Duration(0), hours(24)).value_or(Duration(0));
    day_list("include", schedule_.calendar.include);
    day_list("exclude", schedule_.calendar.exclude);
    return std::move(schedule_);
  }
  std::vector<Error>& faults() { return faults_; }

 private:
  void zone(std::string_view workflow_timezone);
  void ticks();
  void interval();
  void day_list(std::string_view key, DaySet& days);
  std::optional<Timestamp> bound(std::string_view key);
  std::optional<Duration> duration(std::string_view key, Duration least, Duration most);
  template <class Choice>
  Choice choice(std::string_view key, std::array<std::string_view, 3> words, Choice fallback);

  void note(std::string_view key, Error error) {
    std::string at = "/";
    faults_.push_back(std::move(error).with_at(at.append(key).append(error.at)));
  }
  void wrong(std::string_view key, std::string message) { note(key, fail(Kind::invalid, "schedule.config", std::move(message))); }
  bool has(std::string_view key) const { return !config_[key].is_null(); }

  const Value& config_;
  Schedule schedule_;
  std::vector<Error> faults_;
};

void Reader::zone(std::string_view workflow_timezone) {
  const std::string_view own = config_["timezone"].as_string();
  if (has("timezone") && !config_["timezone"].is_string()) return wrong("timezone", "a time zone is a text like Europe/Berlin");
  const std::string_view name = own.empty() ? workflow_timezone : own;
  if (auto found = Zone::find(name)) {
    schedule_.zone = std::move(*found);
    return;
  }
  const std::string whose = own.empty() ? "the workflow's time zone " : "the time zone ";
  const std::string hint = zone_hint(name);
  note("timezone", fail(Kind::invalid, "schedule.timezone",
                        whose + in_quotes(name) + " is not known" +
                            (hint.empty() ? "; use an IANA name like Europe/Berlin, or UTC" : hint)));
}

void Reader::ticks() {
  schedule_.start_at = bound("start_at");
  schedule_.end_at = bound("end_at");
  if (schedule_.start_at && schedule_.end_at && *schedule_.end_at < *schedule_.start_at) {
    wrong("end_at", "the end is before the start; nothing would ever be due");
  }
  if (has("cron") && has("every")) return wrong("every", "there is a \"cron\" too; keep one of the two");
  if (has("every")) return interval();
  if (!has("cron")) return wrong("cron", "say when: give \"cron\" (like 0 9 * * MON-FRI) or \"every\" (like 15m)");
  auto cron = parse_cron(config_["cron"].as_string());
  if (!cron) return note("cron", std::move(cron).error());
  schedule_.ticks = *cron;
}

void Reader::interval() {
  const Value& every = config_["every"];
  const auto text = every.is_integer() ? std::to_string(every.as_integer()) : std::string(every.as_string());
  const auto step = parse_duration(text);
  const bool whole = step && *step % std::chrono::seconds(1) == Duration(0);
  if (!whole || *step < std::chrono::seconds(1) || *step > hours(24 * 366)) {
    return note("every", fail(Kind::invalid, "schedule.every",
                              in_quotes(text) + " is no interval; write whole seconds, minutes, hours or days up to 366d, like 15m"));
  }
  const std::int64_t midnight_of_2000 = 10'957 * std::int64_t{86'400};
  const std::int64_t anchor = schedule_.start_at
                                  ? std::chrono::ceil<std::chrono::seconds>(*schedule_.start_at).time_since_epoch().count()
                                  : schedule_.zone.first_after_gap(midnight_of_2000);
  schedule_.ticks = Interval{std::chrono::duration_cast<std::chrono::seconds>(*step).count(), anchor};
}

void Reader::day_list(std::string_view key, DaySet& days) {
  if (!has(key)) return;
  const auto list = config_[key].elements();
  if (!config_[key].is_array()) return wrong(key, "expected a list of days like [\"sat\", \"12-25\"]");
  if (list.size() > most_days) return wrong(key, "more than " + std::to_string(most_days) + " entries; write ranges of days");
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto added = days.add(list[i].as_string());
    if (added) continue;
    std::string at(key);
    note(at.append("/").append(std::to_string(i)), std::move(added).error());
  }
}

std::optional<Timestamp> Reader::bound(std::string_view key) {
  if (!has(key)) return std::nullopt;
  const auto at = parse_timestamp(config_[key].as_string());
  if (at) return *at;
  wrong(key, "this is no instant; write it with its offset, like 2026-12-31T09:00:00+03:00");
  return std::nullopt;
}

std::optional<Duration> Reader::duration(std::string_view key, Duration least, Duration most) {
  if (!has(key)) return std::nullopt;
  const Value& given = config_[key];
  const auto read = parse_duration(given.is_integer() ? std::to_string(given.as_integer()) : std::string(given.as_string()));
  if (read && *read >= least && *read <= most) return *read;
  wrong(key, "expected a duration from " + format_duration(least) + " to " + format_duration(most) + ", like 2h");
  return std::nullopt;
}

template <class Choice>
Choice Reader::choice(std::string_view key, std::array<std::string_view, 3> words, Choice fallback) {
  if (!has(key)) return fallback;
  const auto found = std::ranges::find(words, config_[key].as_string());
  if (found != words.end()) return static_cast<Choice>(found - words.begin());
  std::string all = "expected one of ";
  wrong(key, all.append(words[0]).append(", ").append(words[1]).append(", ").append(words[2]));
  return fallback;
}

// 2026-03-29T03:00:00+02:00
std::string local_text(const Zone& zone, Timestamp at) {
  const auto utc = std::chrono::floor<std::chrono::seconds>(at);
  const std::int64_t offset = zone.offset_at(utc.time_since_epoch().count());
  std::string text = format_timestamp(utc + std::chrono::seconds(offset)).substr(0, 19);  // without the fraction and the Z
  char shift[16];
  const auto minutes = static_cast<int>(std::abs(offset) / 60);
  std::snprintf(shift, sizeof shift, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
  return text.append(shift);
}

}  // namespace

Result<Schedule> parse_schedule(const Value& config, std::string_view workflow_timezone) {
  Reader reader(config);
  Schedule schedule = reader.read(workflow_timezone);
  if (!reader.faults().empty()) return std::move(reader.faults().front());
  return schedule;
}

std::vector<Error> schedule_faults(const Value& config, std::string_view workflow_timezone) {
  Reader reader(config);
  static_cast<void>(reader.read(workflow_timezone));
  return std::move(reader.faults());
}

std::vector<const Node*> schedule_nodes(const Workflow& workflow) {
  std::vector<const Node*> found;
  for (const auto& node : workflow.nodes) {
    if (node.type == "schedule" && !node.disabled) found.push_back(&node);
  }
  return found;
}

Value make_item(const Schedule& schedule, Timestamp scheduled, Timestamp started) {
  return Value::object({{"scheduled_at", format_timestamp(scheduled)},
                        {"started_at", format_timestamp(started)},
                        {"timezone", schedule.zone.name()},
                        {"local_time", local_text(schedule.zone, scheduled)}});
}

}  // namespace mbflow::trigger
