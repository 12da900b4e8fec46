#include "nodes/testing/fakes.h"

#include "base/time.h"

#include <mbflow/json.h>

#include <algorithm>
#include <array>

namespace mbflow::nodes {
namespace {

Value headers_value(const Headers& headers) {
  ObjectBuilder object;
  for (const auto& [name, value] : headers) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    object.set(lower, value);
  }
  return object.build();
}

Value parts_value(const std::vector<HttpRequest::Part>& parts) {
  std::vector<Value> values;
  for (const auto& part : parts) {
    values.push_back(Value::object(
        {{"name", part.name}, {"filename", part.filename}, {"content_type", part.content_type}, {"data", part.data}}));
  }
  return Value::array(std::move(values));
}

Value seen(const HttpRequest& request) {
  return Value::object({{"method", request.method},
                        {"url", request.url},
                        {"headers", headers_value(request.headers)},
                        {"body", request.body},
                        {"parts", parts_value(request.parts)},
                        {"timeout_ms", static_cast<std::int64_t>(request.timeout.count())},
                        {"max_redirects", request.max_redirects},
                        {"verify_tls", request.verify_tls},
                        {"proxy", request.proxy}});
}

// A recorded body that is not text is compared as JSON; a recorded header of null must be absent.
bool agrees(std::string_view key, const Value& expected, const Value& found) {
  if (key == "headers") {
    return std::ranges::all_of(expected.members(), [&](const Member& header) {
      const Value* value = found.find(header.key.as_string());
      return header.value.is_null() ? value == nullptr : value != nullptr && *value == header.value;
    });
  }
  if (key != "body" || expected.is_string()) return expected == found;
  const auto parsed = parse_json(found.as_string());
  return parsed && *parsed == expected;
}

HttpResponse response_from(const Value& recorded, const HttpRequest& request) {
  HttpResponse response;
  response.status = recorded.find("status") == nullptr ? 200 : static_cast<int>(recorded["status"].as_integer());
  const Value& body = recorded["body"];
  for (const Member& header : recorded["headers"].members()) {
    response.headers.emplace_back(header.key.as_string(), header.value.as_string());
  }
  if (body.is_string()) {
    response.body = body.as_string();
  } else if (!body.is_null()) {
    response.body = write_json(body);
    response.headers.emplace_back("Content-Type", "application/json");
  }
  for (const Value& byte : recorded["bytes"].elements()) response.body += static_cast<char>(byte.as_integer());
  response.url = recorded["url"].is_string() ? std::string(recorded["url"].as_string()) : request.url;
  return response;
}

}  // namespace

Error error_from(const Value& value) {
  Kind kind = Kind::invalid;
  for (const Kind known : {Kind::denied, Kind::not_found, Kind::conflict, Kind::limited, Kind::timeout,
                           Kind::unavailable, Kind::internal}) {
    if (to_string(known) == value["kind"].as_string()) kind = known;
  }
  return fail(kind, value["code"].as_string(), std::string(value["message"].as_string()));
}

Task<Result<HttpResponse>> RecordedHttp::send(HttpRequest request, std::stop_token) {
  const Value exchange = exchanges_[sent_++];
  const Value found = seen(request);
  if (!exchange.is_object()) faults_.push_back("no exchange is recorded for " + write_json_pretty(found));
  for (const Member& member : exchange["request"].members()) {
    const std::string_view key = member.key.as_string();
    if (agrees(key, member.value, found[key])) continue;
    faults_.push_back("request " + std::to_string(sent_) + ", " + std::string(key) + ": expected " +
                      write_json(member.value) + ", sent " + write_json(found[key]));
  }
  if (exchange["error"].is_object()) co_return error_from(exchange["error"]);
  co_return response_from(exchange["response"], request);
}

FakeContext::FakeContext(const Value& test, std::vector<std::vector<Item>> edges)
    : edges_(std::move(edges)), resumed_(test["resumed"].as_bool()), http_(test["http"]), sandbox_(test["sandbox"]),
      credentials_(test["credentials"]) {
  const auto now = parse_timestamp(test["now"].is_string() ? test["now"].as_string() : "2026-01-02T03:04:05Z");
  if (now) now_ = *now;
  if (test["attempt"].is_integer()) attempt_ = static_cast<int>(test["attempt"].as_integer());
  if (test["memory_limit"].is_integer()) memory_limit_ = static_cast<std::size_t>(test["memory_limit"].as_integer());
  for (const auto& edge : edges_) {
    items_.insert(items_.end(), edge.begin(), edge.end());
    inputs_.push_back(Input{"main", "source", edge});
  }
}

// A case names what the node would be given: "credentials": {"name": {"type": "smtp", "fields": {…}, "secrets": {…}}}.
Task<Result<Credential>> FakeContext::credential(std::string reference, std::string type) {
  const Value* known = credentials_.find(reference);
  if (known == nullptr) co_return fail(Kind::invalid, "credential.unknown", "there is no credential '" + reference + "'");
  if ((*known)["type"].as_string() != type) co_return fail(Kind::invalid, "credential.type", "it is of another type");
  Credential credential;
  credential.type = type;
  for (const auto& [name, value] : (*known)["fields"].members()) credential.fields.emplace(name.as_string(), value.as_string());
  for (const auto& [name, value] : (*known)["secrets"].members()) credential.secrets.emplace(name.as_string(), Secret(value.as_string()));
  co_return credential;
}

Task<Result<std::span<const Item>>> FakeContext::next_items() {
  const std::size_t first = std::exchange(streamed_, std::min(streamed_ + 2, items_.size()));
  co_return std::span<const Item>(items_).subspan(first, streamed_ - first);
}

Task<Result<void>> FakeContext::gather() {
  in_memory_ = true;
  co_return {};
}

Task<Result<void>> FakeContext::give(Output part) {
  for (auto& port : part.ports()) {
    for (auto& item : port.items) given_.add_to(port.name, std::move(item));
  }
  co_return {};
}

Output FakeContext::all_given(Output last) {
  if (given_.ports().empty()) return last;
  for (auto& port : last.ports()) {
    for (auto& item : port.items) given_.add_to(port.name, std::move(item));
  }
  return std::move(given_);
}

void FakeContext::log(LogLevel level, std::string_view message) {
  constexpr std::array<std::string_view, 4> levels = {"debug", "info", "warn", "error"};
  log_.emplace_back(std::string(levels[static_cast<std::size_t>(level)]) + ": " + std::string(message));
}

Task<Result<Value>> FakeContext::sandbox(SandboxJob job) {
  const Value recorded = sandbox_[jobs_++];
  if (recorded["error"].is_object()) co_return error_from(recorded["error"]);
  if (recorded["program"].is_string() && recorded["program"].as_string() != job.program) {
    co_return fail(Kind::internal, "test.sandbox", "another program was expected: " + job.program);
  }
  co_return recorded["output"];
}

}  // namespace mbflow::nodes
