#include "net/transfer.h"

#include "base/http_text.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace mbflow::net {
namespace {

constexpr std::size_t max_headers = 64 << 10;     // of one answer, its interim answers included
constexpr std::size_t reserve_at_once = 1 << 20;  // a promise of more is not believed before the bytes come

std::string_view trim(std::string_view text) {
  auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// libcurl decoded the body, so its length and coding as sent would be wrong.
void drop_coding(Headers& headers) {
  if (find_header(headers, "content-encoding") == nullptr) return;
  std::erase_if(headers, [](const auto& header) {
    return same_word(header.first, "content-encoding") || same_word(header.first, "content-length");
  });
}

bool is_tls(CURLcode code) {
  switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
      return true;
    default:
      return false;
  }
}

}  // namespace

Transfer::Transfer(SocketOwner& sockets) : sockets_(sockets), easy_(curl_easy_init(), curl_easy_cleanup) {}

Result<void> Transfer::prepare(const HttpRequest& request, const Url& url, const ClientOptions& options) {
  if (easy_ == nullptr) return fail(Kind::internal, "http.no_answer", "no memory for a request to " + url.host);
  policy_ = &options.egress;
  place_ = url.host + ":" + std::to_string(url.port);
  max_body_ = static_cast<std::size_t>(std::max<std::int64_t>(request.max_body, 0));
  set_fixed();
  curl_easy_setopt(easy_.get(), CURLOPT_URL, url.text.c_str());
  curl_easy_setopt(easy_.get(), CURLOPT_SSL_VERIFYPEER, request.verify_tls ? 1L : 0L);
  curl_easy_setopt(easy_.get(), CURLOPT_SSL_VERIFYHOST, request.verify_tls ? 2L : 0L);
  if (!options.user_agent.empty()) curl_easy_setopt(easy_.get(), CURLOPT_USERAGENT, options.user_agent.c_str());
  MBF_CHECK(set_route(request, url, options));
  set_identity(request);
  MBF_CHECK(set_body(request));
  return set_headers(request);
}

void Transfer::reset() {
  curl_easy_reset(easy_.get());
  mime_.reset();
  headers_.reset();
  pins_.reset();
  waiting = nullptr;
  response_ = HttpResponse();
  header_bytes_ = 0;
  head_ended_ = body_began_ = too_large_ = allowed_some_ = false;
  refused_.reset();
}

Result<HttpResponse> Transfer::finish(CURLcode code) {
  if (code != CURLE_OK) return error_of(code);
  if (!head_ended_) return error_of(CURLE_RECV_ERROR);  // cut off in its head: libcurl lets that pass
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  drop_coding(response_.headers);
  return std::move(response_);
}

Error Transfer::denied(const std::string& who, const Place& place) {
  std::string address = place.address.to_string();
  std::string written = place.address.is_v4() ? address : "[" + address + "]";
  return fail(Kind::denied, "http.egress_denied",
              who + ": " + address + " is a private address; allow it with --allow-egress " + written + ":" +
                  std::to_string(place.port));
}

std::optional<Transfer::Place> Transfer::place_of(const sockaddr& peer) {
  Place place{};
  if (peer.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &peer, sizeof v6);
    std::memcpy(place.address.bytes.data(), &v6.sin6_addr, 16);
    place.port = ntohs(v6.sin6_port);
    return place;
  }
  if (peer.sa_family != AF_INET) return std::nullopt;
  sockaddr_in v4;
  std::memcpy(&v4, &peer, sizeof v4);
  place.address.bytes[10] = place.address.bytes[11] = 0xff;
  std::memcpy(place.address.bytes.data() + 12, &v4.sin_addr, 4);
  place.port = ntohs(v4.sin_port);
  return place;
}

Error Transfer::error_of(CURLcode code) const {
  if (too_large_)
    return fail(Kind::invalid, "http.too_large",
                place_ + " answered with more than the " + std::to_string(max_body_) + " bytes of body or " +
                    std::to_string(max_headers) + " of headers that are taken; ask for less or raise the limit");
  if (refused_ && !allowed_some_) return denied(place_, *refused_);
  std::string detail = detail_.front() != '\0' ? detail_.data() : curl_easy_strerror(code);
  if (code == CURLE_OPERATION_TIMEDOUT)
    return fail(Kind::timeout, "http.timeout",
                "no connection to " + place_ + " in time; check the address and that the service runs");
  if (is_tls(code))
    return fail(Kind::unavailable, "http.tls",
                "no trusted TLS connection to " + place_ + " (" + detail +
                    "); check its certificate and this machine's authorities");
  if (code == CURLE_URL_MALFORMAT)
    return fail(Kind::invalid, "http.url", place_ + " cannot be called: " + detail);
  return fail(Kind::unavailable, "http.no_answer",
              place_ + " gave no answer (" + detail + "); check the address and that the service runs");
}

// The guard of every outbound connection: called by libcurl with the very address that it is about to connect to.
curl_socket_t Transfer::open_socket(void* self, curlsocktype purpose, curl_sockaddr* peer) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (purpose != CURLSOCKTYPE_IPCXN || peer->socktype != SOCK_STREAM) return CURL_SOCKET_BAD;
  auto place = place_of(peer->addr);
  if (!place) return CURL_SOCKET_BAD;
  if (!transfer.policy_->permits(place->address, place->port)) {
    transfer.refused_ = *place;
    // libcurl would go on to the next address, perhaps after seconds: a name with a private address is not worth them.
    if (!transfer.allowed_some_) transfer.sockets_.refused(transfer);
    return CURL_SOCKET_BAD;
  }
  transfer.allowed_some_ = true;
  curl_socket_t socket = ::socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
  if (socket != CURL_SOCKET_BAD) transfer.sockets_.opened(socket);
  return socket;
}

int Transfer::close_socket(void* owner, curl_socket_t socket) {
  static_cast<SocketOwner*>(owner)->closing(socket);
  return ::close(socket);
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  bool taken = static_cast<Transfer*>(self)->take_header({data, size * count});
  return taken ? size * count : 0;
}

bool Transfer::take_header(std::string_view line) {
  header_bytes_ += line.size();
  too_large_ = header_bytes_ > max_headers;
  if (too_large_) return false;
  if (body_began_) return true;  // a trailer
  if (line.starts_with("HTTP/")) {
    response_.headers.clear();  // those before belonged to an interim answer
    head_ended_ = false;
    return true;
  }
  head_ended_ = trim(line).empty();
  auto colon = line.find(':');
  if (colon != std::string_view::npos)
    response_.headers.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
  return true;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  auto& body = transfer.response_.body;
  std::size_t bytes = size * count;
  if (!std::exchange(transfer.body_began_, true)) {
    curl_off_t promised = 0;
    curl_easy_getinfo(transfer.easy(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &promised);
    if (promised > 0) body.reserve(std::min({static_cast<std::size_t>(promised), transfer.max_body_, reserve_at_once}));
  }
  transfer.too_large_ = bytes > transfer.max_body_ - body.size();
  if (transfer.too_large_) return 0;
  body.append(data, bytes);
  return bytes;
}

}  // namespace mbflow::net
