#include "server/api.h"

#include "base/yaml.h"
#include "server/once.h"
#include "server/page.h"
#include "server/problem.h"
#include "server/router.h"
#include "server/web.h"

#include <mbflow/json.h>

#include <algorithm>

namespace mbflow::server {
namespace {

constexpr std::string_view webhook_prefix = "/webhooks/";

Error error(Kind kind, std::string_view code, std::string message) { return fail(kind, code, std::move(message)); }

// Browsers get nothing to sniff, frame or run, whatever a handler answered.
net::Response secured(net::Response response) {
  response.headers.emplace_back("x-content-type-options", "nosniff");
  const bool cached = std::ranges::any_of(response.headers, [](const auto& header) { return header.first == "cache-control"; });
  if (!cached) response.headers.emplace_back("cache-control", "no-store");
  response.headers.emplace_back("referrer-policy", "no-referrer");
  return response;
}

net::Response to_response(Reply reply) {
  net::Response response;
  response.status = reply.status;
  response.headers = std::move(reply.headers);
  const bool is_text = !reply.content_type.empty();
  if (!is_text && (reply.status == 204 || reply.status == 304)) return response;
  response.headers.emplace_back("content-type", is_text ? reply.content_type : "application/json");
  response.body = is_text ? std::move(reply.text) : write_json(reply.body);
  response.stream = std::move(reply.stream);
  return response;
}

Result<Value> read_body(const Route& route, const net::Request& request) {
  if (request.body.empty()) return Value();
  if (!route.has_body) return error(Kind::invalid, "request.body", "this call takes no body; leave it out");
  if (route.raw_body) return Value();
  const auto type = request.header("content-type");
  if (type.starts_with("application/yaml") || type.starts_with("application/x-yaml") || type.starts_with("text/yaml")) {
    MBF_TRY(auto located, parse_yaml(request.body));
    return std::move(located.value);
  }
  JsonOptions options;
  options.reject_duplicate_keys = true;
  return parse_json(request.body, options);
}

}  // namespace

Api::Api(ApiOptions how, runtime::Services& shared, runtime::Runtime& moving, std::vector<Loop*> loops,
         std::function<Loop*()> current)
    : options(std::move(how)),
      services(shared),
      runtime(moving),
      started(shared.env.now()),
      live(loops, current, options.glance),
      loops_(std::move(loops)),
      current_(std::move(current)) {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    keys_.push_back(std::make_unique<KeyCache>(services.store));
    webhooks_.push_back(std::make_unique<Webhooks>(services.store));
    evaluators_.push_back(std::make_unique<expr::Evaluator>());
  }
}

std::size_t Api::here() const {
  return static_cast<std::size_t>(std::find(loops_.begin(), loops_.end(), current_()) - loops_.begin());
}
KeyCache& Api::keys() { return *keys_[here()]; }
Webhooks& Api::webhooks() { return *webhooks_[here()]; }
expr::Evaluator& Api::evaluator() {
  auto& evaluator = *evaluators_[here()];
  evaluator.new_run();
  return evaluator;
}

// Starts are what can come in too great a number; all else must work while there are too many of them.
Result<void> Api::admit(const net::Request& head) {
  const bool starts = head.path.starts_with(webhook_prefix) ||
                      (head.method == "POST" && (head.path.ends_with("/execute") || head.path == "/api/v1/executions" || head.path == "/api/v1/events"));
  return starts && serves && ready ? runtime.check_room() : Result<void>();
}

Task<net::Response> Api::handle(net::Request request) {
  if (request.path.starts_with(webhook_prefix) && serves) co_return co_await answer_webhook(*this, std::move(request));
  if (serves) {
    if (auto page = answer_web(request, services.env)) co_return *std::move(page);
  }
  Match match = find_route(request.method, request.path);
  if (!match.route) {
    const bool wrong_method = !match.allowed.empty();
    auto response = problem(wrong_method ? error(Kind::invalid, "request.method", "this address answers to " + match.allowed)
                                         : error(Kind::not_found, "request.path", "there is nothing at this address"),
                            wrong_method ? 405 : 404);
    if (wrong_method) response.headers.emplace_back("allow", match.allowed);
    co_return secured(std::move(response));
  }
  Call call{std::move(request), {}, std::move(match.params), {}};
  co_return secured(co_await answer(*match.route, std::move(call)));
}

Task<net::Response> Api::answer(const Route& route, Call call) {
  if (!serves && route.pattern.starts_with("/api/")) {
    co_return problem(error(Kind::unavailable, "server.role", "this process does not serve the API; ask one that has the role api"));
  }
  if (route.permission != Permission::open) {
    std::string authorization(call.request.header("authorization"));
    auto identity = co_await keys().identify(std::move(authorization));
    if (!identity) co_return problem(identity.error(), identity.error().kind == Kind::denied ? 401 : 0);
    call.who = *std::move(identity);
    if (!call.who.may(route.permission)) {
      co_return problem(error(Kind::denied, "auth.role", "the role '" + call.who.role + "' may not do this"));
    }
  }
  auto body = read_body(route, call.request);
  if (!body) co_return problem(body.error());
  call.body = *std::move(body);
  const bool once = route.method == "POST" && route.permission > Permission::read && !call.request.header("idempotency-key").empty();
  if (once) co_return co_await answer_once(route, std::move(call));
  co_return co_await perform(route, std::move(call));
}

Task<net::Response> Api::perform(const Route& route, Call call) {
  auto reply = co_await route.handler(*this, std::move(call));
  if (!reply) co_return problem(reply.error());
  co_return to_response(*std::move(reply));
}

Task<net::Response> Api::answer_once(const Route& route, Call call) {
  auto receipt = co_await take_receipt(*this, call);
  if (!receipt) co_return problem(receipt.error());
  if (auto kept = kept_answer(*receipt)) co_return *std::move(kept);
  call.subject = receipt->subject;
  auto response = co_await perform(route, std::move(call));
  if (!is_lasting(response)) co_return response;
  auto settled = co_await services.store.settle(receipt->tenant, receipt->key, answer_to_keep(response));
  // What was done is done; that the same call would do it anew must not be kept from whoever relies on the key.
  if (!settled) co_return problem(settled.error());
  co_return response;
}

}  // namespace mbflow::server
