#include "server/once.h"

#include "base/hash.h"

#include <mbflow/json.h>

#include <algorithm>

namespace mbflow::server {
namespace {

constexpr std::size_t longest_key = 255;

bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= longest_key && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

Task<Result<store::Receipt>> take_receipt(Api& api, const Call& call) {
  const std::string given(call.request.header("idempotency-key"));
  if (!is_key(given)) {
    co_return fail(Kind::invalid, "request.idempotency_key", "an Idempotency-Key has 1 to 255 visible ASCII characters; a UUID will do");
  }
  const auto& request = call.request;
  store::Receipt receipt;
  receipt.tenant = call.who.tenant;
  receipt.key = call.who.actor() + ":" + given;
  // With the key or token itself, which the database does not hold: nobody guesses a short secret in the body from the hash.
  receipt.request = sha256(std::string(request.header("authorization")) + std::string(request.header("cookie")) + "\n" + request.method + "\n" + request.path + "?" + request.query + "\n" + request.body);
  receipt.subject = api.runtime.new_id();
  receipt.created_at = api.services.env.now();
  const std::string asked = receipt.request;
  MBF_CO_TRY(auto kept, co_await api.services.store.reserve(std::move(receipt)));
  if (kept.request != asked) {
    co_return fail(Kind::conflict, "request.idempotency_key", "this Idempotency-Key was sent with another call before; use a new one for each");
  }
  co_return kept;
}

std::optional<net::Response> kept_answer(const store::Receipt& receipt) {
  if (receipt.answer.empty()) return std::nullopt;
  auto json = parse_json(receipt.answer);
  if (!json) return std::nullopt;
  net::Response response;
  response.status = static_cast<int>((*json)["status"].as_integer());
  for (const auto& header : (*json)["headers"].members()) {
    response.headers.emplace_back(header.key.as_string(), header.value.as_string());
  }
  response.headers.emplace_back("idempotent-replayed", "true");
  response.body = (*json)["body"].as_string();
  return response;
}

bool is_lasting(const net::Response& response) { return response.status < 500 && response.status != 429; }

std::string answer_to_keep(const net::Response& response) {
  ObjectBuilder headers;
  for (const auto& [name, value] : response.headers) headers.set(name, value);
  return write_json(Value::object({{"status", response.status}, {"headers", headers.build()}, {"body", response.body}}));
}

}  // namespace mbflow::server
