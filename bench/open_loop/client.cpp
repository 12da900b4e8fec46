#include "client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>

namespace open_loop {
namespace {

constexpr Micros look_every = 50'000;  // for requests that waited too long

Micros clock_now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string text_of(const Stream& stream, std::size_t index, std::uint64_t number, std::size_t padding) {
  std::string body = "{\"stream\":" + std::to_string(index) + ",\"number\":" + std::to_string(number) + ",\"padding\":\"";
  body.append(padding, 'x').append("\"}");
  return "POST " + stream.path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

// The value of a header field of an answer's head, whose names our server writes in lower case or as here.
std::string_view field(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    const auto line = head.substr(at + 2, name.size() + 1);
    if (line.size() <= name.size() || line.back() != ':') continue;
    if (strncasecmp(line.data(), name.data(), name.size()) != 0) continue;
    const std::size_t begin = head.find_first_not_of(' ', at + 3 + name.size());
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
  return {};
}

std::string_view id_in(std::string_view body) {
  constexpr std::string_view key = "\"id\":\"";
  const std::size_t at = body.find(key);
  if (at == std::string_view::npos) return {};
  const auto rest = body.substr(at + key.size());
  return rest.substr(0, rest.find('"'));
}

}  // namespace

Client::Client(Plan& plan) : plan_(plan), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  for (int i = 0; i < plan.connections; ++i) {
    connections_.push_back(std::make_unique<Connection>());
    free_.push_back(connections_.back().get());
  }
  if (!plan.acknowledged.empty()) acknowledged_ = std::fopen(plan.acknowledged.c_str(), "w");
}

Client::~Client() {
  for (auto& connection : connections_) close(*connection);
  ::close(epoll_);
  if (acknowledged_) std::fclose(acknowledged_);
}

Micros Client::now() const { return clock_now() - begin_; }

void Client::run() {
  begin_ = clock_now();
  while (!over()) {
    queue_due();
    send_queued();
    epoll_event events[256];
    const int count = epoll_wait(epoll_, events, 256, milliseconds_to_next());
    for (int i = 0; i < count; ++i) {
      auto& connection = *static_cast<Connection*>(events[i].data.ptr);
      if (events[i].events & EPOLLOUT) write(connection);
      if (connection.socket >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) read(connection);
    }
    if (now() - looked_ > look_every) give_up_late();
  }
}

void Client::queue_due() {
  const Micros time = now();
  for (auto& stream : plan_.streams) {
    for (; stream.next < stream.total && stream.due(stream.next) <= time; ++stream.next)
      queue_.push_back({&stream, stream.next, stream.due(stream.next), 0});
  }
}

void Client::send_queued() {
  while (!queue_.empty() && !free_.empty()) {
    Connection& connection = *free_.back();
    free_.pop_back();
    connection.request = queue_.front();
    connection.request.sent = now();
    queue_.pop_front();
    connection.busy = true;
    const Stream& stream = *connection.request.stream;
    const auto index = static_cast<std::size_t>(&stream - plan_.streams.data());
    connection.out = text_of(stream, index, connection.request.number, plan_.padding);
    if (connection.socket < 0) open(connection);
    else write(connection);
  }
}

// In a queue by the time they were due, so the oldest are in front.
void Client::give_up_late() {
  looked_ = now();
  for (; !queue_.empty() && looked_ - queue_.front().due > plan_.patience; queue_.pop_front()) ++queue_.front().stream->given_up;
  for (auto& connection : connections_) {
    if (!connection->busy || looked_ - connection->request.sent <= plan_.patience) continue;
    ++connection->request.stream->timed_out;
    connection->busy = false;
    close(*connection);
    free_.push_back(connection.get());
  }
}

void Client::open(Connection& connection) {
  connection.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  connection.connected = false;
  const int on = 1;
  setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(plan_.port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  event.data.ptr = &connection;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
  const int done = ::connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
  if (done != 0 && errno != EINPROGRESS) gone(connection);
}

void Client::close(Connection& connection) {
  if (connection.socket >= 0) ::close(connection.socket);
  connection.socket = -1;
  connection.in.clear();
  connection.out.clear();
}

void Client::write(Connection& connection) {
  while (!connection.out.empty()) {
    const auto sent = ::send(connection.socket, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
    if (sent < 0) return gone(connection);
    connection.connected = true;
    connection.out.erase(0, static_cast<std::size_t>(sent));
  }
}

void Client::read(Connection& connection) {
  char bytes[16384];
  while (true) {
    const auto got = ::recv(connection.socket, bytes, sizeof bytes, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return gone(connection);
    connection.in.append(bytes, static_cast<std::size_t>(got));
    if (take_answer(connection)) return;
  }
}

// An idle connection that the server closes is no fault.
void Client::gone(Connection& connection) {
  const bool was_connected = connection.connected;
  close(connection);
  if (!connection.busy) return;
  ++(was_connected ? connection.request.stream->cut : connection.request.stream->not_connected);
  connection.busy = false;
  free_.push_back(&connection);
}

// True: the connection is closed.
bool Client::take_answer(Connection& connection) {
  const std::size_t end = connection.in.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const std::string_view head = std::string_view(connection.in).substr(0, end + 2);
  const std::size_t length = std::strtoul(std::string(field(head, "content-length")).c_str(), nullptr, 10);
  if (connection.in.size() < end + 4 + length || !connection.busy) return false;
  const bool last = field(head, "connection") == "close";
  note(connection, std::atoi(connection.in.c_str() + 9), !field(head, "retry-after").empty(), std::string_view(connection.in).substr(end + 4, length));
  connection.in.erase(0, end + 4 + length);
  connection.busy = false;
  free_.push_back(&connection);
  if (last) close(connection);
  return last;
}

void Client::note(Connection& connection, int status, bool says_when, std::string_view body) {
  const Request& request = connection.request;
  Stream& stream = *request.stream;
  const Micros time = now();
  ++stream.statuses[status];
  Second& second = stream.seconds[static_cast<std::size_t>(request.due / 1'000'000)];
  if (status < 200 || status > 299) {
    stream.refused_service.add(time - request.sent);
    ++second.refused;
    if ((status == 429 || status == 503) && !says_when) ++stream.no_retry_after;
    return;
  }
  stream.accepted.add(time - request.due);
  stream.accepted_service.add(time - request.sent);
  second.latency.add(time - request.due);
  ++second.accepted;
  const auto id = id_in(body);
  const auto index = &stream - plan_.streams.data();
  if (acknowledged_ && !id.empty())
    std::fprintf(acknowledged_, "%td %llu %.*s\n", index, static_cast<unsigned long long>(request.number), static_cast<int>(id.size()), id.data());
}

int Client::milliseconds_to_next() const {
  Micros next = look_every;
  for (const auto& stream : plan_.streams) {
    if (stream.next < stream.total) next = std::min(next, stream.due(stream.next) - now());
  }
  return next <= 0 ? 0 : static_cast<int>((next + 999) / 1000);
}

bool Client::over() const {
  if (!queue_.empty()) return false;
  const bool all_sent = std::ranges::all_of(plan_.streams, [](const Stream& stream) { return stream.next == stream.total; });
  return all_sent && std::ranges::none_of(connections_, [](const auto& connection) { return connection->busy; });
}

}  // namespace open_loop
