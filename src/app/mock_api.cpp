#include "app/mock_api.h"

#include "app/mock_answers.h"
#include "net/server.h"

#include <mbflow/json.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <optional>

namespace mbflow::app {
namespace {

using net::Request;
using net::Response;

constexpr std::size_t most_keys = 1'000'000;
constexpr std::int64_t longest_delay_ms = 60'000;

// All of it is touched by the one loop of the server.
struct MockApi {
  Loop& loop;
  std::int64_t next_item = 1;
  std::unordered_map<std::string, std::int64_t> deliveries;  // by Idempotency-Key, or by method and target without one
  std::unordered_map<std::string, Response> answered;        // POST /items by Idempotency-Key
};

Response json(int status, const Value& body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("content-type", "application/json");
  response.body = write_json(body);
  return response;
}

Response problem(int status, std::string_view detail) {
  return json(status, Value::object({{"error", Value::object({{"message", detail}})}}));
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// A number in the query such as ?status=503; 0 when it is not there.
std::int64_t query_number(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=') {
      return number(part.substr(name.size() + 1)).value_or(0);
    }
  }
  return 0;
}

std::string delivery_key(const Request& request) {
  const auto key = request.header("idempotency-key");
  return key.empty() ? request.method + " " + request.target : std::string(key);
}

Response users(std::string_view path) {
  constexpr std::string_view folder = "/users/";
  if (path == "/users") return json(200, mock_users());
  const auto id = number(path.substr(folder.size()));
  const Value users = mock_users();
  for (const auto& user : users.elements()) {
    if (id && user["id"].as_integer() == *id) return json(200, user);
  }
  return problem(404, "no such user");
}

Response create_item(MockApi& api, const Request& request) {
  const std::string key(request.header("idempotency-key"));
  if (const auto known = api.answered.find(key); known != api.answered.end()) return known->second;
  auto body = parse_json(request.body);
  if (!body) return problem(400, body.error().message);
  const Value item = body->is_object() ? *body : Value::object({{"value", *body}});
  Response response = json(201, item.with("id", api.next_item++));
  if (!key.empty() && api.answered.size() < most_keys) api.answered.emplace(key, response);
  return response;
}

Response item(std::string_view path) {
  constexpr std::string_view folder = "/items/";
  const auto id = number(path.substr(folder.size()));
  if (!id) return problem(404, "no such item");
  return json(200, Value::object({{"id", *id}, {"name", "Item " + std::to_string(*id)}}));
}

Response chat(const Request& request) {
  auto body = parse_json(request.body);
  if (!body) return problem(400, body.error().message);
  auto answer = mock_chat(*body);
  return answer ? json(200, *answer) : problem(400, answer.error().message);
}

Response save(const Request& request) {
  auto body = parse_json(request.body);
  if (!body) return problem(400, body.error().message);
  const auto count = static_cast<std::int64_t>(body->is_array() ? body->size() : 1);
  return json(201, Value::object({{"saved", true}, {"count", count}}));
}

Response counts(const MockApi& api) {
  ObjectBuilder keys;
  keys.reserve(api.deliveries.size());
  std::int64_t total = 0;
  for (const auto& [key, times] : api.deliveries) {
    keys.append(Value(key), times);
    total += times;
  }
  return json(200, Value::object({{"total", total}, {"deliveries", keys.build()}}));
}

Response route(MockApi& api, const Request& request) {
  const std::string_view path = request.path;
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (get && (path == "/users" || path.starts_with("/users/"))) return users(path);
  if (post && path == "/items") return create_item(api, request);
  if (path.starts_with("/items/")) return item(path);
  if (post && path == "/v1/chat/completions") return chat(request);
  if (post && path == "/save") return save(request);
  if (get && path == "/slow") return json(200, Value::object({{"slow", true}}));
  return problem(404, "no such path; mbflow mock-api answers /users /items /save /slow /counts and /v1/chat/completions");
}

std::int64_t delay_of(const Request& request) {
  std::int64_t delay = query_number(request.query, "delay_ms");
  if (request.path == "/slow") {
    delay = query_number(request.query, "ms");
    if (delay == 0) delay = 1'000;
  }
  return std::min(delay, longest_delay_ms);
}

Task<Response> answer(MockApi& api, Request request) {
  if (request.path == "/healthz") co_return json(200, Value::object({{"status", "ok"}}));
  if (request.path == "/counts") co_return counts(api);
  const std::string key = delivery_key(request);
  if (api.deliveries.size() >= most_keys) api.deliveries.clear();
  const std::int64_t delivered = ++api.deliveries[key];
  if (const auto delay = delay_of(request); delay > 0) {
    const Duration pause = std::chrono::milliseconds(delay);
    co_await sleep_for(api.loop, pause, request.gone);
  }
  if (delivered <= query_number(request.query, "fail_first")) co_return problem(503, "not yet: fail_first");
  const std::int64_t status = query_number(request.query, "status");
  Response response = route(api, request);
  if (status >= 200 && status <= 599) response.status = static_cast<int>(status);
  co_return response;
}

std::optional<net::ServerOptions> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = number(text.substr(colon + 1));
  auto address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  if (!port || *port > 65'535 || address.empty()) return std::nullopt;
  net::ServerOptions options;
  options.address = std::string(address);
  options.port = static_cast<std::uint16_t>(*port);
  return options;
}

// Blocks the signals for the threads made later too, so that only wait_for_signal() sees them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

int mock_api_main(std::string listen) {
  auto options = parse_listen(listen);
  if (!options) {
    std::fprintf(stderr, "error: '%s' is not ADDRESS:PORT; write 127.0.0.1:8090\n", listen.c_str());
    return 2;
  }
  const sigset_t signals = block_signals();
  net::Loops loops(1);
  MockApi api{loops.loop(0), 1, {}, {}};
  auto server = net::Server::listen(loops, *options, [&api](Request request) { return answer(api, std::move(request)); });
  if (!server) {
    std::fprintf(stderr, "error: %s\n", server.error().message.c_str());
    return 1;
  }
  loops.run();
  std::printf("mock API on http://%s:%d\n", options->address.c_str(), (*server)->port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  (*server)->drain(std::chrono::seconds(1));
  return 0;
}

}  // namespace mbflow::app
