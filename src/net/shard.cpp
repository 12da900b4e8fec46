#include "net/shard.h"

#include "base/env.h"
#include "net/connection.h"
#include "net/egress.h"

#include <sys/socket.h>

#include <cerrno>
#include <algorithm>

namespace mbflow::net {
namespace {

using boost::system::error_code;

constexpr Duration tick_every = std::chrono::milliseconds(200);
constexpr Duration rest_after_error = std::chrono::milliseconds(100);
constexpr int backlog = 4096;
constexpr std::size_t overloaded_at_most = 256;  // connections over the limit that still hear why

void set_reuse_port(int socket) {
  int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
}

std::string text_of(const Tcp::endpoint& peer) {
  Address address;
  if (peer.address().is_v6())
    address.bytes = peer.address().to_v6().to_bytes();
  else
    address.bytes = asio::ip::make_address_v6(asio::ip::v4_mapped, peer.address().to_v4()).to_bytes();
  return address.to_string();
}

}  // namespace

Shard::Shard(ServerState& server, AsioLoop& loop) : server_(server), loop_(loop) {
  read_clock();
}
Shard::~Shard() = default;

// SO_REUSEPORT would let a second server slip in on a port in use. Unless that is wanted, the first socket of a server
// binds without it, which fails when anybody listens there, and sets it for its siblings afterwards.
error_code Shard::bind(const Tcp::endpoint& at, bool shared) {
  error_code error;
  auto& acceptor = listeners_.emplace_back(loop_.context()).acceptor;
  acceptor.open(at.protocol(), error);
  if (error) return error;
  acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  if (shared) set_reuse_port(acceptor.native_handle());
  acceptor.bind(at, error);
  if (!error && !shared) set_reuse_port(acceptor.native_handle());
  return error;
}

error_code Shard::adopt(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {errno, boost::system::system_category()};
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6) return asio::error::address_family_not_supported;
  error_code error;
  listeners_.emplace_back(loop_.context()).acceptor.assign(address.ss_family == AF_INET ? Tcp::v4() : Tcp::v6(), socket, error);
  return error;
}

error_code Shard::start_listening() {
  error_code error;
  for (auto& listener : listeners_) {
    if (!error) listener.acceptor.listen(backlog, error);
    if (!error) listener.acceptor.non_blocking(true, error);
  }
  return error;
}

std::uint16_t Shard::port() const {
  error_code ignored;
  return listeners_.front().acceptor.local_endpoint(ignored).port();
}

void Shard::add_sockets(std::vector<int>& sockets) {
  for (auto& listener : listeners_) sockets.push_back(listener.acceptor.native_handle());
}

void Shard::accept() {
  for (auto& listener : listeners_) accept(listener);
}

void Shard::accept(Listener& listener) {
  listener.acceptor.async_accept(loop_.context(), listener.peer, [this, &listener](error_code error, Tcp::socket socket) {
    if (!error) take(std::move(socket), listener.peer);
    if (closed_) return stopped_listening();
    if (!error || error == asio::error::connection_aborted) return accept(listener);
    // No more file descriptors, most likely: they come back when connections end.
    loop_.after(rest_after_error, [this, &listener] { closed_ ? stopped_listening() : accept(listener); });
  });
}

void Shard::take(Tcp::socket socket, const Tcp::endpoint& peer) {
  error_code ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
  auto count = server_.connections.fetch_add(1) + 1;
  auto limit = server_.options.max_connections;
  if (count > limit + overloaded_at_most) {
    server_.connections.fetch_sub(1);
    return;
  }
  if (connections_.empty()) read_clock();
  if (tick_timer_ == 0) schedule_tick();
  server_.open.fetch_add(1);
  auto connection = std::make_unique<Connection>(*this, std::move(socket), text_of(peer), count > limit);
  connections_.push_front(std::move(connection));
  connections_.front()->start(connections_.begin());
  if (closed_) connections_.front()->drain();
}

void Shard::close() {
  closed_ = true;
  error_code ignored;
  for (auto& listener : listeners_) {
    if (!server_.has_successor) accept_queued(listener);
    listener.acceptor.close(ignored);
  }
  for (auto& connection : connections_) connection->drain();
}

// Clients whose connection the kernel made already would be reset by the close.
void Shard::accept_queued(Listener& listener) {
  for (error_code error; !error;) {
    Tcp::socket socket(loop_.context());
    Tcp::endpoint peer;
    listener.acceptor.accept(socket, peer, error);
    if (!error) take(std::move(socket), peer);
  }
}

void Shard::cut() {
  for (auto& connection : connections_) connection->cut();
}

void Shard::retire(Place place) {
  auto alive = server_.shared_from_this();
  connections_.erase(place);
  if (connections_.empty()) loop_.cancel(std::exchange(tick_timer_, 0));
  alive->connections.fetch_sub(1);
  alive->leave();
}

void Shard::stopped_listening() {
  auto alive = server_.shared_from_this();
  alive->leave();
}

void Shard::schedule_tick() {
  tick_timer_ = loop_.after(tick_every, [this] { tick(); });
}

void Shard::tick() {
  read_clock();
  for (auto& connection : connections_) connection->tick(now_);
  schedule_tick();
}

void Shard::read_clock() {
  now_ = std::chrono::steady_clock::now();
  auto second = std::chrono::floor<std::chrono::seconds>(system_env().now());
  if (second == second_ && !date_.empty()) return;
  second_ = second;
  date_ = date_line(second);
}

}  // namespace mbflow::net
