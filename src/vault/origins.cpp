#include "vault/origins.h"

#include "net/url.h"

#include <algorithm>

namespace mbflow::vault {
namespace {

constexpr std::string_view any = "*.";
// Stands for the star while the rest is read by the parser of addresses.
constexpr std::string_view stand_in = "any-name.";

std::string text_of(const net::Url& url) {
  const bool usual = url.port == (url.scheme == "https" ? 443 : 80);
  const std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  return url.scheme + "://" + host + (usual ? "" : ":" + std::to_string(url.port));
}

bool matches(std::string_view origin, std::string_view pattern) {
  if (origin == pattern) return true;
  const auto star = pattern.find(any);
  if (star == std::string_view::npos) return false;
  const auto scheme = pattern.substr(0, star);
  const auto below = pattern.substr(star + 1);  // ".example.com:8443"
  return origin.starts_with(scheme) && origin.ends_with(below) && origin.size() > scheme.size() + below.size();
}

}  // namespace

Result<std::string> parse_origin(std::string_view text) {
  const Error wrong = fail(Kind::invalid, "credential.origin_syntax",
                           "'" + std::string(text.substr(0, 200)) +
                               "' is no origin; write scheme, host and perhaps port: https://api.example.com or https://*.example.com");
  std::string plain(text);
  const auto star = plain.find("://*.");
  if (star != std::string::npos) plain.replace(star + 3, any.size(), stand_in);
  auto url = net::parse_url(plain);
  if (!url) return wrong;
  const bool bare = url->text.find('/', url->scheme.size() + 3) == url->text.size() - 1 && plain.find_first_of("?#") == std::string::npos;
  if (!bare || url->host.find('*') != std::string::npos) return wrong;
  std::string origin = text_of(*url);
  if (star == std::string::npos) return origin;
  // "*.com" would be the whole world.
  const auto below = url->host.substr(stand_in.size());
  if (url->literal || below.find('.') == std::string::npos) return wrong;
  origin.replace(origin.find(stand_in), stand_in.size(), any);
  return origin;
}

bool is_within(std::string_view url, const std::vector<std::string>& origins) {
  auto parsed = net::parse_url(url);
  if (!parsed) return false;
  const std::string origin = text_of(*parsed);
  return std::ranges::any_of(origins, [&](const std::string& pattern) { return matches(origin, pattern); });
}

bool is_subset(const std::vector<std::string>& some, const std::vector<std::string>& all) {
  return std::ranges::all_of(some, [&](const std::string& one) {
    return std::ranges::any_of(all, [&](const std::string& pattern) { return matches(one, pattern); });
  });
}

}  // namespace mbflow::vault
