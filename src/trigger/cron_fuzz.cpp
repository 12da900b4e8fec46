// The first byte chooses a zone, the next four an instant of 136 years, the rest is a cron text. It is refused with a message,
// or its occurrences go forward, are counted right, and are what a walk through every minute of a few days finds.
#include "trigger/schedule_plan.h"

#include "base/civil.h"
#include "base/utf8.h"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace mbflow;
using namespace mbflow::trigger;
using std::chrono::seconds;

void require(bool truth) {
  if (!truth) std::abort();
}

// Whether the cron names the wall time, asked of its sets directly.
bool names(const Cron& cron, std::int64_t wall) {
  const std::chrono::sys_seconds at{seconds(wall)};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::int64_t second = (at - day).count();
  const std::uint32_t days = matching_days(cron, static_cast<int>(date.year()), static_cast<unsigned>(date.month()));
  return (days >> static_cast<unsigned>(date.day()) & 1) != 0 && (cron.hours >> (second / 3600) & 1) != 0 &&
         (cron.minutes >> (second / 60 % 60) & 1) != 0 && (cron.seconds >> (second % 60) & 1) != 0;
}

// Between changes of the clock an occurrence is a named wall time, and a named wall time an occurrence.
void walk(const Schedule& schedule, const Cron& cron, std::int64_t from, std::int64_t next) {
  const ZonePiece piece = schedule.zone.piece_at(from);
  const std::int64_t step = cron.seconds == 1 ? 60 : 1;
  const std::int64_t until = std::min({next, piece.end, from + 2'000 * step});
  if (!cron.every_hour && from < piece.begin + 86'400) return;
  for (std::int64_t at = (floor_div(from, step) + 1) * step; at < until; at += step) require(!names(cron, at + piece.offset));
  if (next < piece.end) require(names(cron, next + piece.offset));
}

void check(const Schedule& schedule, const Cron& cron, std::int64_t from) {
  Timestamp last{seconds(from)};
  for (int i = 0; i < 20; ++i) {
    const auto next = next_after(schedule, last);
    if (!next) return;
    require(*next > last && next_after(schedule, *next - seconds(1)) == next);
    require(count_between(schedule, last, *next).all == 1);
    walk(schedule, cron, std::chrono::floor<seconds>(last).time_since_epoch().count(),
         std::chrono::floor<seconds>(*next).time_since_epoch().count());
    last = *next;
  }
  if (last - Timestamp(seconds(from)) > std::chrono::days(40 * 365)) return;  // plans count 41 years back
  const Plan made = plan(schedule, 1, Timestamp(seconds(from)), last);
  require(made.last == last && made.start.size() + made.skipped_count == 20);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  constexpr std::string_view zones[] = {"UTC", "Europe/Berlin", "Australia/Lord_Howe", "Antarctica/Troll", "America/Sao_Paulo",
                                        "Pacific/Apia", "Asia/Gaza", "+05:45"};
  if (size < 5) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 5, size - 5);
  if (!utf8_valid(text)) return 0;
  const auto cron = parse_cron(text);
  if (!cron) {
    require(cron.error().code == "schedule.cron" && utf8_valid(cron.error().message));
    return 0;
  }
  std::int64_t from = 0;
  for (std::size_t i = 1; i < 5; ++i) from = from << 8 | bytes[i];
  Schedule schedule{.ticks = *cron, .zone = *Zone::find(zones[bytes[0] % std::size(zones)])};
  check(schedule, *cron, from);
  return 0;
}
