// The formats of draft 7 that say something about a text; the rest are annotations.
#include "base/id.h"
#include "base/json_schema_rules.h"
#include "base/time.h"

#include <arpa/inet.h>

#include <algorithm>
#include <map>
#include <string>

namespace mbflow::schema {
namespace {

bool is_digits(std::string_view text, std::size_t count) {
  return text.size() == count && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_date_time(std::string_view text) { return parse_timestamp(text).ok(); }

bool is_date(std::string_view text) {
  if (text.size() != 10 || !is_digits(text.substr(0, 4), 4)) return false;
  std::string midnight(text);
  return is_date_time(midnight.append("T00:00:00Z"));
}

bool is_time(std::string_view text) {
  if (text.size() < 9) return false;
  std::string some_day("2000-01-01T");
  return is_date_time(some_day.append(text));
}

bool is_label(std::string_view label) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; };
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' && std::ranges::all_of(label, fits);
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    if (!is_label(text.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return true;
}

bool is_address(int family, std::string_view text) {
  unsigned char bytes[16];
  return text.size() < 64 && inet_pton(family, std::string(text).c_str(), bytes) == 1;
}

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64) return false;
  const std::string_view name = text.substr(0, at);
  const std::string_view host = text.substr(at + 1);
  if (name.front() == '.' || name.back() == '.' || name.find("..") != std::string_view::npos) return false;
  if (name.find_first_of(" \t\r\n@") != std::string_view::npos) return false;
  if (host.starts_with('[')) return is_address(AF_INET, host.substr(1, host.size() - 2)) && host.ends_with(']');
  return is_hostname(host);
}

// An absolute URI: a scheme, a colon, and nothing that RFC 3986 wants escaped.
bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto in_scheme = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; };
  if (!letter(text.front()) || !std::ranges::all_of(text.substr(0, colon), in_scheme)) return false;
  const auto allowed = [](char c) { return c > ' ' && c < '\x7f' && std::string_view("<>\"{}|\\^`").find(c) == std::string_view::npos; };
  return std::ranges::all_of(text, allowed);
}

bool is_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) return false;
  }
  return true;
}

}  // namespace

bool has_format(std::string_view format, std::string_view text) {
  using Check = bool (*)(std::string_view);
  static const std::map<std::string_view, Check> known = {
      {"date-time", is_date_time},
      {"date", is_date},
      {"time", is_time},
      {"hostname", is_hostname},
      {"email", is_email},
      {"ipv4", [](std::string_view t) { return is_address(AF_INET, t); }},
      {"ipv6", [](std::string_view t) { return is_address(AF_INET6, t); }},
      {"uri", is_uri},
      {"uuid", [](std::string_view t) { return Uuid::parse(t).has_value(); }},
      {"json-pointer", is_pointer},
      {"regex", [](std::string_view t) { return Pattern::compile(t).ok(); }},
  };
  const auto found = known.find(format);
  return found == known.end() || found->second(text);
}

}  // namespace mbflow::schema
