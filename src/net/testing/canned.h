// A server that says what a test wants byte by byte, however wrong: one connection after the other, each hears the same
// bytes and their end after its first packet.
#pragma once

#include "net/testing/wire.h"

#include <atomic>
#include <string>
#include <thread>

namespace mbflow::net::testing {

class Canned {
 public:
  explicit Canned(std::string bytes)
      : bytes_(std::move(bytes)), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(socket_, 16), 0);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  Canned(const Canned&) = delete;
  Canned& operator=(const Canned&) = delete;
  ~Canned() {
    over_ = true;
    ::shutdown(socket_, SHUT_RDWR);  // wakes accept()
    thread_.join();
    ::close(socket_);
  }

  [[nodiscard]] std::string url(std::string_view scheme = "http") const {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(port_) + "/";
  }

 private:
  void serve() {
    for (int client = -1; (client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      std::array<char, 4096> block;
      (void)::recv(client, block.data(), block.size(), 0);
      (void)::send(client, bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
      // Not closed with the request's rest unread, for a reset could overtake the answer; nor before a client that
      // pools it.
      ::shutdown(client, SHUT_WR);
      pollfd wait{.fd = client, .events = POLLIN, .revents = 0};
      while (!over_ && (::poll(&wait, 1, 20) == 0 || ::recv(client, block.data(), block.size(), 0) > 0)) {
      }
      ::close(client);
    }
  }

  std::string bytes_;
  int socket_;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace mbflow::net::testing
