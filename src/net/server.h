// The HTTP/1.1 server as the rest of MBFlow sees it: a plain Request in, a plain Response out. One loop a thread, one
// listening socket a loop (SO_REUSEPORT); a connection and its handler stay on their loop. Hides the network library.
#pragma once

#include "base/loop.h"

#include <mbflow/http.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::net {

struct Request {
  std::string method;   // upper case
  std::string target;   // as sent: path and query
  std::string path;     // percent-decoded once and normalised; never contains "//", "/." segments or NUL
  std::string query;    // raw, without '?'
  Headers headers;
  std::string body;
  std::string peer;     // textual address
  std::stop_token gone;  // requested when the client hangs up or the server must stop
  [[nodiscard]] std::string_view header(std::string_view name) const;  // "" when absent
};

struct Upgrade;

struct Response {
  int status = 200;
  Headers headers;  // content-type and others; content-length, date and connection are set by the server
  std::string body;
  // For a live answer (SSE): after the head and `body`, chunks are pulled until it gives an empty string.
  std::function<Task<std::string>()> stream;
  std::shared_ptr<const Upgrade> upgrade;  // the connection becomes a WebSocket: made by accept_socket() (web_socket.h)
};

using Handler = std::function<Task<Response>(Request)>;

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: the system picks one
  std::size_t max_body = 16 << 20;
  std::size_t max_header = 32 << 10;
  std::chrono::seconds header_timeout{15};  // also the idle time of a kept connection
  std::chrono::seconds body_timeout{60};    // between two reads of a body
  std::chrono::seconds write_timeout{60};
  std::size_t max_connections = 10'000;  // over it: 503 and close
  std::size_t max_body_memory = 256 << 20;  // of all bodies over 64 KiB being held; over it: 503
  // Listening sockets that another process opened (a supervisor, or the server before), in place of address and port. Owned by
  // the server from here on; it leaves to whoever else holds them what still queues in them when it stops.
  std::vector<int> inherited;
  // Called with the head before the body is read; an error refuses the request, and is its answer.
  std::function<Result<void>(const Request& head)> admit;
  // A handler let an exception out (the client got 500), or gave an answer that cannot be sent. `request` is "GET /path?query".
  std::function<void(std::string_view request, std::string_view what)> on_error;
};

// The threads and their loops; shared by the server, the client and the runtime.
class Loops {
 public:
  explicit Loops(std::size_t threads);
  ~Loops();  // stops and joins
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] Loop& loop(std::size_t index);
  [[nodiscard]] Loop* current();  // the loop of the calling thread, or null
  void run();                     // starts the threads; returns at once
  void stop();                    // any thread: lets the loops end, joins them

 private:
  friend class Server;
  friend struct Access;
  struct State;
  std::unique_ptr<State> state_;
};

class Server {
 public:
  // Binds at once. Error: net.bind (names the address and the cure).
  [[nodiscard]] static Result<std::unique_ptr<Server>> listen(Loops& loops, ServerOptions options, Handler handler);
  ~Server();  // drain(0) if that was not done; before the Loops end
  [[nodiscard]] std::uint16_t port() const;
  // Its listening sockets, for a successor.
  [[nodiscard]] std::vector<int> sockets() const;
  // Others hold the sockets, too: what queues in them when this server stops is left to those.
  [[nodiscard]] bool has_successor() const;
  void expect_successor();
  // Stops accepting; idle connections close, busy ones finish their answer (Connection: close) within the time, then are cut.
  // Where a successor listens, idle ones get another half second: a client may just be writing. Called from outside the loops;
  // returns when all connections are gone and their handlers have ended. After the cut the handlers have ten seconds to notice
  // `gone`.
  void drain(std::chrono::milliseconds limit);

 private:
  Server();
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mbflow::net
