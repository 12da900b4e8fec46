#include "call.h"

#include "nodes/config_parse.h"

#include <mbflow/json.h>
#include <mbflow/text.h>

#include <algorithm>

namespace mbflow::nodes::http {
namespace {

using Method = Config::Method;
using BodyType = Config::BodyType;
using AuthType = Config::Auth::Type;

constexpr std::string_view key_header = "Idempotency-Key";

// What the node would set by itself yields to what the user set.
void set_unless_there(Headers& headers, std::string_view name, std::string value) {
  if (find_header(headers, name) == nullptr) headers.emplace_back(std::string(name), std::move(value));
}

Result<void> add_header(Headers& headers, std::string_view name, const std::string& value) {
  if (!is_valid_header(name, value)) {
    return fail(Kind::invalid, "http.header",
                "the header \"" + std::string(name.substr(0, 100)) +
                    "\" has a line break or another character that headers may not have: take it out");
  }
  headers.emplace_back(std::string(name), value);
  return {};
}

Result<Headers> user_headers(const Config& config) {
  Headers headers;
  for (const Member& member : config.headers.members()) {
    if (member.value.is_null()) continue;
    auto added = add_header(headers, member.key.as_string(), plain_text(member.value));
    if (!added) return in_member(in_member(std::move(added).error(), member.key.as_string()), "headers");
  }
  return headers;
}

Result<void> add_auth(const Config& config, Headers& headers, Url& url) {
  if (!config.auth || config.auth->type == AuthType::none) return {};
  const Config::Auth& auth = *config.auth;
  if (auth.type == AuthType::query) {
    url.set_query(*auth.name, *auth.value);
    return {};
  }
  const bool named = auth.type == AuthType::header;
  const std::string name = named ? *auth.name : "Authorization";
  if (find_header(headers, name) != nullptr) return {};
  const std::string value = named ? *auth.value
                            : auth.type == AuthType::basic
                                ? "Basic " + base64_encode(*auth.username + ":" + auth.password)
                                : "Bearer " + *auth.token;
  auto added = add_header(headers, name, value);
  if (!added) return in_member(std::move(added).error(), "auth");
  return {};
}

Error bad_body(std::string_view message) {
  return fail(Kind::invalid, "http.body", std::string(message)).with_at("/body");
}

// {"data": text} or {"data_base64": bytes}, as an answer that is no text comes in.
std::optional<std::string> bytes_of(const Value& value) {
  if (const Value* text = value.find("data_base64")) return base64_decode(text->as_string());
  if (const Value* text = value.find("data"); text != nullptr && text->is_string())
    return std::string(text->as_string());
  return std::nullopt;
}

bool is_bytes(const Value& value) { return value.find("data_base64") != nullptr || value.find("data") != nullptr; }

Result<HttpRequest::Part> part_of(std::string_view name, const Value& value) {
  HttpRequest::Part part;
  part.name = name;
  if (!value.is_object() || !is_bytes(value)) {
    part.data = plain_text(value);
    if (value.is_object() || value.is_array()) part.content_type = "application/json";
    return part;
  }
  auto bytes = bytes_of(value);
  if (!bytes)
    return bad_body("the part \"" + std::string(name) + "\" is neither text in data nor Base64 in data_base64");
  part.data = *std::move(bytes);
  part.filename = value["filename"].as_string();
  part.content_type = value["content_type"].as_string();
  return part;
}

Result<void> write_parts(const Value& body, HttpRequest& request) {
  if (!body.is_object()) return bad_body("a form with files is an object {\"name\": value}: give the body as one");
  for (const Member& member : body.members()) {
    const bool list = member.value.is_array();
    const std::span<const Value> values = list ? member.value.elements() : std::span<const Value>(&member.value, 1);
    for (const Value& value : values) {
      if (value.is_null()) continue;
      MBF_TRY(request.parts.emplace_back(), part_of(member.key.as_string(), value));
    }
  }
  return {};
}

Result<void> write_raw(const Value& body, HttpRequest& request) {
  if (!body.is_object() || !is_bytes(body)) {
    if (body.is_object() || body.is_array())
      return bad_body("a raw body is a text: choose JSON, or give {\"data_base64\": …}");
    request.body = plain_text(body);
    set_unless_there(request.headers, "Content-Type", "text/plain; charset=utf-8");
    return {};
  }
  auto bytes = bytes_of(body);
  if (!bytes) return bad_body("data_base64 is not valid Base64");
  request.body = *std::move(bytes);
  const std::string_view type = body["content_type"].as_string();
  set_unless_there(request.headers, "Content-Type", std::string(type.empty() ? "application/octet-stream" : type));
  return {};
}

Result<void> write_body(const Config& config, HttpRequest& request) {
  BodyType type = config.body_type;
  if (!config.body || type == BodyType::none) return {};
  const Value& body = *config.body;
  if (body.is_null() && type != BodyType::json) return {};
  if (type == BodyType::auto_) type = body.is_string() ? BodyType::raw : BodyType::json;
  if (type == BodyType::multipart) return write_parts(body, request);
  if (type == BodyType::raw) return write_raw(body, request);
  if (type == BodyType::form) {
    if (!body.is_object()) return bad_body("a form is an object {\"name\": value}: give the body as one");
    request.body = form_encode(body);
    set_unless_there(request.headers, "Content-Type", "application/x-www-form-urlencoded");
    return {};
  }
  request.body = write_json(body);
  set_unless_there(request.headers, "Content-Type", "application/json");
  return {};
}

}  // namespace

Result<Call> Call::make(const Config& config, Context& context) {
  Call call;
  auto url = Url::parse(config.url);
  if (!url) return in_member(std::move(url).error(), "url");
  call.first = *std::move(url);
  const std::string query = form_encode(config.query);
  if (!query.empty()) call.first.query += (call.first.query.empty() ? "?" : "&") + query;
  HttpRequest& request = call.base;
  request.method = to_string(config.method);
  MBF_TRY(request.headers, user_headers(config));
  MBF_CHECK(add_auth(config, request.headers, call.first));
  MBF_CHECK(write_body(config, request));
  set_unless_there(request.headers, "Accept", "application/json, text/plain, */*");
  call.own_key = find_header(request.headers, key_header) == nullptr;
  if (call.own_key) request.headers.emplace_back(key_header, context.idempotency_key());
  request.timeout = std::min(config.timeout, context.time_left());
  request.max_redirects = config.follow_redirects ? static_cast<int>(config.max_redirects) : 0;
  request.max_body = config.max_bytes;
  request.verify_tls = config.verify_tls;
  request.proxy = config.proxy;
  request.credential = config.credential;
  return call;
}

Result<HttpRequest> Call::to(const Url& url, int page) const {
  HttpRequest request = base;
  request.url = url.text();
  if (own_key && page > 1) {
    // Each page is a request of its own: with one key for all, a server that honours keys would repeat the first
    // answer.
    for (auto& [name, value] : request.headers) {
      if (name == key_header) value += "-" + std::to_string(page);
    }
  }
  if (url.same_origin(first)) return request;
  if (request.method != "GET" && request.method != "HEAD") {
    return fail(Kind::invalid, "http.next_origin",
                "the next page is on another server, " + url.shown() + ": fetch it with a node of its own");
  }
  request.credential.clear();
  std::erase_if(request.headers, [](const auto& header) {
    constexpr std::string_view harmless[] = {"accept", "accept-language", "user-agent"};
    return std::ranges::none_of(harmless, [&](std::string_view name) { return is_same_header(header.first, name); });
  });
  return request;
}

}  // namespace mbflow::nodes::http
