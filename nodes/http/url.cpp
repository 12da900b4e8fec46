#include "url.h"

#include <mbflow/json.h>

#include <algorithm>
#include <vector>

namespace mbflow::nodes::http {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
  std::string copy(text);
  std::ranges::transform(copy, copy.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return copy;
}

void append_encoded(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += digits[byte >> 4U];
  out += digits[byte & 15U];
}

// An address that people or servers wrote may hold spaces and letters of any script; what is encoded already stays.
std::string tidy(std::string_view text) {
  constexpr std::string_view refused = " \"<>\\^`{|}";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || refused.contains(c)) {
      append_encoded(out, c);
    } else {
      out += c;
    }
  }
  return out;
}

Error bad_url(std::string_view text, std::string_view why) {
  return fail(Kind::invalid, "http.url",
              "\"" + std::string(text.substr(0, 200)) + "\" " + std::string(why) +
                  ": write it like https://api.example.com/users");
}

void split_path(Url& url, std::string_view rest) {
  rest = rest.substr(0, rest.find('#'));
  const std::size_t mark = rest.find('?');
  url.path = tidy(rest.substr(0, mark));
  url.query = mark == std::string_view::npos ? std::string() : tidy(rest.substr(mark));
}

// RFC 3986 §5.2.4, on the parts between slashes.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool slash_at_end = false;
  for (std::size_t start = 0; start < path.size();) {
    const std::size_t end = std::min(path.find('/', start + 1), path.size());
    const std::string_view part = path.substr(start + 1, end - start - 1);
    slash_at_end = part == "." || part == "..";
    if (part == ".." && !kept.empty()) kept.pop_back();
    if (!slash_at_end) kept.push_back(part);
    start = end;
  }
  std::string out;
  for (const auto part : kept) out.append("/").append(part);
  return slash_at_end || out.empty() ? out + "/" : out;
}

std::string_view without_default_port(std::string_view authority, std::string_view scheme) {
  const std::string_view port = scheme == "https" ? ":443" : ":80";
  authority.remove_prefix(std::min(authority.rfind('@') + 1, authority.size()));
  return authority.ends_with(port) ? authority.substr(0, authority.size() - port.size()) : authority;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos) return bad_url(text, "has no http:// or https:// before it");
  Url url;
  url.scheme = lower(text.substr(0, mark));
  if (url.scheme != "http" && url.scheme != "https") return bad_url(text, "is neither http:// nor https://");
  const std::string_view rest = text.substr(mark + 3);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  url.authority = rest.substr(0, end);
  const bool odd =
      std::ranges::any_of(url.authority, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == '\\'; });
  if (url.authority.empty() || odd) return bad_url(text, "has no valid host");
  split_path(url, rest.substr(end));
  if (url.path.empty()) url.path = "/";
  return url;
}

Result<Url> Url::resolve(std::string_view reference) const {
  const std::size_t colon = reference.find(':');
  const std::size_t other = reference.find_first_of("/?#");
  if (colon != std::string_view::npos && colon < other && is_letter(reference.front())) return parse(reference);
  if (reference.starts_with("//")) return parse(scheme + ":" + std::string(reference));
  Url url = *this;
  if (reference.empty() || reference.front() == '#') return url;
  if (reference.front() == '?') {
    url.query = tidy(reference.substr(0, reference.find('#')));
    return url;
  }
  split_path(url, reference);
  if (reference.front() != '/') url.path = path.substr(0, path.rfind('/') + 1) + url.path;
  url.path = without_dots(url.path);
  return url;
}

std::string Url::shown() const {
  const std::size_t at = authority.rfind('@');
  return scheme + "://" + (at == std::string::npos ? authority : authority.substr(at + 1)) + path;
}

bool Url::same_origin(const Url& other) const {
  return scheme == other.scheme &&
         lower(without_default_port(authority, scheme)) == lower(without_default_port(other.authority, other.scheme));
}

void Url::add_query(std::string_view name, std::string_view value) {
  query += query.empty() ? "?" : "&";
  query += percent_encode(name) + "=" + percent_encode(value);
}

void Url::set_query(std::string_view name, std::string_view value) {
  const std::string prefix = percent_encode(name) + "=";
  for (std::size_t start = 1; start < query.size();) {
    const std::size_t end = std::min(query.find('&', start), query.size());
    if (query.compare(start, prefix.size(), prefix) == 0) {
      query.replace(start, end - start, prefix + percent_encode(value));
      return;
    }
    start = end + 1;
  }
  add_query(name, value);
}

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      append_encoded(out, c);
    }
  }
  return out;
}

std::string plain_text(const Value& value) {
  return value.is_string() ? std::string(value.as_string()) : write_json(value);
}

std::string form_encode(const Value& object) {
  std::string out;
  const auto append = [&out](std::string_view name, const Value& value) {
    if (value.is_null()) return;
    if (!out.empty()) out += '&';
    out += percent_encode(name) + "=" + percent_encode(plain_text(value));
  };
  for (const Member& member : object.members()) {
    if (!member.value.is_array()) append(member.key.as_string(), member.value);
    for (const Value& element : member.value.elements()) append(member.key.as_string(), element);
  }
  return out;
}

}  // namespace mbflow::nodes::http
