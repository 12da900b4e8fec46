// A WebSocket (RFC 6455) as a handler sees it: text messages, in order, both ways. Pings, the closing handshake and what is malformed are
// the server's matter. On the loop of its connection.
#pragma once

#include "net/server.h"

#include <cstdint>
#include <optional>

namespace mbflow::net {

class WebSocket {
 public:
  virtual ~WebSocket() = default;
  // The next message; nothing: the client has gone, closed, or broke the rules, or close() was called. One call at a time.
  [[nodiscard]] virtual Task<std::optional<std::string>> receive() = 0;
  // Until the system has taken it; false: the client has gone, or took nothing for longer than the write timeout. One call at a time, and
  // none during close().
  [[nodiscard]] virtual Task<bool> send(std::string text) = 0;
  // Tells the client that it is over, and why, and waits a moment for its answer; receive() ends, too. Once is enough: another does nothing,
  // and receive() does it for a client that broke the rules.
  [[nodiscard]] virtual Task<void> close(std::uint16_t code, std::string reason) = 0;
};

struct WebSocketOptions {
  std::string protocol;               // chosen of those that the client offers; empty: none
  std::size_t max_message = 16 << 10;     // of the client; a longer one closes with 1009
  std::chrono::seconds idle_timeout{30};  // silence after which the client is taken for gone; it is pinged half-way
  std::chrono::seconds write_timeout{30};
  std::chrono::seconds close_timeout{5};
};

// The answer that makes a connection a WebSocket until `talk` has ended; `talk` must then have no receive() or send() under way.
// Error net.no_websocket: that is not what the request asks for.
[[nodiscard]] Result<Response> accept_socket(const Request& request, WebSocketOptions options, std::function<Task<void>(WebSocket&)> talk);

}  // namespace mbflow::net
