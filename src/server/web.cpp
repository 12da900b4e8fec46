#include "server/web.h"

#include "base/hash.h"

#include <algorithm>
#include <array>

namespace mbflow::server {
namespace {

constexpr std::string_view page_path = "/index.html";
constexpr std::string_view nonce_mark = "MBFLOW_NONCE";  // as in web/vite.config.ts

const WebFile* find_file(std::string_view path) {
  const auto files = web_files();
  const auto found = std::ranges::lower_bound(files, path, {}, &WebFile::path);
  return found != files.end() && found->path == path ? &*found : nullptr;
}

// Addresses of other things never turn into a page: a mistyped API path must stay a 404.
bool asks_for_a_page(const net::Request& request) {
  static constexpr std::array<std::string_view, 4> not_pages = {"/api/", "/webhooks/", "/assets/", "/metrics"};
  const bool other = std::ranges::any_of(not_pages, [&](std::string_view start) { return request.path.starts_with(start); });
  return !other && request.header("accept").find("text/html") != std::string_view::npos;
}

void add_safety(net::Response& response) {
  response.headers.emplace_back("x-content-type-options", "nosniff");
  response.headers.emplace_back("referrer-policy", "no-referrer");
  response.headers.emplace_back("cross-origin-opener-policy", "same-origin");
}

// Each answer has a nonce of its own: styles that a script inserts name it, and no others count.
net::Response answer_page(const WebFile& file, Env& env) {
  std::array<std::uint8_t, 16> random{};
  env.random(random);
  const std::string nonce = base64url_encode({reinterpret_cast<const char*>(random.data()), random.size()});
  net::Response response;
  response.body = std::string(file.plain);
  for (auto at = response.body.find(nonce_mark); at != std::string::npos; at = response.body.find(nonce_mark, at)) {
    response.body.replace(at, nonce_mark.size(), nonce);
  }
  response.headers.emplace_back("content-type", file.type);
  response.headers.emplace_back("cache-control", "no-store");
  response.headers.emplace_back("content-security-policy",
                                "default-src 'self'; style-src 'self' 'nonce-" + nonce +
                                    "'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
                                    "frame-ancestors 'none'");
  add_safety(response);
  return response;
}

net::Response answer_file(const WebFile& file, const net::Request& request) {
  net::Response response;
  const std::string etag = '"' + std::string(file.etag) + '"';
  response.headers.emplace_back("etag", etag);
  // The names of assets change with their content.
  const bool lasts = file.path.starts_with("/assets/");
  response.headers.emplace_back("cache-control", lasts ? "public, max-age=31536000, immutable" : "public, max-age=3600");
  add_safety(response);
  if (request.header("if-none-match") == etag) {
    response.status = 304;
    return response;
  }
  response.headers.emplace_back("content-type", file.type);
  if (!file.gzip.empty()) response.headers.emplace_back("vary", "accept-encoding");
  const bool packed = !file.gzip.empty() && request.header("accept-encoding").find("gzip") != std::string_view::npos;
  if (packed) response.headers.emplace_back("content-encoding", "gzip");
  response.body = std::string(packed ? file.gzip : file.plain);
  return response;
}

}  // namespace

std::optional<net::Response> answer_web(const net::Request& request, Env& env) {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  const WebFile* file = request.path == page_path ? nullptr : find_file(request.path);
  if (file) return answer_file(*file, request);
  const WebFile* page = find_file(page_path);
  if (!page || !asks_for_a_page(request)) return std::nullopt;
  return answer_page(*page, env);
}

}  // namespace mbflow::server
