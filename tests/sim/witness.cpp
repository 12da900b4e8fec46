#include "sim/witness.h"

#include <mbflow/json.h>

namespace mbflow::sim {
namespace {

Error no_answer_in_time() { return fail(Kind::timeout, "http.timeout", "the witness keeps silent"); }
Error given_up() { return fail(Kind::conflict, "http.cancelled", "the call was given up"); }

HttpResponse response_of(const HttpRequest& request, int status, const Value& body) {
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/json");
  response.body = write_json(body);
  response.url = request.url;
  return response;
}

// The n-th way to fail; nothing: silence.
Witness::Answer failure(const HttpRequest& request, std::uint64_t n) {
  if (n % 3 == 0) return std::nullopt;
  auto response = response_of(request, n % 3 == 1 ? 500 : 429, Value::object());
  if (n % 3 == 2) response.headers.emplace_back("Retry-After", "1");
  return Result<HttpResponse>(std::move(response));
}

}  // namespace

Witness::Answer Witness::hear(const HttpRequest& request, Delivery delivery) {
  delivery.arrived = ledger_.next();
  delivery.at = world_.now();
  const int before = heard_[delivery.key]++;
  const auto nature = mix(digest(delivery.node) ^ mix(static_cast<std::uint64_t>(delivery.request * 64 + delivery.item)));
  const Value answer = Value::object({{"r", delivery.request},
                                      {"i", delivery.item},
                                      {delivery.node, static_cast<std::int64_t>(nature % 1000)}});
  const std::string mode = delivery.mode;
  const bool deadly = mode == "kill" && delivery.request == victim && kill;
  const int process = delivery.process;
  ledger_.deliveries.push_back(std::move(delivery));
  if (deadly) {
    kill(process);
    return std::nullopt;
  }
  if (mode == "down") return Result<HttpResponse>(response_of(request, 503, Value::object()));
  if (mode == "bad" && nature % 4 == 0) return Result<HttpResponse>(response_of(request, 404, Value::object()));
  if (mode == "flaky" && !calm_ && before < static_cast<int>(nature % 3)) {
    return failure(request, nature / 3 + static_cast<std::uint64_t>(before));
  }
  return Result<HttpResponse>(response_of(request, 200, answer));
}

void WitnessLine::die() {
  dead_ = true;
  for (const auto& [number, give_up] : waiting_) give_up();
  waiting_.clear();
}

Task<Result<HttpResponse>> WitnessLine::send(HttpRequest request, std::stop_token stop) {
  if (dead_) co_return given_up();
  const auto body = parse_json(request.body);
  const auto* key = find_header(request.headers, "Idempotency-Key");
  const Standing standing = standing_();
  Delivery delivery;
  delivery.sent = witness_.ledger().next();
  delivery.process = standing.process;
  delivery.had_lease = standing.has_lease;
  delivery.just_thawed = standing.just_thawed;
  delivery.key = key ? *key : std::string();
  delivery.execution = (*body)["execution"].as_string();
  delivery.node = (*body)["node"].as_string();
  delivery.request = (*body)["r"].as_integer();
  delivery.item = (*body)["i"].as_integer();
  delivery.mode = request.url.substr(request.url.rfind('/') + 1);

  OneShot<Result<HttpResponse>> answer(own_);
  const auto setter = answer.setter();
  const std::uint64_t number = ++last_call_;
  waiting_.emplace(number, [setter] { setter.set(given_up()); });
  const std::stop_callback on_stop(std::move(stop), [setter] { setter.set(given_up()); });
  const bool survives = witness_.survives();
  const Duration back = witness_.way();
  witness_.world().after(witness_.way(), [this, request, delivery, setter, survives, back] {
    if (dead_ && !survives) return;
    auto said = witness_.hear(request, delivery);
    if (!said) return;
    witness_.world().after(back, [setter, said = *std::move(said)] { setter.set(said); });
  });
  Callback too_late = [setter] { setter.set(no_answer_in_time()); };
  const auto timer = own_.after(request.timeout, std::move(too_late));
  auto heard = co_await answer.wait();
  own_.cancel(timer);
  waiting_.erase(number);
  co_return heard;
}

}  // namespace mbflow::sim
