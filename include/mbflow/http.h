// HTTP as a node sees it: one request, one answer, through the engine's guarded way out. Private and loopback addresses are
// refused unless the operator allowed them; the address is checked when the connection is made, on every redirect too.
#pragma once

#include <mbflow/credential.h>
#include <mbflow/result.h>
#include <mbflow/task.h>

#include <chrono>
#include <cstdint>
#include <memory>
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

struct HttpRequest;

// Adds to a request what proves who calls. Asked on every hop: what it adds to one is gone on the next.
class HttpSigner {
 public:
  virtual ~HttpSigner() = default;
  // `request.url` is where it goes, in normal form. `redirected`: the server chose it. Error credential.origin (denied).
  [[nodiscard]] virtual Result<void> sign(HttpRequest& request, bool redirected) const = 0;
};

// A certificate that the client shows, and its key; both PEM.
struct TlsIdentity {
  std::string certificate;
  Secret key;
};

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
  // Id or name of a credential of the tenant, or "": attached by the engine, to addresses of the credential's origins only.
  std::string credential;
  std::shared_ptr<const HttpSigner> signer;       // the engine's, made from `credential`; a node leaves it alone
  std::shared_ptr<const TlsIdentity> identity;    // the signer's
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;
  std::string url;  // after redirects
};

// Errors: http.url, http.method, http.header, http.redirects, http.too_large (invalid), http.egress_denied (denied),
// credential.* (of HttpRequest::credential), http.no_answer, http.tls (unavailable), http.timeout (timeout), http.cancelled (conflict). A status is never an error here.
// On a redirect to another origin only harmless headers (Accept, Content-Type, …) go along: any other may be a credential.
// Threads: send on the loop the task runs on.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  [[nodiscard]] virtual Task<Result<HttpResponse>> send(HttpRequest request, std::stop_token stop) = 0;
};

}  // namespace mbflow
