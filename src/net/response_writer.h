// A Response into bytes, in one go: the head (and nothing of the framing) is never left to the handler. Pure.
#pragma once

#include "net/server.h"

#include <string>
#include <string_view>

namespace mbflow::net {

// How the answer is framed; decided by the connection.
struct Framing {
  bool keep_alive = true;
  bool http_1_0 = false;
  bool chunked = false;      // of a live answer in HTTP/1.1
  bool until_close = false;  // of a live answer in HTTP/1.0
  std::string_view date;     // a whole line: "date: …\r\n"
};

// Appends status line, fields and the empty line. False, with nothing appended, when a name or value could break out of
// its line: what the handler made from foreign data must not write fields of its own.
[[nodiscard]] bool append_head(std::string& out, const Response& response, const Framing& framing);

// 1xx, 204 and 304 have no body.
[[nodiscard]] constexpr bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

// RFC 9457, as every error of ours.
[[nodiscard]] Response problem(int status, std::string_view code, std::string_view detail);

// "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
[[nodiscard]] std::string date_line(std::chrono::sys_seconds at);

}  // namespace mbflow::net
