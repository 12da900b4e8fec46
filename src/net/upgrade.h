// What a connection becomes when its answer is a WebSocket. Internal to net/.
#pragma once

#include "net/shard.h"
#include "net/web_socket.h"

namespace mbflow::net {

struct Upgrade {
  std::string key;  // Sec-WebSocket-Key
  WebSocketOptions options;
  std::function<Task<void>(WebSocket&)> talk;
};

// Answers the handshake and lets `talk` have the socket. The socket outlives it; whoever closes the socket ends it.
[[nodiscard]] Task<void> talk_over(Tcp::socket& socket, Loop& loop, const Upgrade& upgrade);

}  // namespace mbflow::net
