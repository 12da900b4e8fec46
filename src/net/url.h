// An address to call, checked and in one normal form, by the URL parser of libcurl: the very parser that will use it.
// Pure.
#pragma once

#include "net/egress.h"

#include <mbflow/http.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mbflow::net {

struct Url {
  std::string text;    // normalised, without fragment; ASCII
  std::string scheme;  // "http" or "https", or of a proxy
  std::string host;    // lower case, IDN as xn--, IPv6 without brackets, numeric forms of IPv4 as a dotted quad
  std::uint16_t port = 0;
  std::optional<Address> literal;  // when the host is an address

  [[nodiscard]] bool same_origin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

// http and https only; no user name, no control characters, no backslash. Error: http.url
[[nodiscard]] Result<Url> parse_url(std::string_view text);
// A Location as sent: absolute, or relative to `base`. Error: http.url
[[nodiscard]] Result<Url> resolve_url(const Url& base, std::string_view location);

// http, https, socks5 or socks5h, with a port, perhaps with a user name. Error: http.url
[[nodiscard]] Result<Url> parse_proxy(std::string_view text);

// What a redirect asks for: changes `request` and `url` into the next request, or gives false when the answer is final.
// Credentials stay behind when the origin changes. Error: http.url
[[nodiscard]] Result<bool> follow_redirect(HttpRequest& request, Url& url, const HttpResponse& answer);

}  // namespace mbflow::net
