#include "net/response_writer.h"

#include "base/http_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <iterator>

namespace mbflow::net {
namespace {

struct Reason {
  int status;
  std::string_view words;
};

constexpr Reason reasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

std::string_view reason(int status) {
  if (status == 200) return "OK";
  const auto* found = std::ranges::lower_bound(reasons, status, {}, &Reason::status);
  return found != std::end(reasons) && found->status == status ? found->words : "Status";
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

// Framing is ours alone: two opinions about the length of an answer would be a hole.
bool is_ours(std::string_view name) {
  switch (name.size()) {
    case 4:
      return same_word(name, "date");
    case 7:
      return same_word(name, "trailer");
    case 10:
      return same_word(name, "connection") || same_word(name, "keep-alive");
    case 14:
      return same_word(name, "content-length");
    case 17:
      return same_word(name, "transfer-encoding");
    default:
      return false;
  }
}

void append_framing(std::string& out, const Response& response, const Framing& framing) {
  if (!framing.keep_alive)
    out += "connection: close\r\n";
  else if (framing.http_1_0)
    out += "connection: keep-alive\r\n";
  if (framing.chunked) {
    out += "transfer-encoding: chunked\r\n";
    return;
  }
  if (framing.until_close || !may_have_body(response.status)) return;
  out += "content-length: ";
  append_number(out, response.body.size());
  out += "\r\n";
}

void append_escaped(std::string& out, std::string_view text) {
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
}

}  // namespace

bool append_head(std::string& out, const Response& response, const Framing& framing) {
  if (response.status < 200 || response.status > 599) return false;
  std::size_t start = out.size();
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out += ' ';
  out += reason(response.status);
  out += "\r\n";
  for (const auto& [name, value] : response.headers) {
    if (is_ours(name)) continue;
    if (!is_token(name) || !is_field_value(value)) {
      out.resize(start);
      return false;
    }
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  out += framing.date;
  append_framing(out, response, framing);
  out += "\r\n";
  return true;
}

Response problem(int status, std::string_view code, std::string_view detail) {
  Response response;
  response.status = status;
  response.headers.emplace_back("content-type", "application/problem+json");
  response.body = R"({"type":"about:blank","title":")";
  response.body += reason(status);
  response.body += R"(","status":)";
  append_number(response.body, static_cast<std::size_t>(status));
  response.body += R"(,"code":")";
  append_escaped(response.body, code);
  response.body += R"(","detail":")";
  append_escaped(response.body, detail);
  response.body += R"("})";
  return response;
}

std::string date_line(std::chrono::sys_seconds at) {
  static constexpr const char* weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  auto days = std::chrono::floor<std::chrono::days>(at);
  std::chrono::year_month_day date(days);
  std::chrono::hh_mm_ss time(at - days);
  std::array<char, 64> line{};
  int length = std::snprintf(line.data(), line.size(), "date: %s, %02u %s %04d %02d:%02d:%02d GMT\r\n",
                             weekdays[std::chrono::weekday(days).c_encoding()], static_cast<unsigned>(date.day()),
                             months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                             static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                             static_cast<int>(time.seconds().count()));
  return {line.data(), static_cast<std::size_t>(length)};
}

}  // namespace mbflow::net
