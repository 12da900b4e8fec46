#include "net/upgrade.h"

#include "base/http_text.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <utility>

namespace mbflow::net {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;
using Handshake = beast::http::request<beast::http::empty_body>;

constexpr std::size_t write_at_once = 64 << 10;  // a longer message is sent as several frames

Handshake handshake_of(const std::string& key) {
  Handshake request(beast::http::verb::get, "/", 11);
  request.set(beast::http::field::host, "-");  // as of here only the key counts; the request was read before
  request.set(beast::http::field::connection, "upgrade");
  request.set(beast::http::field::upgrade, "websocket");
  request.set(beast::http::field::sec_websocket_version, "13");
  request.set(beast::http::field::sec_websocket_key, key);
  return request;
}

// Each operation ends on the loop of the socket, which is ours: what waits for it resumes there.
class BeastSocket final : public WebSocket {
 public:
  BeastSocket(Tcp::socket& socket, Loop& loop, const WebSocketOptions& options) : stream_(socket), loop_(loop), options_(options) {
    websocket::stream_base::timeout limits{};
    limits.handshake_timeout = options.close_timeout;
    limits.idle_timeout = options.idle_timeout;
    limits.keep_alive_pings = true;
    stream_.set_option(limits);
    stream_.set_option(websocket::stream_base::decorator([protocol = options.protocol](websocket::response_type& response) {
      response.set(beast::http::field::server, "mbflow");
      if (!protocol.empty()) response.set(beast::http::field::sec_websocket_protocol, protocol);
    }));
    stream_.read_message_max(options.max_message);
    stream_.write_buffer_bytes(write_at_once);
    stream_.text(true);
  }

  Task<bool> accept(std::string key) {
    const Handshake request = handshake_of(key);
    OneShot<bool> done(loop_);
    stream_.async_accept(request, [setter = done.setter()](error_code error) { setter.set(!error); });
    co_return co_await done.wait();
  }

  Task<std::optional<std::string>> receive() override {
    OneShot<bool> done(loop_);
    stream_.async_read(in_, [setter = done.setter()](error_code error, std::size_t) { setter.set(!error); });
    if (!co_await done.wait()) co_return std::nullopt;
    if (!stream_.got_text()) {
      co_await close(websocket::close_code::unknown_data, "send text");
      co_return std::nullopt;
    }
    std::string text = beast::buffers_to_string(in_.data());
    in_.consume(in_.size());
    co_return text;
  }

  Task<bool> send(std::string text) override {
    OneShot<bool> done(loop_);
    Callback too_slow = [this] { cut(); };
    const auto timer = loop_.after(options_.write_timeout, std::move(too_slow));
    stream_.async_write(asio::buffer(text), [setter = done.setter()](error_code error, std::size_t) { setter.set(!error); });
    const bool sent = co_await done.wait();
    loop_.cancel(timer);
    co_return sent;
  }

  Task<void> close(std::uint16_t code, std::string reason) override {
    if (std::exchange(closes_, true)) co_return;
    OneShot<bool> done(loop_);
    const websocket::close_reason why(static_cast<websocket::close_code>(code), reason);
    stream_.async_close(why, [setter = done.setter()](error_code) { setter.set(true); });
    (void)co_await done.wait();
  }

 private:
  void cut() {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

  websocket::stream<Tcp::socket&, false> stream_;
  Loop& loop_;
  const WebSocketOptions& options_;
  beast::flat_buffer in_;
  bool closes_ = false;
};

Error no_websocket() {
  return fail(Kind::invalid, "net.no_websocket", "this address speaks WebSocket (RFC 6455) only: connect with ws:// or wss://");
}

}  // namespace

Result<Response> accept_socket(const Request& request, WebSocketOptions options, std::function<Task<void>(WebSocket&)> talk) {
  constexpr std::size_t key_length = 24;  // 16 bytes in base64
  const auto key = request.header("sec-websocket-key");
  const bool asked = request.method == "GET" && has_word(request.header("connection"), "upgrade") && has_word(request.header("upgrade"), "websocket") &&
                     request.header("sec-websocket-version") == "13" && key.size() == key_length;
  if (!asked) return no_websocket();
  Response response;
  response.status = 101;
  response.upgrade = std::make_shared<const Upgrade>(Upgrade{std::string(key), std::move(options), std::move(talk)});
  return response;
}

Task<void> talk_over(Tcp::socket& socket, Loop& loop, const Upgrade& upgrade) {
  BeastSocket speaker(socket, loop, upgrade.options);
  if (!co_await speaker.accept(upgrade.key)) co_return;
  co_await upgrade.talk(speaker);
}

}  // namespace mbflow::net
