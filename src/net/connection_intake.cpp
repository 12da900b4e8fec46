#include "net/connection.h"

#include <algorithm>

namespace mbflow::net {
namespace {

constexpr std::size_t read_anyway = 64 << 10;     // a refused body this short is read, and the connection stays
constexpr std::size_t free_of_charge = 64 << 10;  // bodies below this are not counted
constexpr std::size_t slowest_body = 512;         // bytes a second, once the body's time has passed

}  // namespace

Connection::Intake Connection::take_request() {
  if (overloaded_) return refuse({503, "net.overloaded", "the server has too many connections; come back later"});
  for (;;) {
    std::size_t used = 0;
    auto step = buffer_.empty() ? RequestParser::Step::hungry : parser_.parse(buffer_.data(), used);
    buffer_.consume(used);
    if (step == RequestParser::Step::refused) return refuse(parser_.refusal());
    if (step == RequestParser::Step::hungry) return on_hungry();
    if (!admitted_ && !admit()) return Intake::refused;
    if (step == RequestParser::Step::head) {
      ask_for_body();
      continue;
    }
    if (discarding_) return Intake::refused;
    if (!hold_body()) return Intake::refused;
    return Intake::ready;
  }
}

// False when the answer is given without the body.
bool Connection::admit() {
  admitted_ = true;
  auto& request = parser_.request();
  head_only_ = request.method == "HEAD";
  request.peer = peer_;
  request.gone = gone_.get_token();
  if (server_->options.on_error) label_ = request.method + ' ' + request.target;
  if (!server_->options.admit) return true;
  Result<void> admitted;
  try {
    admitted = server_->options.admit(request);
  } catch (...) {
    const auto failed = failure(std::current_exception());
    return refuse_early({failed.status, "net.handler", "the server failed; the log says why"});
  }
  if (admitted) return true;
  return refuse_early({http_status(admitted.error().kind), admitted.error().code, admitted.error().message});
}

bool Connection::refuse_early(const Refusal& refusal) {
  discarding_ = parser_.body_left() <= read_anyway && !parser_.expects_continue();
  if (discarding_) answer_refusal(refusal);
  else (void)refuse(refusal);
  return discarding_;
}

void Connection::ask_for_body() {
  if (discarding_ || !parser_.expects_continue() || !buffer_.empty()) return;
  // Nothing else is being sent, so these few bytes always fit; if the client is gone the next read says so.
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  boost::system::error_code ignored;
  socket_.write_some(asio::buffer(go_on), ignored);
}

Connection::Intake Connection::on_hungry() {
  if (broken_ || ended_) return Intake::ended;
  if (timed_out_) {
    if (!parser_.started()) return Intake::ended;
    return refuse({408, "net.slow_request", "the request came too slowly; send it again"});
  }
  if (admitted_ && !hold_body()) return Intake::refused;
  if (admitted_ && !reading_ && parser_.body_left() > ReadBuffer::small) buffer_.reserve(ReadBuffer::large);
  set_read_deadline();
  return Intake::hungry;
}

// What follows on the connection cannot be told apart any more, so this answer is the last.
Connection::Intake Connection::refuse(Refusal refusal) {
  last_ = lingering_ = true;
  answer_refusal(refusal);
  return Intake::refused;
}

void Connection::answer_refusal(const Refusal& refusal) {
  refused_ = problem(refusal.status, refusal.code, refusal.detail);
  if (refusal.status == 429 || refusal.status == 503) refused_.headers.emplace_back("retry-after", "1");
}

// Large bodies are held in memory while they are used: all together they have a bound.
bool Connection::hold_body() {
  std::size_t size = parser_.request().body.capacity();
  if (size <= free_of_charge || size <= held_) return true;
  std::size_t more = size - held_;
  held_ = size;
  if (server_->body_bytes.fetch_add(more) + more <= server_->options.max_body_memory) return true;
  (void)refuse({503, "net.body_memory", "the server holds too many large bodies at the moment; come back later"});
  return false;
}

void Connection::release_body() {
  if (held_ > 0) server_->body_bytes.fetch_sub(std::exchange(held_, 0));
}

void Connection::set_read_deadline() {
  const auto& options = server_->options;
  auto now = shard_.now();
  if (!admitted_) {
    bool idle = !parser_.started();
    if (!idle && request_began_ == never) request_began_ = now;
    deadline_ = (idle ? now : request_began_) + options.header_timeout;
    return;
  }
  if (body_began_ == never) body_began_ = now;
  auto earned = std::chrono::seconds(parser_.request().body.size() / slowest_body);
  deadline_ = std::min(now, body_began_ + earned) + options.body_timeout;
}

}  // namespace mbflow::net
