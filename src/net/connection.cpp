#include "net/connection.h"

#include "base/http_text.h"
#include "net/upgrade.h"

#include <charconv>
#include <stdexcept>
#include <utility>

namespace mbflow::net {
namespace {

constexpr std::size_t short_body = 8 << 10;  // copied behind the head rather than sent from its own place
constexpr std::size_t keep_capacity = 64 << 10;

// <size in hexadecimal> CRLF <data> CRLF
void append_chunk(std::string& out, std::string_view data) {
  std::array<char, 16> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), data.size(), 16).ptr;
  out.append(digits.data(), end);
  out += "\r\n";
  out += data;
  out += "\r\n";
}

std::string text_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

void drop_large(std::string& text) {
  text.clear();
  if (text.capacity() > keep_capacity) text.shrink_to_fit();
}

}  // namespace

Connection::Connection(Shard& shard, Tcp::socket socket, std::string peer, bool overloaded)
    : shard_(shard),
      server_(shard.server().shared_from_this()),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      parser_(server_->options.max_header, server_->options.max_body),
      overloaded_(overloaded),
      session_(serve()) {}

Connection::~Connection() = default;

void Connection::start(Shard::Place place) {
  place_ = place;
  session_.start();
}

Session Connection::serve() {
  while (!last_) {
    Intake intake = take_request();
    while (intake == Intake::hungry) {
      co_await more_bytes();
      intake = take_request();
    }
    if (intake == Intake::ended) break;
    Response response;
    if (intake == Intake::refused) {
      response = std::move(refused_);
    } else {
      start_read(false);  // sees the client hang up while the handler runs
      try {
        auto answer = server_->handler(std::move(parser_.request()));
        response = co_await answer;
      } catch (...) {
        response = failure(std::current_exception());
      }
    }
    if (response.upgrade) {
      co_await become_socket(std::move(response.upgrade));
      break;
    }
    compose(response);
    co_await flushed();
    if (response.stream) co_await stream_out(std::move(response.stream));
    next_request();
  }
  if (lingering_) begin_linger();
  while (lingering_ && !ended_ && !broken_ && !timed_out_) {
    buffer_.consume(buffer_.data().size());
    co_await more_bytes();
  }
  finish();
}

Task<void> Connection::stream_out(std::function<Task<std::string>()> stream) {
  while (!broken_) {
    std::string chunk;
    try {
      chunk = co_await stream();
    } catch (...) {
      // The head is gone: only a cut tells the client that the rest is missing.
      (void)failure(std::current_exception());
      hang_up();
      co_return;
    }
    drop_large(out_);
    if (chunked_ && chunk.empty())
      out_ = "0\r\n\r\n";
    else if (chunked_)
      append_chunk(out_, chunk);
    else
      out_ = chunk;
    unsent_ = {asio::buffer(out_), asio::const_buffer()};
    co_await flushed();
    if (chunk.empty()) co_return;
  }
}

// The read that watched for the client to hang up is over before the socket is handed on. Bytes that came by it were sent before the
// handshake was answered: nobody speaks WebSocket who does that.
Task<void> Connection::become_socket(std::shared_ptr<const Upgrade> upgrade) {
  while (reading_) {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    co_await more_bytes();
  }
  if (ended_ || broken_ || !buffer_.empty()) co_return;
  try {
    co_await talk_over(socket_, shard_.loop(), *upgrade);
  } catch (...) {
    (void)failure(std::current_exception());
  }
  broken_ = true;  // what the handler left under way learns that the client has gone
}

// Chooses the framing and lays the answer out for one write.
void Connection::compose(Response& response) {
  const auto* wish = find_header(response.headers, "connection");
  bool http_1_0 = parser_.http_1_0();
  bool live = response.stream && may_have_body(response.status);
  if (!last_) {
    bool close = (wish != nullptr && has_word(*wish, "close")) || (live && http_1_0);
    last_ = close || !parser_.keep_alive() || server_->draining.load(std::memory_order_relaxed);
    // Requests that came with this one are dropped: a plain close would drop our answer too.
    if (last_ && !buffer_.empty()) lingering_ = true;
  }
  chunked_ = live && !http_1_0;
  Framing framing{.keep_alive = !last_,
                  .http_1_0 = http_1_0,
                  .chunked = chunked_,
                  .until_close = live && http_1_0,
                  .date = shard_.date()};
  out_.clear();
  if (!append_head(out_, response, framing)) {
    response =
        failure(std::make_exception_ptr(std::runtime_error("the answer has a status or header that cannot be sent")));
    chunked_ = framing.chunked = framing.until_close = false;
    (void)append_head(out_, response, framing);
  }
  bool bare = head_only_ || !may_have_body(response.status);
  if (bare)
    response.stream = nullptr;
  else if (chunked_ && !response.body.empty())
    append_chunk(out_, response.body);
  else if (chunked_ || response.body.size() <= short_body)
    out_ += response.body;
  else
    body_ = std::move(response.body);
  unsent_ = {asio::buffer(out_), asio::buffer(body_)};
}

void Connection::next_request() {
  parser_.reset();
  drop_large(out_);
  drop_large(body_);
  release_body();
  if (!reading_) buffer_.shrink();
  request_began_ = body_began_ = never;
  timed_out_ = admitted_ = discarding_ = false;
  if (broken_) last_ = true;
}

Response Connection::failure(std::exception_ptr exception) {
  if (server_->options.on_error) server_->options.on_error(label_, text_of(exception));
  return problem(500, "net.handler", "the server failed on this request; its log says why");
}

void Connection::finish() {
  finished_ = true;
  release_body();
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (!reading_) retire();
  if (broken_) gone_.request_stop();
}

}  // namespace mbflow::net
