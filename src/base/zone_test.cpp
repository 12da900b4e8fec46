#include "base/zone.h"

#include "base/time.h"
#include "base/zone_rule.h"

#include <date/tz.h>
#include <gtest/gtest.h>

#include <string>

namespace mbflow {
namespace {

std::string changes(std::string_view text, int year) {
  const auto rule = parse_zone_rule(text);
  EXPECT_TRUE(rule && rule->changes) << text;
  if (!rule || !rule->changes) return {};
  std::string shown;
  for (const ClockChange& change : changes_of(*rule, year)) {
    shown += format_timestamp(Timestamp(std::chrono::seconds(change.at))).substr(5, 11) + " " + std::to_string(change.offset / 60) + "; ";
  }
  return shown;
}

TEST(zone_rule, footers) {
  EXPECT_EQ(changes("CET-1CEST,M3.5.0,M10.5.0/3", 2026), "03-29T01:00 120; 10-25T01:00 60; ");
  EXPECT_EQ(changes("EST5EDT,M3.2.0,M11.1.0", 2026), "03-08T07:00 -240; 11-01T06:00 -300; ");
  EXPECT_EQ(changes("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 2026), "10-03T15:30 660; 04-04T15:00 630; ");
  EXPECT_EQ(changes("IST-1GMT0,M10.5.0,M3.5.0/1", 2026), "10-25T01:00 0; 03-29T01:00 60; ");
  EXPECT_EQ(changes("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026), "03-29T01:00 -60; 10-25T01:00 -120; ");
  EXPECT_EQ(changes("EET-2EEST,M3.4.4/50,M10.4.4/50", 2026), "03-28T00:00 180; 10-23T23:00 120; ");
  EXPECT_EQ(changes("<+03>-3<+04>,J60/0,60/0", 2028), "02-29T21:00 240; 02-29T20:00 180; ");
  EXPECT_EQ(parse_zone_rule("MSK-3")->standard, 3 * 3600);
  EXPECT_FALSE(parse_zone_rule("MSK-3")->changes);
  EXPECT_EQ(parse_zone_rule("<-00>0")->standard, 0);
}

TEST(zone_rule, what_is_none) {
  for (const char* text : {"", "CET", "-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "<CET-1",
                           "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J366,M10.5.0", "CET-999"}) {
    EXPECT_FALSE(parse_zone_rule(text)) << text;
  }
}

// Where the file lists the changes of a year, its rule must give the same ones: all zones, in the last years in reach.
TEST(zone_rule, goes_on_as_the_files_end) {
  for (const auto& zone : date::get_tzdb().zones) {
    const auto rule = read_zone_rule(zone.name());
    const bool ramadan = zone.name() == "Asia/Gaza" || zone.name() == "Asia/Hebron";  // their files list years after 2037, too
    if (!rule || !rule->changes || ramadan) continue;
    for (const int year : {2036, 2037}) {
      for (const ClockChange& change : changes_of(*rule, year)) {
        const auto piece = Zone::find(zone.name())->piece_at(change.at);
        EXPECT_EQ(piece.begin, change.at) << zone.name() << " " << year;
        EXPECT_EQ(piece.offset, change.offset) << zone.name() << " " << year;
      }
    }
  }
}

TEST(zone, unknown_names) {
  for (const char* name : {"", "Moon/Base", "../UTC", "/etc/localtime", "europe/berlin", "UTC+19", "+5:3", "GMT+"}) EXPECT_FALSE(Zone::find(name)) << name;
}

TEST(zone, pieces_join) {
  for (const char* name : {"Europe/Berlin", "Pacific/Apia", "Africa/Casablanca", "Asia/Gaza", "Antarctica/Troll", "Europe/Moscow", "UTC", "+05:45"}) {
    const auto zone = Zone::find(name);
    ASSERT_TRUE(zone) << name;
    std::int64_t at = 0;
    std::int64_t offset = zone->piece_at(0).before;
    for (int i = 0; i < 300 && at < 6'000'000'000; ++i) {
      const ZonePiece piece = zone->piece_at(at);
      ASSERT_LT(at, piece.end) << name;
      ASSERT_LE(piece.begin, at) << name;
      ASSERT_TRUE(i == 0 || (piece.begin == at && piece.before == offset)) << name << " at " << at;
      ASSERT_EQ(zone->offset_at(piece.end - 1), piece.offset) << name;
      offset = piece.offset;
      at = piece.end;
    }
  }
}

TEST(zone, instants_of_wall_times) {
  const auto berlin = Zone::find("Europe/Berlin");
  const auto wall = [](std::string_view text) { return std::chrono::floor<std::chrono::seconds>(*parse_timestamp(text)).time_since_epoch().count(); };
  EXPECT_EQ(berlin->utc_of(wall("2026-06-01T12:00:00Z")), wall("2026-06-01T10:00:00Z"));
  EXPECT_EQ(berlin->utc_of(wall("2026-03-29T02:30:00Z")), wall("2026-03-29T01:30:00Z"));
  EXPECT_EQ(berlin->first_after_gap(wall("2026-03-29T02:30:00Z")), wall("2026-03-29T01:00:00Z"));
  EXPECT_EQ(berlin->utc_of(wall("2026-10-25T02:30:00Z")), wall("2026-10-25T00:30:00Z"));
}

}  // namespace
}  // namespace mbflow
