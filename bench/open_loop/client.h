// Sends what is due on a bounded number of connections to one port of this machine. One thread, one epoll.
#pragma once

#include "plan.h"

#include <cstdio>
#include <deque>
#include <memory>

namespace open_loop {

class Client {
 public:
  explicit Client(Plan& plan);
  ~Client();
  // Returns when everything that was due has been answered, or given up.
  void run();

 private:
  struct Request {
    Stream* stream = nullptr;
    std::uint64_t number = 0;
    Micros due = 0, sent = 0;
  };
  struct Connection {
    int socket = -1;
    bool busy = false, connected = false;
    Request request;
    std::string out, in;
  };

  [[nodiscard]] Micros now() const;
  void queue_due();
  void send_queued();
  void give_up_late();
  void open(Connection& connection);
  void close(Connection& connection);
  void write(Connection& connection);
  void read(Connection& connection);
  void gone(Connection& connection);
  bool take_answer(Connection& connection);
  void note(Connection& connection, int status, bool says_when, std::string_view body);
  [[nodiscard]] int milliseconds_to_next() const;
  [[nodiscard]] bool over() const;

  Plan& plan_;
  int epoll_ = -1;
  Micros begin_ = 0, looked_ = 0;
  std::deque<Request> queue_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> free_;
  std::FILE* acknowledged_ = nullptr;
};

}  // namespace open_loop
