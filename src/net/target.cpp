#include "net/target.h"

#include "base/utf8.h"
#include "base/http_text.h"

#include <optional>

namespace mbflow::net {
namespace {

Error bad_path(std::string message) { return fail(Kind::invalid, "net.path", std::move(message)); }
Error bad_target(std::string message) { return fail(Kind::invalid, "net.target", std::move(message)); }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::optional<char> decode_escape(std::string_view text) {
  if (text.size() < 3) return std::nullopt;
  int high = hex_digit(text[1]);
  int low = hex_digit(text[2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

// What would let one path be written in two ways, or end a C string.
std::string_view forbidden(char decoded, bool escaped) {
  auto byte = static_cast<unsigned char>(decoded);
  if (byte < 0x20 || byte == 0x7f) return "a control character";
  if (decoded == '\\') return "a backslash";
  if (escaped && decoded == '/') return "an encoded slash";
  if (escaped && decoded == '.') return "an encoded dot";
  return {};
}

Result<std::string> decode_path(std::string_view raw) {
  std::string path;
  path.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    bool escaped = raw[at] == '%';
    auto decoded = escaped ? decode_escape(raw.substr(at)) : std::optional<char>(raw[at]);
    if (!decoded) return bad_path("the path holds '%' without two hexadecimal digits; write a percent sign as %25");
    if (auto what = forbidden(*decoded, escaped); !what.empty())
      return bad_path("the path holds " + std::string(what) + "; send the plain form of the address");
    path += *decoded;
    at += escaped ? 3 : 1;
  }
  if (!utf8_valid(path)) return bad_path("the path is not UTF-8");
  return path;
}

bool is_plain(std::string_view path) {
  return std::ranges::all_of(path, [](char c) { return c > 0x20 && c < 0x7f && c != '%' && c != '\\'; });
}

bool has_odd_segment(std::string_view path) {
  for (std::size_t at = 0; (at = path.find('/', at)) != std::string_view::npos; ++at) {
    auto rest = path.substr(at + 1);
    auto segment = rest.substr(0, rest.find('/'));
    if (segment == "." || segment == "..") return true;
    if (segment.empty() && !rest.empty()) return true;
  }
  return false;
}

// The absolute form is meant for proxies, but a server must understand it.
Result<std::string_view> cut_authority(std::string_view text, Target& target) {
  std::size_t scheme = text.starts_with("http://") ? 7 : text.starts_with("https://") ? 8 : 0;
  if (scheme == 0) return bad_target("the request target is neither a path nor an http address");
  auto rest = text.substr(scheme);
  auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.empty() || authority.find('@') != std::string_view::npos)
    return bad_target("the address in the request target has no plain host");
  target.authority = authority;
  rest.remove_prefix(authority.size());
  return rest.empty() ? std::string_view("/") : rest;
}

}  // namespace

Result<Target> parse_target(std::string_view method, std::string_view text) {
  Target target;
  if (text == "*") {
    if (method != "OPTIONS") return bad_target("the request target '*' belongs to OPTIONS");
    target.path = "*";
    return target;
  }
  if (text.find('#') != std::string_view::npos) return bad_target("the request target holds a fragment; leave it out");
  if (!text.starts_with('/')) {
    MBF_TRY(text, cut_authority(text, target));
    if (!text.starts_with('/')) return bad_target("the address in the request target has no path");
  }
  auto question = std::min(text.find('?'), text.size());
  if (question < text.size()) target.query = text.substr(question + 1);
  auto raw = text.substr(0, question);
  // Nearly every path is plain: it is taken as it stands.
  if (is_plain(raw))
    target.path = raw;
  else {
    MBF_TRY(target.path, decode_path(raw));
  }
  if (has_odd_segment(target.path))
    return bad_path("the path holds '//', '/./' or '/../'; send the plain form of the address");
  return target;
}

}  // namespace mbflow::net
