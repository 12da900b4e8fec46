#include "expr/date_time.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace mbflow::expr {
namespace {

constexpr std::array<std::string_view, 12> months = {"January",   "February", "March",    "April",
                                                     "May",       "June",     "July",     "August",
                                                     "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> weekdays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                      "Friday", "Saturday", "Sunday"};

std::string padded(std::int64_t number, int width) {
  std::array<char, 24> room{};
  std::snprintf(room.data(), room.size(), "%0*lld", width, static_cast<long long>(number));
  return room.data();
}

// "+03:00" (separated), "+0300", "+3"
std::string offset_text(std::int32_t seconds, std::string_view token) {
  const std::int32_t minutes = std::abs(seconds) / 60;
  const std::string sign = seconds < 0 ? "-" : "+";
  if (token == "Z")
    return sign + std::to_string(minutes / 60) + (minutes % 60 != 0 ? ":" + padded(minutes % 60, 2) : "");
  return sign + padded(minutes / 60, 2) + (token == "ZZ" ? ":" : "") + padded(minutes % 60, 2);
}

int day_of_year(const Calendar& at) {
  constexpr std::array<int, 12> before = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  const bool leap = (at.year % 4 == 0 && at.year % 100 != 0) || at.year % 400 == 0;
  return before[static_cast<std::size_t>(at.month - 1)] + at.day + (leap && at.month > 2 ? 1 : 0);
}

// ISO 8601 weeks: the one with the year's first Thursday is week 1.
int week_of_year(std::int64_t ms, std::string_view zone) {
  const std::array<double, unit_count> to_thursday = {
      0, 0, 0, 0, static_cast<double>(4 - calendar_of(ms, zone).weekday), 0, 0, 0, 0};
  return (day_of_year(calendar_of(add_time(ms, zone, to_thursday), zone)) - 1) / 7 + 1;
}

struct Moment {
  std::int64_t ms;
  std::string_view zone;
  Calendar at;
};

// One token; empty: these letters mean nothing.
std::string number_token(const Moment& moment, std::string_view token) {
  const Calendar& at = moment.at;
  const int width = static_cast<int>(token.size());
  if (token == "yyyy") return padded(at.year, 4);
  if (token == "yy") return padded(((at.year % 100) + 100) % 100, 2);
  if (token == "y") return std::to_string(at.year);
  if (token == "M" || token == "MM") return padded(at.month, width);
  if (token == "d" || token == "dd") return padded(at.day, width);
  if (token == "H" || token == "HH") return padded(at.hour, width);
  if (token == "h" || token == "hh") return padded((at.hour + 11) % 12 + 1, width);
  if (token == "m" || token == "mm") return padded(at.minute, width);
  if (token == "s" || token == "ss") return padded(at.second, width);
  if (token == "S" || token == "SSS") return padded(at.millisecond, width);
  if (token == "E") return std::to_string(at.weekday);
  if (token == "W" || token == "WW") return padded(week_of_year(moment.ms, moment.zone), width);
  if (token == "o" || token == "ooo") return padded(day_of_year(at), width);
  if (token == "q") return std::to_string((at.month + 2) / 3);
  if (token == "X") return std::to_string(moment.ms / 1000 - (moment.ms % 1000 < 0 ? 1 : 0));
  if (token == "x") return std::to_string(moment.ms);
  return {};
}

std::string text_token(const Moment& moment, std::string_view token) {
  const std::string_view month = months[static_cast<std::size_t>(moment.at.month - 1)];
  const std::string_view weekday = weekdays[static_cast<std::size_t>(moment.at.weekday - 1)];
  if (token == "MMMM") return std::string(month);
  if (token == "MMM") return std::string(month.substr(0, 3));
  if (token == "EEEE") return std::string(weekday);
  if (token == "EEE") return std::string(weekday.substr(0, 3));
  if (token == "a") return moment.at.hour < 12 ? "AM" : "PM";
  if (token == "Z" || token == "ZZ" || token == "ZZZ") return offset_text(moment.at.offset_seconds, token);
  if (token == "z") return std::string(moment.zone);
  return {};
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::string to_format(std::int64_t ms, std::string_view zone, std::string_view pattern) {
  const Moment moment{ms, zone, calendar_of(ms, zone)};
  std::string out;
  for (std::size_t at = 0; at < pattern.size();) {
    if (pattern[at] == '\'') {
      const std::size_t end = std::min(pattern.find('\'', at + 1), pattern.size());
      out.append(pattern.substr(at + 1, end - at - 1));
      at = end + 1;
      continue;
    }
    std::size_t end = at + 1;
    while (is_letter(pattern[at]) && end < pattern.size() && pattern[end] == pattern[at]) ++end;
    const std::string_view token = pattern.substr(at, end - at);
    std::string piece = is_letter(token[0]) ? number_token(moment, token) + text_token(moment, token) : std::string();
    out.append(piece.empty() ? std::string(token) : piece);
    at = end;
  }
  return out;
}

std::string to_iso(std::int64_t ms, std::string_view zone) {
  const Calendar at = calendar_of(ms, zone);
  std::string out;
  if (at.year < 0 || at.year > 9999)
    out = (at.year < 0 ? "-" : "+") + padded(std::abs(at.year), 6);  // ISO's long years
  else
    out = padded(at.year, 4);
  out += "-" + padded(at.month, 2) + "-" + padded(at.day, 2) + "T" + padded(at.hour, 2) + ":" + padded(at.minute, 2) +
         ":" + padded(at.second, 2) + "." + padded(at.millisecond, 3);
  const bool utc = zone == "UTC" || zone == "Z" || zone == "Etc/UTC" || zone == "GMT";
  return out + (utc ? "Z" : offset_text(at.offset_seconds, "ZZ"));
}

}  // namespace mbflow::expr
