#include "net/server.h"

#include "net/connection.h"
#include "net/shard.h"
#include "base/http_text.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

namespace mbflow::net {
namespace {

constexpr std::chrono::seconds handlers_notice{10};  // what a handler has to see `gone` after the cut

Error cannot_bind(const ServerOptions& options, const std::string& why) {
  return fail(Kind::unavailable, "net.bind",
              "cannot listen on " + options.address + ":" + std::to_string(options.port) + ": " + why +
                  "; choose a free port and an address of this machine (--listen ADDR:PORT)");
}

Error cannot_adopt(const std::string& why) {
  return fail(Kind::invalid, "net.inherited", "cannot listen on a socket that was handed to this process: " + why +
                                                 "; hand over TCP sockets that listen");
}

}  // namespace

struct Server::State : ServerState {
  Loops* loops = nullptr;
  std::atomic<bool> over = false;

  Result<void> bind();
  Result<void> adopt();
  void on_each_loop(void (Shard::*action)());
  void drain(std::chrono::milliseconds limit);
};

std::string_view Request::header(std::string_view name) const {
  const auto* value = find_header(headers, name);
  return value != nullptr ? std::string_view(*value) : std::string_view();
}

Server::Server() : state_(std::make_shared<State>()) {}
Server::~Server() { drain(std::chrono::milliseconds::zero()); }
std::uint16_t Server::port() const { return state_->port; }

bool Server::has_successor() const { return state_->has_successor; }
void Server::expect_successor() { state_->has_successor = true; }

std::vector<int> Server::sockets() const {
  std::vector<int> sockets;
  for (auto& shard : state_->shards) shard->add_sockets(sockets);
  return sockets;
}

void Server::drain(std::chrono::milliseconds limit) { state_->drain(limit); }

Result<std::unique_ptr<Server>> Server::listen(Loops& loops, ServerOptions options, Handler handler) {
  std::unique_ptr<Server> server(new Server);
  State& state = *server->state_;
  state.options = std::move(options);
  state.handler = std::move(handler);
  state.loops = &loops;
  for (std::size_t index = 0; index < loops.size(); ++index)
    state.shards.push_back(std::make_unique<Shard>(state, Access::loop(loops, index)));
  auto bound = state.options.inherited.empty() ? state.bind() : state.adopt();
  if (!bound) {
    state.over = true;  // nothing runs that would have to be drained
    return std::move(bound).error();
  }
  for (const auto& shard : state.shards) state.open += shard->listeners();
  state.on_each_loop(&Shard::accept);
  return server;
}

Result<void> Server::State::bind() {
  boost::system::error_code error;
  auto address = asio::ip::make_address(options.address, error);
  if (error) return cannot_bind(options, "that is not an IP address");
  port = options.port;
  for (auto& shard : shards) {
    bool first = shard == shards.front();
    error = shard->bind({address, port}, !first);
    if (error) return cannot_bind(options, error.message());
    port = shard->port();
  }
  // Only now: a connection made between two of them would be lost if a later one failed.
  for (auto& shard : shards)
    if ((error = shard->start_listening())) return cannot_bind(options, error.message());
  return {};
}

// Each socket gets a loop, each loop a socket: copies of one where there are fewer.
Result<void> Server::State::adopt() {
  has_successor = true;
  const auto& sockets = options.inherited;
  for (std::size_t i = 0; i < std::max(sockets.size(), shards.size()); ++i) {
    const int socket = i < sockets.size() ? sockets[i] : fcntl(sockets[i % sockets.size()], F_DUPFD_CLOEXEC, 0);
    if (auto error = shards[i % shards.size()]->adopt(socket)) return cannot_adopt(error.message());
  }
  for (auto& shard : shards)
    if (auto error = shard->start_listening()) return cannot_adopt(error.message());
  port = shards.front()->port();
  return {};
}

void Server::State::on_each_loop(void (Shard::*action)()) {
  for (auto& shard : shards) {
    auto* target = shard.get();
    target->loop().post([alive = shared_from_this(), target, action] { (target->*action)(); });
  }
}

void Server::State::drain(std::chrono::milliseconds limit) {
  if (over.exchange(true)) return;
  draining = true;
  if (!Access::running(*loops)) {
    shards.clear();  // no thread is in them any more; a connection would otherwise keep this state alive
    return;
  }
  on_each_loop(&Shard::close);
  if (all_gone.try_acquire_for(limit)) return;
  on_each_loop(&Shard::cut);
  (void)all_gone.try_acquire_for(handlers_notice);
}

}  // namespace mbflow::net
