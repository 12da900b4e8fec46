#include "server/caller.h"

#include <algorithm>

namespace mbflow::server {
namespace {

bool is_trusted(std::string_view text, const std::vector<net::Cidr>& proxies) {
  const auto address = net::Address::parse(text);
  return address && std::ranges::any_of(proxies, [&](const net::Cidr& range) { return range.contains(*address, 0); });
}

// " 192.0.2.1", "192.0.2.1:80", "[2001:db8::1]:80": the address alone.
std::string_view bare(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  if (text.starts_with('[')) return text.substr(1, std::min(text.find(']'), text.size()) - 1);
  const auto colon = text.find(':');
  return colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos ? text.substr(0, colon) : text;
}

}  // namespace

std::string caller_address(const net::Request& request, const std::vector<net::Cidr>& trusted_proxies) {
  std::string_view caller = request.peer;
  if (trusted_proxies.empty()) return std::string(caller);
  // A header given several times is one list (RFC 9110 §5.3), the last field's end being nearest.
  for (auto field = request.headers.rbegin(); field != request.headers.rend(); ++field) {
    if (!is_same_header(field->first, "x-forwarded-for")) continue;
    for (std::string_view list = field->second; !list.empty() && is_trusted(caller, trusted_proxies);) {
      const auto comma = list.rfind(',');
      caller = bare(comma == std::string_view::npos ? list : list.substr(comma + 1));
      list = list.substr(0, comma == std::string_view::npos ? 0 : comma);
    }
  }
  return std::string(caller);
}

}  // namespace mbflow::server
