// Bytes of one HTTP/1.1 request into a Request, strictly: what two servers could read differently is refused (request
// smuggling). Pure, no sockets; hides the parser of the network library.
#pragma once

#include "net/server.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace mbflow::net {

// A request that gets no handler: what to answer.
struct Refusal {
  int status = 400;
  std::string code;    // "net.path"
  std::string detail;  // one sentence that names the cure
};

class RequestParser {
 public:
  RequestParser(std::size_t max_header, std::size_t max_body);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  enum class Step {
    hungry,   // give more bytes, those not used first
    head,     // the head is complete and a body follows; call again to read it
    done,     // request() is complete
    refused,  // refusal() says why; the bytes that follow cannot be understood
  };
  // Sets `used` to the number of bytes that are not needed again.
  [[nodiscard]] Step parse(std::string_view data, std::size_t& used);
  void reset();  // before the next request of the connection

  [[nodiscard]] Request& request();
  [[nodiscard]] const Refusal& refusal() const;
  [[nodiscard]] bool started() const;     // some byte of the request was seen
  [[nodiscard]] bool keep_alive() const;  // from here on: once the head is complete
  [[nodiscard]] bool http_1_0() const;
  [[nodiscard]] bool expects_continue() const;
  [[nodiscard]] std::size_t body_left() const;  // what Content-Length promises; the largest number for a chunked body

 private:
  class Message;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mbflow::net
