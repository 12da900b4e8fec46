#include "net/connection.h"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace mbflow::net {
namespace {

constexpr std::size_t slowest_reader = 16 << 10;  // bytes a second that a client must at least take
constexpr std::chrono::seconds linger_time{5};
constexpr std::chrono::milliseconds last_call{500};  // for an idle connection, when another server goes on

}  // namespace

void Connection::tick(Time now) {
  if (now < deadline_) return;
  deadline_ = never;
  if (waiting_ == Waiting::writing) return hang_up();
  if (waiting_ != Waiting::reading) return;
  timed_out_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::drain() {
  if (waiting_ != Waiting::reading || lingering_ || parser_.started() || !buffer_.empty()) return;
  // A request that is on its way in the socket is still answered.
  boost::system::error_code error;
  if (socket_.available(error) > 0) return;
  deadline_ = server_->has_successor ? std::min(deadline_, shard_.now() + last_call) : Time::min();
  tick(shard_.now());
}

void Connection::cut() {
  if (!finished_) hang_up();
}

void Connection::start_read(bool must) {
  if (reading_ || ended_ || broken_) return;
  auto room = buffer_.room();
  if (must && room.size() < ReadBuffer::small / 4) {
    buffer_.reserve(buffer_.capacity() * 2);
    room = buffer_.room();
  }
  if (room.empty()) return;
  reading_ = true;
  socket_.async_read_some(asio::buffer(room.data(), room.size()),
                          [this](boost::system::error_code error, std::size_t count) { on_read(error, count); });
}

void Connection::on_read(boost::system::error_code error, std::size_t count) {
  reading_ = false;
  if (finished_) return retire();
  buffer_.commit(count);
  bool over = error && error != asio::error::operation_aborted;
  ended_ = ended_ || over;
  broken_ = broken_ || (over && error != asio::error::eof);
  if (waiting_ == Waiting::reading) return resume();
  if (!error) return start_read(false);
  if (over) gone_.request_stop();  // last: it may wake the handler at once
}

bool Connection::try_write() {
  while (!broken_ && unsent_[0].size() + unsent_[1].size() > 0) {
    boost::system::error_code error;
    std::size_t written = socket_.write_some(unsent_, error);
    if (error == asio::error::would_block) return false;
    if (error) broken_ = true;
    advance(written);
  }
  return true;
}

void Connection::advance(std::size_t written) {
  std::size_t first = std::min(written, unsent_[0].size());
  unsent_[0] += first;
  unsent_[1] += written - first;
}

void Connection::wait_writable() {
  socket_.async_wait(Tcp::socket::wait_write, [this](boost::system::error_code error) { on_writable(error); });
}

void Connection::on_writable(boost::system::error_code error) {
  if (error) broken_ = true;
  if (try_write()) return resume();
  set_write_deadline();
  wait_writable();
}

// A client that takes nothing has the write timeout; one that takes a little now and then has an end too.
void Connection::set_write_deadline() {
  deadline_ = std::min(shard_.now() + server_->options.write_timeout, write_ends_);
}

void Connection::MoreBytes::await_suspend(std::coroutine_handle<> handle) const {
  self.waiter_ = handle;
  self.waiting_ = Waiting::reading;
  self.start_read(true);
}

void Connection::Flushed::await_suspend(std::coroutine_handle<> handle) const {
  self.waiter_ = handle;
  self.waiting_ = Waiting::writing;
  auto size = self.unsent_[0].size() + self.unsent_[1].size();
  self.write_ends_ =
      self.shard_.now() + self.server_->options.write_timeout + std::chrono::seconds(size / slowest_reader);
  self.set_write_deadline();
  self.wait_writable();
}

void Connection::resume() {
  waiting_ = Waiting::nothing;
  deadline_ = never;
  std::exchange(waiter_, {}).resume();
}

void Connection::hang_up() {
  broken_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
  gone_.request_stop();  // last: it may wake the handler at once
}

void Connection::begin_linger() {
  timed_out_ = false;
  deadline_ = shard_.now() + linger_time;
  boost::system::error_code error;
  socket_.shutdown(Tcp::socket::shutdown_send, error);
}

// Not at once: the caller may be this connection's own coroutine.
void Connection::retire() {
  shard_.loop().post([this] { shard_.retire(place_); });
}

}  // namespace mbflow::net
