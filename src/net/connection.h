// One client's connection: reads requests, runs the handler, writes answers, in order. Its course is one coroutine,
// serve(); the reads and writes beneath are plain calls on the socket, so that a request costs no coroutine but the
// handler's own. Lives on its shard's loop.
#pragma once

#include "net/read_buffer.h"
#include "net/request_parser.h"
#include "net/response_writer.h"
#include "net/shard.h"

#include <array>
#include <coroutine>
#include <exception>
#include <stop_token>

namespace mbflow::net {

// A coroutine owned by its object: it goes with it, wherever it is suspended.
class Session {
 public:
  struct promise_type {
    Session get_return_object() { return Session(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  explicit Session(std::coroutine_handle<> handle) : handle_(handle) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { handle_.destroy(); }
  void start() { handle_.resume(); }

 private:
  std::coroutine_handle<> handle_;
};

class Connection {
 public:
  using Time = Shard::Time;

  // `overloaded`: the only answer will be 503.
  Connection(Shard& shard, Tcp::socket socket, std::string peer, bool overloaded);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start(Shard::Place place);
  void tick(Time now);  // ends what is over its time
  void drain();         // ends when idle; otherwise the answer under way is the last
  void cut();           // ends at once and tells the handler

 private:
  enum class Intake { hungry, ready, refused, ended };
  enum class Waiting { nothing, reading, writing };
  static constexpr Time never = Time::max();

  // The course of the connection (connection.cpp)
  Session serve();
  Task<void> stream_out(std::function<Task<std::string>()> stream);
  Task<void> become_socket(std::shared_ptr<const Upgrade> upgrade);
  void compose(Response& response);
  void next_request();
  void finish();
  [[nodiscard]] Response failure(std::exception_ptr exception);

  // Taking a request apart (connection_intake.cpp)
  Intake take_request();
  bool admit();
  bool refuse_early(const Refusal& refusal);
  void ask_for_body();
  Intake on_hungry();
  Intake refuse(Refusal refusal);
  void answer_refusal(const Refusal& refusal);
  bool hold_body();
  void release_body();
  void set_read_deadline();

  // The socket (connection_io.cpp)
  void start_read(bool must);
  void on_read(boost::system::error_code error, std::size_t count);
  bool try_write();
  void wait_writable();
  void on_writable(boost::system::error_code error);
  void set_write_deadline();
  void advance(std::size_t written);
  void resume();
  void hang_up();
  void begin_linger();
  void retire();

  struct MoreBytes {
    Connection& self;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) const;
    void await_resume() const noexcept {}
  };
  struct Flushed {
    Connection& self;
    [[nodiscard]] bool await_ready() const { return self.try_write(); }
    void await_suspend(std::coroutine_handle<> handle) const;
    void await_resume() const noexcept {}
  };
  // Functions, since a brace-built temporary in a co_await is destroyed twice by g++ 12.
  [[nodiscard]] MoreBytes more_bytes() { return {*this}; }
  [[nodiscard]] Flushed flushed() { return {*this}; }

  Shard& shard_;
  std::shared_ptr<ServerState> server_;  // outlives a server that was let go while a handler still ran
  Tcp::socket socket_;
  std::string peer_;
  Shard::Place place_;
  RequestParser parser_;
  ReadBuffer buffer_;
  std::stop_source gone_;

  std::string out_;   // head and short body of the answer, or one chunk
  std::string body_;  // of a long answer: sent from where it is
  std::array<asio::const_buffer, 2> unsent_;
  Response refused_;      // the answer to a request that gets no handler
  std::size_t held_ = 0;  // charged to the server's body_bytes

  std::coroutine_handle<> waiter_;
  Waiting waiting_ = Waiting::nothing;
  Time deadline_ = never;
  Time request_began_ = never;
  Time body_began_ = never;
  Time write_ends_ = never;
  bool reading_ = false;     // a read is under way in the library
  bool ended_ = false;       // the client sends no more
  bool broken_ = false;      // nothing can be sent any more
  bool timed_out_ = false;   // the deadline of the present wait passed
  bool admitted_ = false;    // the head went by the admit hook
  bool discarding_ = false;  // refused, but the short body is read so that the connection can stay
  bool last_ = false;        // the answer under way is the last
  bool lingering_ = false;  // what the client still sends is read and dropped, or our answer would be lost with a reset
  bool overloaded_ = false;
  bool head_only_ = false;  // the request was HEAD
  bool chunked_ = false;    // the live answer under way is sent in chunks
  bool finished_ = false;

  std::string label_;  // method and target of the request under way, for the error hook
  Session session_;    // last: destroyed first, while all it refers to is alive
};

}  // namespace mbflow::net
