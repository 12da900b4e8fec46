// libcurl's multi interface on one loop: its sockets are watched in an epoll set of their own, which the loop watches
// as one descriptor; its timer is a timer of the loop. Everything happens on that loop's thread, but for interrupt().
#pragma once

#include "net/asio_loop.h"
#include "net/transfer.h"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <memory>
#include <vector>

namespace mbflow::net {

class Exchange;

// Held by its client, and by the messages to it that are under way: those may arrive after the client is gone.
class Driver final : public SocketOwner, public std::enable_shared_from_this<Driver> {
 public:
  Driver(AsioLoop& loop, std::shared_ptr<const ClientOptions> options);
  ~Driver() override;
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  [[nodiscard]] AsioLoop& loop() { return loop_; }
  [[nodiscard]] const ClientOptions& options() const { return *options_; }

  [[nodiscard]] std::unique_ptr<Transfer> take();
  void give_back(std::unique_ptr<Transfer> transfer);

  // An exchange is in the list from enter() to leave(), be it under way or done and not yet resumed.
  [[nodiscard]] bool start(Transfer& transfer);  // false when libcurl cannot
  void abandon(Transfer& transfer);
  // Any thread: ends the exchange of that number with this outcome, soon, if it is still under way.
  void interrupt(std::uint64_t number, CURLcode code);
  [[nodiscard]] std::uint64_t enter(Exchange& exchange);  // its number
  void leave(Exchange& exchange);

 private:
  struct Watched {
    std::uint8_t wanted = 0;      // CURL_POLL_IN | CURL_POLL_OUT
    std::uint8_t registered = 0;  // with epoll
    bool ours = false;            // made by open_socket, so closing() will tell its end
  };

  void refused(Transfer& transfer) override;
  void opened(curl_socket_t socket) override;
  void closing(curl_socket_t socket) override;
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* context);
  static int on_timer(CURLM* multi, long milliseconds, void* self);

  Watched& watched(curl_socket_t socket);
  void update(curl_socket_t socket, Watched& state);
  void watch();
  void take_events();
  void kick();
  void act(curl_socket_t socket, int events);
  void collect();

  AsioLoop& loop_;
  std::shared_ptr<const ClientOptions> options_;
  asio::posix::stream_descriptor epoll_;
  CURLM* multi_;
  std::vector<Watched> sockets_;  // by descriptor
  std::vector<std::unique_ptr<Transfer>> pool_;
  std::vector<Exchange*> under_way_;
  std::vector<Exchange*> finished_;  // to be resumed; null when gone meanwhile
  std::uint64_t last_number_ = 0;
  Loop::TimerId timer_ = 0;
  bool kicked_ = false;
};

}  // namespace mbflow::net
