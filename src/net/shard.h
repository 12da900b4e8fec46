// One loop's share of a server: its listening sockets, its connections, and the clock that closes the slow ones.
// Everything here is touched on that loop's thread only, but for what ServerState marks as atomic.
#pragma once

#include "net/asio_loop.h"
#include "net/server.h"

#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <list>
#include <semaphore>

namespace mbflow::net {

class Connection;
class Shard;
using Tcp = asio::ip::tcp;

// What all shards share. Lives until the last connection has retired.
struct ServerState : std::enable_shared_from_this<ServerState> {
  ServerOptions options;  // constant after listen()
  Handler handler;        // constant after listen(); called on every loop
  std::uint16_t port = 0;
  std::vector<std::unique_ptr<Shard>> shards;
  std::atomic<std::size_t> connections = 0;
  std::atomic<std::size_t> open = 0;        // connections and listeners: what drain() waits for
  std::atomic<std::size_t> body_bytes = 0;  // of large bodies being held
  std::atomic<bool> draining = false;
  std::atomic<bool> has_successor = false;  // others hold the listening sockets, too
  std::binary_semaphore all_gone{0};

  void leave() {
    if (open.fetch_sub(1) == 1) all_gone.release();
  }
};

class Shard {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Place = std::list<std::unique_ptr<Connection>>::iterator;

  Shard(ServerState& server, AsioLoop& loop);
  ~Shard();

  // Before the loops run, or from any thread while nothing else touches the shard. `shared`: others listen on the port
  // too.
  [[nodiscard]] boost::system::error_code bind(const Tcp::endpoint& at, bool shared);
  [[nodiscard]] boost::system::error_code adopt(int socket);  // one that listens already
  [[nodiscard]] boost::system::error_code start_listening();
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::size_t listeners() const { return listeners_.size(); }
  void add_sockets(std::vector<int>& sockets);

  void accept();             // takes connections until close()
  void close();              // drain: no new connections, idle ones end
  void cut();                // ends every connection now
  void retire(Place place);  // the connection has no work under way any more

  [[nodiscard]] ServerState& server() { return server_; }
  [[nodiscard]] AsioLoop& loop() { return loop_; }
  [[nodiscard]] Time now() const { return now_; }  // as of the last tick: good enough for seconds
  [[nodiscard]] std::string_view date() const { return date_; }

 private:
  struct Listener {
    explicit Listener(asio::io_context& context) : acceptor(context) {}
    Tcp::acceptor acceptor;
    Tcp::endpoint peer;  // of the connection being accepted
  };

  void accept(Listener& listener);
  void take(Tcp::socket socket, const Tcp::endpoint& peer);
  void accept_queued(Listener& listener);
  void tick();
  void schedule_tick();
  void read_clock();
  void stopped_listening();

  ServerState& server_;
  AsioLoop& loop_;
  std::list<Listener> listeners_;
  std::list<std::unique_ptr<Connection>> connections_;
  Time now_;
  Timestamp second_;
  std::string date_;
  Loop::TimerId tick_timer_ = 0;
  bool closed_ = false;
};

}  // namespace mbflow::net
