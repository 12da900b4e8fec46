#include "net/request_parser.h"

#include "net/target.h"
#include "base/http_text.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <limits>
#include <optional>
#include <utility>

namespace mbflow::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr std::size_t max_fields = 256;
constexpr std::size_t usual_fields = 16;  // a browser sends about that many
constexpr std::size_t max_extensions = 8 << 10;   // bytes of chunk extensions a request; nobody needs them
constexpr std::size_t max_chunk_line = 16 << 10;  // a chunk's size line, or the trailer
constexpr std::size_t reserve_at_once = 1 << 20;  // a promise of more is not believed before the bytes come
constexpr std::size_t max_method = 32;

std::string_view view(string_view text) { return {text.data(), text.size()}; }

bool is_method(std::string_view text) {
  return text.size() <= max_method &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; });
}

bool is_host(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_token_char(c) || c == ':' || c == '[' || c == ']' || c == ',' || c == ';' || c == '=';
  });
}

Refusal from_library(const error_code& error) {
  if (error == http::error::header_limit)
    return {431, "net.header_too_large", "the header is longer than this server takes; send fewer or shorter fields"};
  if (error == http::error::body_limit)
    return {413, "net.body_too_large", "the body is longer than this server takes; send less at once"};
  return {400, "net.malformed", "the request is not HTTP/1.1: " + error.message()};
}

}  // namespace

// The library's parser finds the parts and the framing; the checks on top are ours.
class RequestParser::Message final : public http::basic_parser<true> {
 public:
  Message(std::size_t max_header, std::size_t max_body) {
    header_limit(
        static_cast<std::uint32_t>(std::min<std::size_t>(max_header, std::numeric_limits<std::uint32_t>::max())));
    body_limit(max_body);
  }

  Request request;
  Refusal refusal;
  bool refused = false;
  bool expects_continue = false;
  bool http_1_0 = false;
  std::string_view window;  // the bytes given to put(); names point into them

 private:
  void refuse(error_code& error, int status, std::string_view code, std::string detail) {
    refusal = Refusal{status, std::string(code), std::move(detail)};
    refused = true;
    error = http::error::bad_value;
  }

  void on_request_impl(http::verb, string_view method, string_view target, int version, error_code& error) override {
    if (!is_method(view(method)))
      return refuse(error, 400, "net.method", "the method is not a name in capital letters");
    auto parsed = net::parse_target(view(method), view(target));
    if (!parsed) return refuse(error, 400, parsed.error().code, parsed.error().message);
    request.method = view(method);
    request.target = view(target);
    request.path = std::move(parsed->path);
    request.query = std::move(parsed->query);
    authority_ = std::move(parsed->authority);
    http_1_0 = version < 11;
  }

  void on_field_impl(http::field field, string_view name, string_view value, error_code& error) override {
    // Trailers come here too in older releases: they may not change what was already acted upon.
    if (in_body_) return;
    if (request.headers.size() >= max_fields)
      return refuse(error, 431, "net.header_too_large", "the header has more than 256 fields; send fewer");
    if (is_folded(view(name)))
      return refuse(error, 400, "net.malformed", "a field goes over several lines; write it on one");
    if (!is_field_value(view(value)))
      return refuse(error, 400, "net.malformed", "a field holds a control character; leave it out");
    if (!check_special(field, view(value), error)) return;
    if (request.headers.empty()) request.headers.reserve(usual_fields);
    request.headers.emplace_back(view(name), view(value));
  }

  // The library joins a field that goes on in the next line; servers disagree about those, so it is seen in the bytes.
  [[nodiscard]] bool is_folded(std::string_view name) const {
    auto line = window.substr(static_cast<std::size_t>(name.data() - window.data()));
    auto next = line.find('\n') + 1;
    return next < line.size() && (line[next] == ' ' || line[next] == '\t');
  }

  bool check_special(http::field field, std::string_view value, error_code& error) {
    switch (field) {
      case http::field::content_length:
        if (std::exchange(has_length_, true) || value.find_first_not_of("0123456789") != std::string_view::npos)
          refuse(error, 400, "net.framing", "there must be one Content-Length, a plain number");
        break;
      case http::field::transfer_encoding:
        if (http_1_0 || !same_word(value, "chunked"))
          refuse(error, 400, "net.framing", "the only Transfer-Encoding understood is 'chunked', in HTTP/1.1");
        break;
      case http::field::host:
        if (std::exchange(has_host_, true) || !is_host(value))
          refuse(error, 400, "net.host", "there must be one Host field with a host and nothing else");
        break;
      case http::field::expect:
        expects_continue = same_word(value, "100-continue");
        if (!expects_continue) refuse(error, 417, "net.expect", "the only expectation understood is 100-continue");
        break;
      default:
        break;
    }
    return !refused;
  }

  void on_header_impl(error_code& error) override {
    in_body_ = true;
    if (!has_host_ && !http_1_0) return refuse(error, 400, "net.host", "HTTP/1.1 asks for a Host field");
    if (authority_.empty()) return;
    for (auto& [name, value] : request.headers)
      if (same_word(name, "host")) value = authority_;
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) request.body.reserve(std::min<std::uint64_t>(*length, reserve_at_once));
  }

  std::size_t on_body_impl(string_view body, error_code&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t, string_view extensions, error_code& error) override {
    extension_bytes_ += extensions.size();
    if (extension_bytes_ > max_extensions)
      refuse(error, 400, "net.malformed", "the chunk extensions are too long; leave them out");
  }

  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& error) override {
    return on_body_impl(body, error);
  }

  // Newer releases give trailers here. Not marked as overriding, since older ones know no such function.
  virtual void on_trailer_field_impl(http::field, string_view, string_view, error_code&) {}
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  std::string authority_;
  std::size_t extension_bytes_ = 0;
  bool in_body_ = false;
  bool has_length_ = false;
  bool has_host_ = false;
};

struct RequestParser::State {
  State(std::size_t header_limit, std::size_t body_limit) : max_header(header_limit), max_body(body_limit) {}

  std::size_t max_header, max_body;
  std::size_t header_bytes = 0;
  std::optional<Message> message;
  Refusal refusal;

  Step refuse(Refusal why) {
    refusal = std::move(why);
    return Step::refused;
  }
};

RequestParser::RequestParser(std::size_t max_header, std::size_t max_body)
    : state_(std::make_unique<State>(max_header, max_body)) {
  reset();
}
RequestParser::~RequestParser() = default;

void RequestParser::reset() {
  state_->header_bytes = 0;
  state_->message.emplace(state_->max_header, state_->max_body);
}

RequestParser::Step RequestParser::parse(std::string_view data, std::size_t& used) {
  Message& message = *state_->message;
  used = 0;
  // An empty line before the request is forgiven (RFC 9112 §2.2).
  if (!message.got_some() && data.starts_with("\r\n")) used = 2;
  bool in_head = !message.is_header_done();
  message.window = data.substr(used);
  message.eager(!in_head);
  error_code error;
  used += message.put(boost::asio::const_buffer(data.data() + used, data.size() - used), error);
  if (message.refused) return state_->refuse(std::move(message.refusal));
  if (error && error != http::error::need_more) return state_->refuse(from_library(error));

  std::size_t pending = data.size() - used;
  if (in_head) {
    state_->header_bytes += used;
    bool complete = message.is_header_done();
    if (state_->header_bytes + (complete ? 0 : pending) > state_->max_header)
      return state_->refuse(from_library(http::error::header_limit));
    if (!complete) return Step::hungry;
    return message.is_done() ? Step::done : Step::head;
  }
  if (message.is_done()) return Step::done;
  if (pending > max_chunk_line)
    return state_->refuse({400, "net.malformed", "a chunk's size line is too long; leave extensions and trailers out"});
  return Step::hungry;
}

Request& RequestParser::request() { return state_->message->request; }
const Refusal& RequestParser::refusal() const { return state_->refusal; }
bool RequestParser::started() const { return state_->message->got_some(); }
bool RequestParser::keep_alive() const { return state_->message->keep_alive(); }
bool RequestParser::http_1_0() const { return state_->message->http_1_0; }
bool RequestParser::expects_continue() const { return state_->message->expects_continue && !state_->message->http_1_0; }

std::size_t RequestParser::body_left() const {
  auto left = state_->message->content_length_remaining();
  if (!left || state_->message->chunked()) return std::numeric_limits<std::size_t>::max();
  return *left;
}

}  // namespace mbflow::net
