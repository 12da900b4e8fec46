// A client of raw bytes on a blocking socket: what a test sends is what goes over the wire. Every wait ends after ten
// seconds.
#pragma once

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace mbflow::net::testing {

struct Answer {
  int status = 0;  // 0: the connection ended first
  std::string head, body;

  [[nodiscard]] std::string header(std::string_view name) const {
    auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    at += name.size() + 4;
    return head.substr(at, head.find("\r\n", at) - at);
  }
};

class Wire {
 public:
  explicit Wire(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  ~Wire() { close(); }

  [[nodiscard]] bool connected() const { return connected_; }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  void finish_sending() { ::shutdown(socket_, SHUT_WR); }
  // The end comes as a reset, as from a crashed client.
  void reset() {
    linger hard{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }

  // False when the server does not take it all.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      pollfd wait{.fd = socket_, .events = POLLOUT, .revents = 0};
      if (::poll(&wait, 1, 10'000) != 1) return false;
      auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  // One answer; `head_only` for HEAD. Interim answers (1xx) are answers too.
  [[nodiscard]] Answer read(bool head_only = false) {
    Answer answer;
    while (seen_.find("\r\n\r\n") == std::string::npos)
      if (!more()) return answer;
    answer.head = take(seen_.find("\r\n\r\n") + 4);
    answer.status = std::atoi(answer.head.c_str() + 9);
    if (head_only || answer.status < 200 || answer.status == 204 || answer.status == 304) return answer;
    if (answer.header("transfer-encoding") == "chunked") return chunked(std::move(answer));
    auto length = answer.header("content-length");
    if (length.empty()) {
      answer.body = rest();
      return answer;
    }
    auto size = static_cast<std::size_t>(std::stoul(length));
    while (seen_.size() < size && more()) {
    }
    answer.body = take(std::min(size, seen_.size()));
    return answer;
  }

  // All that comes before the server ends the connection.
  [[nodiscard]] std::string rest() {
    while (more()) {
    }
    return take(seen_.size());
  }
  // True when the server ended the connection, with nothing more said.
  [[nodiscard]] bool ended() { return rest().empty() && ended_; }
  // Whether an answer, or the end, comes within the time.
  [[nodiscard]] bool readable(int milliseconds) const {
    pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
    return ::poll(&wait, 1, milliseconds) == 1;
  }

 private:
  bool more() {
    pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, 10'000) != 1) return false;
    std::array<char, 16384> block;
    auto count = ::recv(socket_, block.data(), block.size(), 0);
    if (count <= 0) ended_ = true;
    if (count <= 0) return false;
    seen_.append(block.data(), static_cast<std::size_t>(count));
    return true;
  }

  std::string take(std::size_t count) {
    std::string front = seen_.substr(0, count);
    seen_.erase(0, count);
    return front;
  }

  std::string line() {
    while (seen_.find("\r\n") == std::string::npos)
      if (!more()) return {};
    return take(seen_.find("\r\n") + 2);
  }

  Answer chunked(Answer answer) {
    for (;;) {
      std::string size_line = line();
      std::size_t size = 0;
      auto end = std::from_chars(size_line.data(), size_line.data() + size_line.size(), size, 16).ptr;
      if (size_line.empty() || end == size_line.data()) {
        answer.body += "<cut>";
        return answer;
      }
      while (seen_.size() < size + 2 && more()) {
      }
      answer.body += take(std::min(size, seen_.size()));
      take(std::min<std::size_t>(2, seen_.size()));
      if (size == 0) return answer;
    }
  }

  int socket_;
  bool connected_ = false;
  bool ended_ = false;
  std::string seen_;
};

}  // namespace mbflow::net::testing
