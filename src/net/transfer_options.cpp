// What a transfer tells libcurl before it starts.
#include "base/http_text.h"
#include "net/transfer.h"

#include <algorithm>
#include <array>

namespace mbflow::net {
namespace {

constexpr long connect_timeout_ms = 15'000;  // the whole exchange has its own, in Exchange

Error bad_header(std::string_view name, std::string_view why) {
  std::string shown(name.substr(0, 100));
  for (char& c : shown) c = is_token_char(c) ? c : '?';
  return fail(Kind::invalid, "http.header", "the header '" + shown + "' cannot be sent: " + std::string(why));
}

// Framing belongs to libcurl: a second opinion about the length of a request would be a hole at the other end.
bool is_ours(std::string_view name, bool has_parts) {
  static constexpr std::array ours = {
      "content-length", "transfer-encoding", "connection", "keep-alive",    "proxy-connection", "te",
      "trailer",        "upgrade",           "expect",     "http2-settings"};
  if (has_parts && same_word(name, "content-type")) return true;  // it carries the boundary
  return std::ranges::any_of(ours, [&](std::string_view known) { return same_word(name, known); });
}

bool takes_body(std::string_view method) { return method == "POST" || method == "PUT" || method == "PATCH"; }

// False when there is no memory.
bool append(CurlList& list, const std::string& line) {
  auto* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return false;
  (void)list.release();
  list.reset(longer);
  return true;
}

Error no_memory() { return fail(Kind::internal, "http.no_answer", "no memory for a request"); }

}  // namespace

void Transfer::set_fixed() {
  CURL* easy = easy_.get();
  detail_.front() = '\0';
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail_.data());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a cancelled request must not wait for its name lookup
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);  // every hop is checked by follow_redirect
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &Transfer::close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, &sockets_);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
}

// A proxy resolves the target's name itself, out of our sight: then only a target written as an address can be checked,
// and the proxy's own address is what open_socket() sees.
Result<void> Transfer::set_route(const HttpRequest& request, const Url& url, const ClientOptions& options) {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  if (request.proxy.empty()) {
    curl_easy_setopt(easy, CURLOPT_PROXY, "");  // or the environment's would be used
    return pin(url, options);
  }
  MBF_TRY(auto proxy, parse_proxy(request.proxy));
  if (url.literal && !policy_->permits(*url.literal, url.port)) return denied(place_, Place{*url.literal, url.port});
  place_ = "the proxy " + proxy.host + ":" + std::to_string(proxy.port);
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy.text.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, request.verify_tls ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, request.verify_tls ? 2L : 0L);
  return pin(proxy, options);
}

Result<void> Transfer::pin(const Url& host, const ClientOptions& options) {
  if (!options.resolve || host.literal) return {};
  MBF_TRY(auto addresses, options.resolve(host.host));
  if (addresses.empty())
    return fail(Kind::unavailable, "http.no_answer", "no address is known for " + host.host + "; check the name");
  std::string line = host.host + ":" + std::to_string(host.port) + ":";
  for (const auto& address : addresses) {
    if (&address != addresses.data()) line += ',';
    line += address.is_v4() ? address.to_string() : "[" + address.to_string() + "]";
  }
  if (!append(pins_, line)) return no_memory();
  curl_easy_setopt(easy_.get(), CURLOPT_RESOLVE, pins_.get());
  return {};
}

Result<void> Transfer::set_headers(const HttpRequest& request) {
  bool has_parts = !request.parts.empty();
  bool ok = append(headers_, "Expect:");  // its round trip costs more than it saves
  if (!has_parts && find_header(request.headers, "content-type") == nullptr)
    ok = ok && append(headers_, "Content-Type:");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return bad_header(name, "its name holds a character that is not allowed");
    if (!is_field_value(value)) return bad_header(name, "its value holds a line break or control character");
    if (is_ours(name, has_parts)) continue;
    // An empty value is written "Name;" for libcurl: "Name:" would take the field out.
    bool empty = value.find_first_not_of(" \t") == std::string::npos;
    ok = ok && append(headers_, empty ? name + ";" : name + ": " + value);
  }
  if (!ok) return no_memory();
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
  return {};
}

// Connections of one identity are no other's: libcurl compares these options before it uses one again.
void Transfer::set_identity(const HttpRequest& request) {
  if (!request.identity) return;
  const std::string_view key = request.identity->key.reveal();
  curl_blob certificate{const_cast<char*>(request.identity->certificate.data()), request.identity->certificate.size(), CURL_BLOB_COPY};
  curl_blob secret{const_cast<char*>(key.data()), key.size(), CURL_BLOB_COPY};
  curl_easy_setopt(easy_.get(), CURLOPT_SSLCERTTYPE, "PEM");
  curl_easy_setopt(easy_.get(), CURLOPT_SSLCERT_BLOB, &certificate);
  curl_easy_setopt(easy_.get(), CURLOPT_SSLKEYTYPE, "PEM");
  curl_easy_setopt(easy_.get(), CURLOPT_SSLKEY_BLOB, &secret);
}

Result<void> Transfer::set_body(const HttpRequest& request) {
  CURL* easy = easy_.get();
  const auto& method = request.method;
  if (!is_token(method) || method.size() > 32 || method == "CONNECT")
    return fail(Kind::invalid, "http.method", "the method must be a name such as GET or POST");
  if (method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return {};
  }
  if (!request.parts.empty()) {
    MBF_CHECK(set_parts(request));
  } else if (!request.body.empty() || takes_body(method)) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
  return {};
}

Result<void> Transfer::set_parts(const HttpRequest& request) {
  mime_.reset(curl_mime_init(easy_.get()));
  if (mime_ == nullptr) return no_memory();
  for (const auto& part : request.parts) {
    if (!is_field_value(part.content_type))
      return bad_header("content-type", "a part's type holds a line break or control character");
    auto* target = curl_mime_addpart(mime_.get());
    if (target == nullptr) return no_memory();
    curl_mime_name(target, part.name.c_str());
    curl_mime_data(target, part.data.data(), part.data.size());
    if (!part.filename.empty()) curl_mime_filename(target, part.filename.c_str());
    if (!part.content_type.empty()) curl_mime_type(target, part.content_type.c_str());
  }
  curl_easy_setopt(easy_.get(), CURLOPT_MIMEPOST, mime_.get());
  return {};
}

}  // namespace mbflow::net
