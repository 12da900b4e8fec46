// The one way out for every node (S14): libcurl's multi interface on our loops, one connection pool a loop and policy.
#pragma once

#include "net/egress.h"
#include "net/server.h"

#include <mbflow/http.h>

#include <functional>
#include <memory>
#include <vector>

namespace mbflow::net {

struct ClientOptions {
  EgressPolicy egress;
  std::size_t max_connections = 512;           // a loop
  std::size_t max_connections_per_host = 256;  // a loop
  std::string user_agent;
  // For tests: name resolution in place of the system's. Empty: the system's.
  std::function<Result<std::vector<Address>>(const std::string& host)> resolve;
};

// Safe to use from any loop of `loops`; must outlive every request.
[[nodiscard]] std::unique_ptr<HttpClient> make_http_client(Loops& loops, ClientOptions options);

}  // namespace mbflow::net
