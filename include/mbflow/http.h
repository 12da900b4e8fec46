// HTTP as a node sees it: one request, one answer, through the engine's guarded way out. Private and loopback addresses are
// refused unless the operator allowed them; the address is checked when the connection is made, on every redirect too.
#pragma once

#include <mbflow/result.h>
#include <mbflow/task.h>

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mbflow {

// In the order sent; names compare without case.
using Headers = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] const std::string* find_header(const Headers& headers, std::string_view name);
[[nodiscard]] bool is_same_header(std::string_view name, std::string_view other);
// Whether it can be sent as one header line: no line break or other control character (RFC 9110 §5.1, §5.5).
[[nodiscard]] bool is_valid_header(std::string_view name, std::string_view value);

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http:// or https:// only
  Headers headers;
  std::string body;
  std::chrono::milliseconds timeout{30'000};  // for the whole exchange
  int max_redirects = 5;                      // 0: a redirect is the answer; credentials are dropped when the origin changes
  std::int64_t max_body = 16 << 20;           // bytes after decompression; more is http.too_large
  bool verify_tls = true;
  std::string proxy;  // "" = none, or http|https|socks5|socks5h://[user:password@]host:port; the environment's are never used
  // One multipart/form-data body from parts, in place of `body`.
  struct Part {
    std::string name, filename, content_type, data;
  };
  std::vector<Part> parts;
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;
  std::string url;  // after redirects
};

// Errors: http.url, http.method, http.header, http.redirects, http.too_large (invalid), http.egress_denied (denied),
// http.no_answer, http.tls (unavailable), http.timeout (timeout), http.cancelled (conflict). A status is never an error here.
// On a redirect to another origin only harmless headers (Accept, Content-Type, …) go along: any other may be a credential.
// Threads: send on the loop the task runs on.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  [[nodiscard]] virtual Task<Result<HttpResponse>> send(HttpRequest request, std::stop_token stop) = 0;
};

}  // namespace mbflow
