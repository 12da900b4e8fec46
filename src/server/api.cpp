#include "server/api.h"

#include "base/yaml.h"
#include "model/mermaid.h"
#include "server/caller.h"
#include "server/live/live.h"
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
  response.upgrade = std::move(reply.upgrade);
  if (response.upgrade) return response;
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
  if (type.starts_with("text/vnd.mermaid")) {
    MBF_TRY(auto located, parse_mermaid(request.body));
    return std::move(located.value);
  }
  JsonOptions options;
  options.reject_duplicate_keys = true;
  return parse_json(request.body, options);
}

// Who is not known is asked who they are; who is, and did not keep the rules, is refused.
int refusal_status(const Error& error) { return error.kind == Kind::denied && error.code != "auth.csrf" ? 401 : 0; }

Error not_allowed(const Identity& who) {
  if (who.role.empty()) return error(Kind::denied, "auth.role", "this user is member of no tenant; ask an admin of one");
  return error(Kind::denied, "auth.role", "the role '" + who.role + "'" + (who.scopes.empty() ? "" : " with the scopes of this key") + " may not do this");
}

// What changes what a tenant has, or who may; what runs has its own journal.
bool is_noted(const Route& route) {
  return route.noted || (route.method != "GET" && (route.permission == Permission::self || route.permission >= Permission::write));
}

Error too_fast(Duration wait, std::string_view what) {
  Error error = fail(Kind::limited, "rate.limited", "too many calls of " + std::string(what) + "; wait as long as Retry-After says");
  error.retry_after_ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  return error;
}

}  // namespace

Api::Api(ApiOptions how, runtime::Services& shared, runtime::Runtime& moving, std::vector<Loop*> loops,
         std::function<Loop*()> current)
    : options(std::move(how)),
      services(shared),
      runtime(moving),
      started(shared.env.now()),
      sign_in(shared.store, shared.env, options.tenant, options.first_start),
      loops_(std::move(loops)),
      current_(std::move(current)),
      live_(std::make_unique<LiveHub>(*this, loops_, current_, options.glance)),
      key_rate_(options.rates.key, options.rates.key),
      tenant_rate_(options.rates.tenant, options.rates.tenant),
      workflow_rate_(options.rates.workflow, options.rates.workflow) {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    callers_.push_back(std::make_unique<Callers>(services.store, services.env, options.sessions, options.tenant));
    webhooks_.push_back(std::make_unique<Webhooks>(services.store));
    providers_.push_back(std::make_unique<Provider>(services.http, services.env, options.oidc));
    evaluators_.push_back(std::make_unique<expr::Evaluator>());
  }
}

Api::~Api() = default;

std::size_t Api::here() const {
  return static_cast<std::size_t>(std::find(loops_.begin(), loops_.end(), current_()) - loops_.begin());
}
Callers& Api::callers() { return *callers_[here()]; }
Task<Result<Identity>> Api::identify(const net::Request& request) { return callers().identify(request); }
Webhooks& Api::webhooks() { return *webhooks_[here()]; }
Provider& Api::provider() { return *providers_[here()]; }
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
    auto identity = co_await identify(call.request);
    if (!identity) co_return problem(identity.error(), refusal_status(identity.error()));
    call.who = *std::move(identity);
    if (!call.who.may(route)) co_return problem(not_allowed(call.who));
    if (auto within = check_rate(call.who); !within) co_return problem(within.error());
  }
  auto body = read_body(route, call.request);
  if (!body) co_return problem(body.error());
  call.body = *std::move(body);
  const bool once = route.method == "POST" && route.permission > Permission::read && !route.secret && !call.request.header("idempotency-key").empty();
  if (once) co_return co_await answer_once(route, std::move(call));
  co_return co_await perform_noted(route, std::move(call));
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
  auto response = co_await perform_noted(route, std::move(call));
  if (!is_lasting(response)) co_return response;
  auto settled = co_await services.store.settle(receipt->tenant, receipt->key, answer_to_keep(response));
  // What was done is done; that the same call would do it anew must not be kept from whoever relies on the key.
  if (!settled) co_return problem(settled.error());
  co_return response;
}

// The row is on disk before the answer: nobody hears of a change that is not in the log.
Task<net::Response> Api::perform_noted(const Route& route, Call call) {
  if (!is_noted(route)) co_return co_await perform(route, std::move(call));
  Identity who = call.who;
  std::string target;
  for (const auto& param : call.params) target += (target.empty() ? "" : "/") + param;
  std::string address = caller_address(call.request, options.trusted_proxies);
  auto response = co_await perform(route, std::move(call));
  if (response.status >= 400) co_return response;
  if (target.empty()) {
    if (const auto body = parse_json(response.body)) target = (*body)["id"].as_string();
  }
  Value detail = Value::object({{"status", response.status}});
  auto noted = co_await note(std::move(who), std::string(route.operation), std::move(target), std::move(address), std::move(detail));
  if (!noted) co_return problem(noted.error());
  co_return response;
}

Task<Result<void>> Api::note(Identity who, std::string action, std::string target, std::string address, Value detail) {
  store::AuditRow row;
  row.at = services.env.now();
  row.tenant = who.tenant;
  row.actor = who.actor();
  row.action = std::move(action);
  row.target = std::move(target);
  row.detail = std::move(detail);
  row.address = std::move(address);
  MBF_CO_CHECK(co_await services.store.directory().add_audit(std::move(row)));
  co_return Result<void>();
}

Result<void> Api::check_rate(const Identity& who) {
  const auto now = services.env.now();
  if (options.rates.key > 0) {
    if (const auto wait = key_rate_.take(who.actor(), now)) return too_fast(*wait, "this caller");
  }
  if (options.rates.tenant > 0) {
    if (const auto wait = tenant_rate_.take(who.tenant.raw(), now)) return too_fast(*wait, "this tenant");
  }
  return {};
}

Result<void> Api::check_rate(WorkflowId workflow) {
  if (options.rates.workflow <= 0) return {};
  const auto wait = workflow_rate_.take(workflow.raw(), services.env.now());
  return wait ? too_fast(*wait, "this workflow") : Result<void>();
}

}  // namespace mbflow::server
