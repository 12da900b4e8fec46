#include "expr/date_time.h"

#include <algorithm>
#include <array>

namespace mbflow::expr {
namespace {

class Reader {
 public:
  Reader(std::string_view text, std::string_view zone) : text_(text), zone_(zone) {}

  std::optional<std::int64_t> run() {
    if (!read_date() || !read_time() || at_ != text_.size() || !in_range()) return std::nullopt;
    return instant_of(wall_, zone_);
  }

 private:
  bool sign(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool number(std::size_t width, std::int32_t& out) {
    if (at_ + width > text_.size()) return false;
    std::int32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const char c = text_[at_ + i];
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    at_ += width;
    out = value;
    return true;
  }

  bool read_date() {
    if (!number(4, wall_.year)) return false;
    if (!sign('-')) return at_ == text_.size() ? true : number(2, wall_.month) && number(2, wall_.day);
    if (!number(2, wall_.month)) return false;
    return !sign('-') || number(2, wall_.day);
  }

  bool read_time() {
    if (at_ == text_.size()) return true;
    if (!sign('T') && !sign('t') && !sign(' ')) return false;
    if (!number(2, wall_.hour)) return false;
    const bool separated = sign(':');
    if (!separated && (at_ == text_.size() || text_[at_] < '0' || text_[at_] > '9')) return read_offset();
    if (!number(2, wall_.minute)) return false;
    const bool seconds = separated ? sign(':') : at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9';
    if (seconds && !number(2, wall_.second)) return false;
    if (seconds && (sign('.') || sign(',')) && !read_fraction()) return false;
    return read_offset();
  }

  bool read_fraction() {
    std::int32_t scale = 100;
    const std::size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      wall_.millisecond += (text_[at_] - '0') * scale;
      scale /= 10;
    }
    return at_ > begin;
  }

  // Z, +03:00, +0300, +03, or nothing. What follows the time is the zone then, if it is one.
  bool read_offset() {
    if (at_ == text_.size()) return true;
    const std::string_view rest = text_.substr(at_);
    const bool offset = rest == "z" || rest == "Z" || rest[0] == '+' || rest[0] == '-';
    if (!offset || (rest.size() > 1 && rest.size() < 3)) return false;
    zone_ = rest == "z" ? "Z" : rest;
    at_ = text_.size();
    return is_zone(zone_);
  }

  [[nodiscard]] bool in_range() const {
    constexpr std::array<int, 12> days = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (wall_.month < 1 || wall_.month > 12 || wall_.day < 1 ||
        wall_.day > days[static_cast<std::size_t>(wall_.month - 1)])
      return false;
    const bool leap = (wall_.year % 4 == 0 && wall_.year % 100 != 0) || wall_.year % 400 == 0;
    if (wall_.month == 2 && wall_.day == 29 && !leap) return false;
    const bool midnight = wall_.hour == 24 && wall_.minute == 0 && wall_.second == 0 && wall_.millisecond == 0;
    return (wall_.hour < 24 || midnight) && wall_.minute < 60 && wall_.second < 60;
  }

  std::string_view text_;
  std::string_view zone_;
  std::size_t at_ = 0;
  Calendar wall_;
};

}  // namespace

std::optional<std::int64_t> parse_iso(std::string_view text, std::string_view zone) { return Reader(text, zone).run(); }

}  // namespace mbflow::expr
