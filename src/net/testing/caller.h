// A client as a test uses it: a request from outside the loops, its answer waited for.
#pragma once

#include "net/testing/place.h"

namespace mbflow::net::testing {

inline Task<Result<HttpResponse>> send(HttpClient& client, HttpRequest request, std::stop_token stop) {
  co_return co_await client.send(std::move(request), std::move(stop));
}

class Caller {
 public:
  explicit Caller(Loops& loops, ClientOptions options)
      : loops_(loops), client(make_http_client(loops, std::move(options))) {}

  Result<HttpResponse> call(HttpRequest request, std::stop_token stop = {}) {
    return wait_for<Result<HttpResponse>>(loops_.loop(0), [&] { return send(*client, std::move(request), stop); });
  }
  Result<HttpResponse> get(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    return call(std::move(request));
  }

 private:
  Loops& loops_;

 public:
  std::unique_ptr<HttpClient> client;
};

inline ClientOptions allow(std::string_view range) {
  ClientOptions options;
  options.egress.allowed.push_back(*Cidr::parse(range));
  return options;
}

inline std::string code_of(const Result<HttpResponse>& result) {
  return result ? "answer " + std::to_string(result->status) : result.error().code;
}

}  // namespace mbflow::net::testing
