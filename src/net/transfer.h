// One exchange on one libcurl handle: options in, answer or Error out. Reused from a pool by its driver; lives on one
// loop.
#pragma once

#include "net/client.h"
#include "net/url.h"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mbflow::net {

using CurlEasy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using CurlList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
using CurlMime = std::unique_ptr<curl_mime, decltype(&curl_mime_free)>;

class Exchange;
class Transfer;

// Is told of every socket; outlives all connections of the pool, which may outlive the transfer that opened them.
struct SocketOwner {
  virtual ~SocketOwner() = default;
  virtual void refused(Transfer& transfer) = 0;  // by the guard; called from within libcurl
  virtual void opened(curl_socket_t socket) = 0;
  virtual void closing(curl_socket_t socket) = 0;
};

class Transfer {
 public:
  explicit Transfer(SocketOwner& sockets);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // `request` must stay until the end of the exchange: its body is sent from where it is.
  [[nodiscard]] Result<void> prepare(const HttpRequest& request, const Url& url, const ClientOptions& options);
  [[nodiscard]] Result<HttpResponse> finish(CURLcode code);
  void reset();  // ready for the next use; nothing of this exchange remains

  [[nodiscard]] CURL* easy() const { return easy_.get(); }
  Exchange* waiting = nullptr;  // who awaits this exchange

 private:
  struct Place {
    Address address;
    std::uint16_t port;
  };

  [[nodiscard]] static std::optional<Place> place_of(const sockaddr& peer);
  [[nodiscard]] static Error denied(const std::string& who, const Place& place);
  void set_fixed();
  [[nodiscard]] Result<void> set_route(const HttpRequest& request, const Url& url, const ClientOptions& options);
  [[nodiscard]] Result<void> pin(const Url& host, const ClientOptions& options);
  [[nodiscard]] Result<void> set_headers(const HttpRequest& request);
  void set_identity(const HttpRequest& request);
  [[nodiscard]] Result<void> set_body(const HttpRequest& request);
  [[nodiscard]] Result<void> set_parts(const HttpRequest& request);
  [[nodiscard]] Error error_of(CURLcode code) const;

  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int close_socket(void* owner, curl_socket_t socket);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  bool take_header(std::string_view line);

  SocketOwner& sockets_;
  CurlEasy easy_;
  CurlList headers_{nullptr, curl_slist_free_all};
  CurlList pins_{nullptr, curl_slist_free_all};
  CurlMime mime_{nullptr, curl_mime_free};
  std::array<char, CURL_ERROR_SIZE> detail_{};

  const EgressPolicy* policy_ = nullptr;
  std::string place_;  // "host:port", for messages
  std::size_t max_body_ = 0;
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  bool head_ended_ = false;
  bool body_began_ = false;
  bool too_large_ = false;
  bool allowed_some_ = false;  // an address passed the check
  std::optional<Place> refused_;
};

}  // namespace mbflow::net
