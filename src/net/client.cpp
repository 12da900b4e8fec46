#include "net/client.h"

#include "net/exchange.h"

#include <curl/curl.h>

#include <optional>
#include <utility>

namespace mbflow::net {
namespace {

// libcurl's own start is not free of races in older releases: once, before any handle.
void start_libcurl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)once;
}

class CurlClient final : public HttpClient {
 public:
  CurlClient(Loops& loops, ClientOptions options)
      : loops_(loops), options_(std::make_shared<const ClientOptions>(std::move(options))), drivers_(loops.size()) {
    start_libcurl();
  }
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  // A driver ends on its own loop.
  ~CurlClient() override {
    if (!Access::running(loops_)) return;
    for (auto& driver : drivers_)
      if (driver) driver->loop().post([old = std::move(driver)] {});
  }

  Task<Result<HttpResponse>> send(HttpRequest request, std::stop_token stop) override;

 private:
  // Each loop touches its own place only.
  Driver& driver_of(AsioLoop& loop) {
    auto& place = drivers_[loop.index()];
    if (!place) place = std::make_shared<Driver>(loop, options_);
    return *place;
  }

  Loops& loops_;
  std::shared_ptr<const ClientOptions> options_;
  std::vector<std::shared_ptr<Driver>> drivers_;
};

// What goes out on one hop: the request with what proves who calls, for as long as that hop lasts.
struct Hop {
  std::optional<HttpRequest> made;  // empty: the request goes as it is
  Url url;
};

Result<Hop> sign(const HttpRequest& request, const Url& url, bool redirected) {
  if (!request.signer) return Hop{std::nullopt, url};
  Hop hop{request, url};
  hop.made->url = url.text;
  MBF_CHECK(request.signer->sign(*hop.made, redirected));
  MBF_TRY(hop.url, parse_url(hop.made->url));
  return hop;
}

Task<Result<HttpResponse>> CurlClient::send(HttpRequest request, std::stop_token stop) {
  auto* loop = Access::current(loops_);
  if (loop == nullptr)
    co_return fail(Kind::internal, "http.no_loop",
                   "a request was sent from outside the loops; it is a fault of MBFlow");
  auto& driver = driver_of(*loop);
  auto deadline = std::chrono::steady_clock::now() + request.timeout;
  MBF_CO_TRY(Url url, parse_url(request.url));
  for (int hop = 0;; ++hop) {
    MBF_CO_TRY(const Hop out, sign(request, url, hop > 0));
    Exchange exchange(driver, out.made ? *out.made : request, out.url, deadline, stop);
    auto answer = co_await exchange;
    if (!answer) co_return std::move(answer).error();
    answer->url = url.text;
    if (request.max_redirects <= 0) co_return std::move(answer);
    auto more = follow_redirect(request, url, *answer);
    if (!more) co_return std::move(more).error();
    if (!*more) co_return std::move(answer);
    if (hop >= request.max_redirects)
      co_return fail(Kind::invalid, "http.redirects",
                     url.host + " redirects more than " + std::to_string(request.max_redirects) +
                         " times; call the final address or raise the limit");
  }
}

}  // namespace

std::unique_ptr<HttpClient> make_http_client(Loops& loops, ClientOptions options) {
  return std::make_unique<CurlClient>(loops, std::move(options));
}

}  // namespace mbflow::net
