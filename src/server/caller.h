// Who a request comes from when proxies stand before the server.
#pragma once

#include "net/egress.h"
#include "net/server.h"

#include <string>
#include <vector>

namespace mbflow::server {

// The textual address of the caller: the peer of the connection or, if that is a trusted proxy, whom its X-Forwarded-For
// names: the last address in it that is no trusted proxy itself. What stands further left anybody may have written.
[[nodiscard]] std::string caller_address(const net::Request& request, const std::vector<net::Cidr>& trusted_proxies);

}  // namespace mbflow::server
