#include "answer.h"

#include "call.h"
#include "charset.h"
#include "url.h"

#include <mbflow/json.h>
#include <mbflow/text.h>

#include <algorithm>
#include <charconv>

namespace mbflow::nodes::http {
namespace {

Kind kind_of(int status) {
  if (status == 408) return Kind::timeout;
  if (status == 425 || status == 429) return Kind::limited;
  return status >= 500 ? Kind::unavailable : Kind::invalid;
}

bool matches(std::string_view pattern, int status) {
  const std::string text = std::to_string(status);
  return pattern == text ||
         (pattern.size() == 3 && pattern.substr(1) == "xx" && text.size() == 3 && pattern[0] == text[0]);
}

// The start of a body on one line, for a message.
std::string start_of(const std::string& body) {
  constexpr std::size_t most = 300;
  std::string text;
  bool gap = false;
  for (const char c : std::string_view(body).substr(0, most)) {
    const bool blank = static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    if (gap && !blank && !text.empty()) text += ' ';
    gap = blank;
    if (!blank) text += c;
  }
  // The cut may have split a character.
  for (int i = 0; i < 3 && !utf8_valid(text) && !text.empty(); ++i) text.pop_back();
  if (!utf8_valid(text)) return "bytes that are no text";
  return body.size() > most ? text + "…" : text;
}

std::string_view cure_for(int status) {
  switch (status) {
    case 401:
      return "check the credentials";
    case 403:
      return "check what these credentials may do";
    case 404:
      return "check the address";
    case 405:
      return "check the method";
    case 429:
      return "slow down: lower the node's concurrency";
    default:
      return status >= 500 ? "the server has a problem; a retry may help" : "check the request";
  }
}

std::string lower(std::string_view text) {
  std::string copy(text);
  std::ranges::transform(copy, copy.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return copy;
}

struct ContentType {
  std::string type;  // "text/html"
  std::string charset;
};

ContentType content_type(const HttpResponse& response) {
  const std::string* header = find_header(response.headers, "Content-Type");
  const std::string whole = lower(header == nullptr ? std::string_view() : *header);
  ContentType found{whole.substr(0, whole.find(';')), {}};
  while (found.type.ends_with(' ')) found.type.pop_back();
  const std::size_t mark = whole.find("charset=");
  if (mark == std::string::npos) return found;
  found.charset = whole.substr(mark + 8, whole.find(';', mark) - mark - 8);
  std::erase_if(found.charset, [](char c) { return c == '"' || c == ' '; });
  return found;
}

bool is_json_type(std::string_view type) {
  return type == "application/json" || type == "text/json" || type.ends_with("+json");
}

// What a server puts into a header may be anything; Latin 1 is what HTTP once promised.
Value header_text(const std::string& text) { return utf8_valid(text) ? text : *to_utf8(text, "latin1"); }

// Text as UTF-8, whatever it was sent in; nothing: these bytes are no text.
std::optional<std::string> text_of(const HttpResponse& response, const ContentType& content) {
  if (utf8_valid(response.body)) return response.body;
  return to_utf8(response.body, content.charset);
}

Value text_or_bytes(const HttpResponse& response, const ContentType& content) {
  const auto text = text_of(response, content);
  if (text) return Value(*text);
  return Value::object({{"data_base64", base64_encode(response.body)}, {"content_type", header_text(content.type)}});
}

int two_digits(std::string_view text) {
  return text.size() == 2 && text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9'
             ? (text[0] - '0') * 10 + (text[1] - '0')
             : -1;
}

// "Sun, 06 Nov 1994 08:49:37 GMT", by way of RFC 3339.
std::optional<Instant> http_date(std::string_view text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || !text.ends_with(" GMT") || text[3] != ',') return std::nullopt;
  const std::size_t month = months.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0 || two_digits(text.substr(5, 2)) < 0) return std::nullopt;
  const std::string number = std::to_string(month / 3 + 1);
  std::string date(text.substr(12, 4));
  date += (number.size() == 1 ? "-0" : "-") + number;
  date.append("-").append(text.substr(5, 2)).append("T").append(text.substr(17, 8)).append("Z");
  const auto parsed = parse_timestamp(date);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

}  // namespace

std::int64_t retry_after_ms(std::string_view text, Instant now) {
  std::int64_t seconds = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, seconds);
  constexpr std::int64_t year = 366 * 86400;
  if (fault == std::errc{} && stop == end && seconds >= 0) return std::min(seconds, year) * 1000;
  const auto date = http_date(text);
  if (!date) return -1;
  return std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(*date - now).count());
}

Result<void> check_status(const Config& config, const HttpResponse& response, Instant now) {
  const bool success =
      std::ranges::any_of(config.success_status, [&](const auto& one) { return matches(one, response.status); });
  if (success) return {};
  const auto url = Url::parse(response.url);
  std::string message(to_string(config.method));
  message += " " + (url ? url->shown() : std::string()) + " answered " + std::to_string(response.status);
  const std::string body = start_of(response.body);
  message += ": " + (body.empty() ? std::string() : body + " — ") + std::string(cure_for(response.status));
  Error error = fail(kind_of(response.status), "http.status", std::move(message));
  const std::string* wait = find_header(response.headers, "Retry-After");
  if (wait != nullptr) error.retry_after_ms = retry_after_ms(*wait, now);
  return error;
}

Result<std::optional<Value>> read_body(const Config& config, const HttpResponse& response) {
  using Kept = std::optional<Value>;
  if (response.body.empty()) return Kept();
  const ContentType content = content_type(response);
  const bool only_json = config.response == Config::Response::json;
  const std::size_t start = response.body.find_first_not_of(" \t\r\n");
  const bool looks_like_json =
      content.type.empty() && start != std::string::npos && std::string_view("{[").contains(response.body[start]);
  const bool wanted =
      config.response != Config::Response::text && (only_json || is_json_type(content.type) || looks_like_json);
  if (!wanted) return Kept(text_or_bytes(response, content));
  auto parsed = parse_json(text_of(response, content).value_or(response.body));
  if (parsed) return Kept(*std::move(parsed));
  if (looks_like_json && !only_json) return Kept(text_or_bytes(response, content));
  return fail(
      Kind::invalid, "http.bad_json",
      "the answer is no valid JSON (" + parsed.error().message + "), it begins with: " + start_of(response.body));
}

Result<Value> find_items(const Config& config, const Path& items, const Value& body) {
  const Value* found = items.find(body);
  if (found == nullptr) {
    return fail(Kind::invalid, "http.items", "the answer has nothing at \"" + config.items + "\": correct the path")
        .with_at("/items");
  }
  return *found;
}

Value full_answer(const HttpResponse& response, const std::optional<Value>& body) {
  ObjectBuilder headers;
  for (const auto& [name, value] : response.headers) {
    const Value key = header_text(lower(name));
    const Value text = header_text(value);
    const Value* before = headers.find(key.as_string());
    headers.set(key,
                before == nullptr ? text : std::string(before->as_string()) + ", " + std::string(text.as_string()));
  }
  return Value::object({{"status", response.status},
                        {"headers", headers.build()},
                        {"body", body.value_or(Value())},
                        {"url", header_text(response.url)}});
}

}  // namespace mbflow::nodes::http
