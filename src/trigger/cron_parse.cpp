// Cron texts: crontab(5), and of Quartz' extensions those that have one plain meaning (L, W, #, ?).
#include "trigger/cron.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace mbflow::trigger {
namespace {

constexpr std::size_t longest_text = 500;
constexpr std::string_view month_names[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view weekday_names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct FieldRule {
  std::string_view name;
  int least, most;
  int all_most;  // where "*" ends: 7 is a second name of Sunday
  std::span<const std::string_view> names{};
  int first_name = 0;
};

constexpr FieldRule rules[] = {
    {"second", 0, 59, 59}, {"minute", 0, 59, 59},
    {"hour", 0, 23, 23},   {"day-of-month", 1, 31, 31},
    {"month", 1, 12, 12, month_names, 1}, {"weekday", 0, 7, 6, weekday_names, 0},
};
constexpr const FieldRule& day_rule = rules[3];
constexpr const FieldRule& weekday_rule = rules[5];

Error wrong(std::string message) { return fail(Kind::invalid, "schedule.cron", std::move(message)); }

// The beginning of a text, for a message; no character is cut in two.
std::string in_quotes(std::string_view text) {
  std::size_t size = std::min<std::size_t>(text.size(), 30);
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return "\"" + std::string(text.substr(0, size)) + "\"";
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// One field: its rule and its text, in upper case.
class Field {
 public:
  Field(const FieldRule& rule, std::string text) : rule_(rule), text_(std::move(text)) {}

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool has(char c) const { return text_.find(c) != std::string::npos; }
  [[nodiscard]] bool is_open() const { return has('*') || text_ == "?"; }
  [[nodiscard]] Error fault(const std::string& what) const {
    return wrong("the " + std::string(rule_.name) + " field \"" + text_ + "\": " + what);
  }
  // Its parts between commas.
  [[nodiscard]] Result<std::vector<std::string_view>> parts() const;
  [[nodiscard]] Result<int> value(std::string_view word) const;
  // A part without L, W and #, as bits.
  [[nodiscard]] Result<std::uint64_t> plain(std::string_view part) const;

 private:
  [[nodiscard]] Result<std::pair<int, int>> range(std::string_view part, bool has_step) const;
  [[nodiscard]] Result<int> step(std::string_view text) const;
  [[nodiscard]] std::string limits() const {
    return std::to_string(rule_.least) + " to " + std::to_string(rule_.most) +
           (rule_.names.empty() ? "" : ", or a name such as " + std::string(rule_.names[1]));
  }

  const FieldRule& rule_;
  std::string text_;
};

Result<std::vector<std::string_view>> Field::parts() const {
  std::vector<std::string_view> found;
  for (std::size_t begin = 0; begin <= text_.size();) {
    const std::size_t end = std::min(text_.find(',', begin), text_.size());
    if (end == begin) return fault("a comma has nothing beside it; write values between commas, like 1,15");
    found.push_back(std::string_view(text_).substr(begin, end - begin));
    begin = end + 1;
  }
  return found;
}

Result<int> Field::value(std::string_view word) const {
  const auto name = std::ranges::find(rule_.names, word);
  if (name != rule_.names.end()) return static_cast<int>(name - rule_.names.begin()) + rule_.first_name;
  const std::string shown = in_quotes(word);
  if (!is_digits(word)) return fault((word.empty() ? "a value is missing" : shown + " is no value") + "; use " + limits());
  const int number = word.size() > 4 ? 9999 : std::stoi(std::string(word));
  if (number < rule_.least || number > rule_.most) return fault(shown + " is out of range; use " + limits());
  return number;
}

Result<int> Field::step(std::string_view text) const {
  const int span = rule_.all_most - rule_.least;
  const int number = is_digits(text) && text.size() <= 4 ? std::stoi(std::string(text)) : 0;
  if (number >= 1 && number <= span) return number;
  const bool too_large = is_digits(text) && text.find_first_not_of('0') != std::string_view::npos;
  return fault("the step " + in_quotes(text) + " must be 1 to " + std::to_string(span) +
               (too_large ? "; for longer distances use \"every\", like every: \"90m\"" : ""));
}

Result<std::pair<int, int>> Field::range(std::string_view part, bool has_step) const {
  if (part == "*") return std::pair{rule_.least, rule_.all_most};
  const std::size_t dash = part.find('-');
  MBF_TRY(const int first, value(part.substr(0, dash)));
  if (dash == std::string_view::npos) return std::pair{first, has_step ? std::max(first, rule_.all_most) : first};
  MBF_TRY(int last, value(part.substr(dash + 1)));
  if (&rule_ == &weekday_rule && last == 0) last = 7;  // FRI-SUN
  if (first <= last) return std::pair{first, last};
  const std::string head = std::string(part.substr(0, dash)) + "-" + std::to_string(rule_.all_most);
  const std::string tail = std::to_string(rule_.least) + "-" + std::string(part.substr(dash + 1));
  return fault("the range \"" + std::string(part) + "\" runs backwards; write it as two, " + head + "," + tail);
}

Result<std::uint64_t> Field::plain(std::string_view part) const {
  const std::size_t slash = part.find('/');
  const bool has_step = slash != std::string_view::npos;
  if (part.starts_with('?')) return fault("\"?\" stands alone, in the day-of-month or the weekday field; use \"*\" here");
  MBF_TRY(const auto span, range(part.substr(0, slash), has_step));
  int distance = 1;
  if (has_step) {
    MBF_TRY(distance, step(part.substr(slash + 1)));
  }
  std::uint64_t bits = 0;
  for (int n = span.first; n <= span.second; n += distance) bits |= std::uint64_t{1} << n;
  return bits;
}

Result<std::uint64_t> read_plain(const Field& field) {
  std::uint64_t bits = 0;
  MBF_TRY(const auto parts, field.parts());
  for (const auto part : parts) {
    MBF_TRY(const std::uint64_t more, field.plain(part));
    bits |= more;
  }
  return bits;
}

// L-3: a number of days before the last one.
Result<void> read_from_end(const Field& field, std::string_view part, Cron& cron) {
  const std::string_view number = part.substr(2);
  const int back = is_digits(number) && number.size() <= 2 ? std::stoi(std::string(number)) : 0;
  if (back < 1 || back > 30) return field.fault(in_quotes(part) + " must be L-1 (the last day but one) to L-30");
  cron.days_from_end |= std::uint32_t{1} << back;
  return {};
}

Result<void> read_days(const Field& field, Cron& cron) {
  if (field.text() == "?") {
    cron.days = 0xffff'fffe;
    return {};
  }
  MBF_TRY(const auto parts, field.parts());
  for (const auto part : parts) {
    if (part == "L") {
      cron.days_from_end |= 1;
    } else if (part == "LW") {
      cron.last_workday = true;
    } else if (part.starts_with("L-")) {
      MBF_CHECK(read_from_end(field, part, cron));
    } else if (part.ends_with('W')) {
      MBF_TRY(const int day, field.value(part.substr(0, part.size() - 1)));
      cron.workdays_near |= std::uint32_t{1} << day;
    } else {
      MBF_TRY(const std::uint64_t bits, field.plain(part));
      cron.days |= static_cast<std::uint32_t>(bits);
    }
  }
  return {};
}

Result<void> read_nth(const Field& field, std::string_view part, Cron& cron) {
  const std::size_t hash = part.find('#');
  MBF_TRY(const int weekday, field.value(part.substr(0, hash)));
  const std::string_view number = part.substr(hash + 1);
  if (number.size() != 1 || number[0] < '1' || number[0] > '5') {
    return field.fault("after \"#\" stands which one of the month, 1 to 5: MON#2 is the second Monday");
  }
  cron.nth_weekdays[static_cast<std::size_t>(weekday % 7)] |= static_cast<std::uint8_t>(1U << (number[0] - '0'));
  return {};
}

Result<void> read_weekdays(const Field& field, Cron& cron) {
  std::uint64_t bits = field.text() == "?" ? 0x7f : 0;
  MBF_TRY(const auto parts, field.parts());
  for (const auto part : parts) {
    if (field.text() == "?") break;
    if (part.find('#') != std::string_view::npos) {
      MBF_CHECK(read_nth(field, part, cron));
    } else if (part == "L") {
      return field.fault("\"L\" needs a weekday before it: FRIL or 5L is the last Friday of the month");
    } else if (part.ends_with('L')) {
      MBF_TRY(const int weekday, field.value(part.substr(0, part.size() - 1)));
      cron.nth_weekdays[static_cast<std::size_t>(weekday % 7)] |= 1;
    } else {
      MBF_TRY(const std::uint64_t more, field.plain(part));
      bits |= more;
    }
  }
  cron.weekdays = static_cast<std::uint32_t>((bits | bits >> 7) & 0x7f);
  return {};
}

// 28 years on end hold every month with every beginning, leap years too.
bool can_happen(const Cron& cron) {
  for (int year = 2001; year <= 2028; ++year) {
    for (unsigned month = 1; month <= 12; ++month) {
      if (matching_days(cron, year, month) != 0) return true;
    }
  }
  return false;
}

Result<Cron> read_fields(const std::vector<std::string>& words) {
  const std::size_t skip = words.size() == 6 ? 0 : 1;  // five fields have no seconds
  const auto field = [&](std::size_t rule) { return Field(rules[rule], words[rule - skip]); };
  Cron cron;
  if (skip == 0) {
    MBF_TRY(cron.seconds, read_plain(field(0)));
  }
  MBF_TRY(cron.minutes, read_plain(field(1)));
  const Field hour = field(2);
  MBF_TRY(const std::uint64_t hours, read_plain(hour));
  MBF_TRY(const std::uint64_t months, read_plain(field(4)));
  const Field day = field(3);
  const Field weekday = field(5);
  MBF_CHECK(read_days(day, cron));
  MBF_CHECK(read_weekdays(weekday, cron));
  cron.hours = static_cast<std::uint32_t>(hours);
  cron.months = static_cast<std::uint32_t>(months);
  cron.every_hour = hour.has('*') || hour.has('/') || hours == 0xff'ffff;
  cron.either_day = !day.is_open() && !weekday.is_open();
  if (can_happen(cron)) return cron;
  return wrong("no day ever matches: the " + std::string(day_rule.name) + " field \"" + day.text() +
               "\" names none that the month field \"" + words[4 - skip] + "\" has; correct one of the two");
}

Result<Cron> read_nickname(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"@YEARLY", "0 0 1 1 *"}, {"@ANNUALLY", "0 0 1 1 *"}, {"@MONTHLY", "0 0 1 * *"}, {"@WEEKLY", "0 0 * * 0"},
      {"@DAILY", "0 0 * * *"},  {"@MIDNIGHT", "0 0 * * *"}, {"@HOURLY", "0 * * * *"}};
  for (const auto& [nickname, meaning] : known) {
    if (name == nickname) return parse_cron(meaning);
  }
  return wrong(in_quotes(name) +
               " is not known; use @yearly, @annually, @monthly, @weekly, @daily, @midnight or @hourly");
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t';
    if (space && !words.back().empty()) words.emplace_back();
    if (!space) words.back().push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

}  // namespace

Result<Cron> parse_cron(std::string_view text) {
  if (text.size() > longest_text) return wrong("the text is longer than " + std::to_string(longest_text) + " characters; shorten it");
  const auto words = words_of(text);
  if (words.size() == 1 && words[0].starts_with('@')) return read_nickname(words[0]);
  if (words.size() == 5 || words.size() == 6) return read_fields(words);
  return wrong("expected 5 fields (minute hour day-of-month month weekday) or 6 (second first), found " +
               std::to_string(words.size()) + "; write it like 0 9 * * MON-FRI");
}

}  // namespace mbflow::trigger
