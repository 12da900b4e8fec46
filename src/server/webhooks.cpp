#include "server/webhooks.h"

#include "server/api.h"
#include "server/caller.h"
#include "server/problem.h"

#include <mbflow/json.h>

#include <algorithm>
#include <array>

namespace mbflow::server {
namespace {

constexpr std::string_view prefix = "/webhooks/";

// What a caller hears of a failure inside: enough to find the run, nothing of its data.
net::Response failed_run(const ExecutionId& id, std::string_view code) {
  return problem(fail(Kind::internal, code, "the workflow did not succeed; see execution " + id.to_string()), 500);
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

// What frames an answer, and what a browser would keep of it for all of our origin.
constexpr std::array<std::string_view, 14> not_of_workflows = {
    "alt-svc",  "clear-site-data", "connection",             "content-length",  "content-security-policy",   "nel",
    "report-to", "reporting-endpoints", "service-worker-allowed", "set-cookie", "strict-transport-security", "transfer-encoding",
    "upgrade",  "x-content-type-options"};

// Answers of workflows are data from strangers on our origin: never a page that can run (S13). Set after the workflow's own.
net::Response boxed(net::Response response) {
  std::erase_if(response.headers, [](const auto& header) { return std::ranges::find(not_of_workflows, lower(header.first)) != not_of_workflows.end(); });
  response.headers.emplace_back("content-security-policy", "sandbox");
  response.headers.emplace_back("x-content-type-options", "nosniff");
  return response;
}

net::Response accepted(const ExecutionId& id, ExecutionStatus status) {
  net::Response response;
  response.status = 202;
  response.headers.emplace_back("content-type", "application/json");
  response.body = write_json(Value::object({{"id", id.to_string()}, {"status", to_string(status)}}));
  return response;
}

Task<net::Response> answer_result(Api& api, runtime::Started started) {
  auto outcome = co_await api.runtime.outcome(started, api.options.webhook_wait);
  if (!outcome) co_return problem(outcome.error());
  const auto& ending = *outcome;
  if (!ending) co_return accepted(started.id, started.status_now());
  const bool answered = ending->response.is_object();
  if (ending->status != ExecutionStatus::succeeded && !answered) co_return failed_run(started.id, "webhook.run_failed");
  auto answer = trigger::make_answer(ending->response, ending->output);
  net::Response response;
  response.status = answer.status;
  for (auto& [name, value] : answer.headers) response.headers.emplace_back(lower(name), std::move(value));
  response.body = std::move(answer.body);
  co_return response;
}

Task<Result<net::Response>> run_webhook(Api& api, net::Request request) {
  const std::string_view path = std::string_view(request.path).substr(prefix.size());
  std::string key(path);
  MBF_CO_TRY(auto route, co_await api.webhooks().find(request.method, std::move(key)));
  MBF_CO_CHECK(api.check_rate(route.workflow));
  MBF_CO_CHECK(api.runtime.check_room(route.tenant, route.workflow));  // before anything is made of the body
  MBF_CO_TRY(auto program, co_await api.runtime.program(route.tenant, route.workflow, route.version));
  const NodeIndex node = program->plan->find(route.node_id);
  if (node == no_node) co_return fail(Kind::not_found, "webhook.unknown", "there is no webhook at this address");
  const Value& config = program->plan->workflow.nodes[node].config;
  const std::string peer = caller_address(request, api.options.trusted_proxies);
  const trigger::WebhookCall call{request.method, path, request.query, request.headers, request.body, api.services.env.now(), peer};
  MBF_CO_CHECK(trigger::authorize(config, call));
  MBF_CO_TRY(auto item, trigger::make_item(call, config));
  const bool wants_result = config["respond"].as_string() == "result";

  runtime::StartRequest start;
  start.tenant = route.tenant;
  start.program = std::move(program);
  start.trigger = "webhook";
  start.entry = route.node_id;
  start.input = std::move(item);
  start.awaited = wants_result;
  MBF_CO_TRY(auto started, co_await api.runtime.start(std::move(start)));
  if (!wants_result) co_return accepted(started.id, started.status);
  co_return co_await answer_result(api, std::move(started));
}

}  // namespace

Task<Result<void>> Webhooks::refresh() {
  const auto version = store_.catalog_version();
  if (loaded_ && version == version_) co_return Result<void>();
  MBF_CO_TRY(auto all, co_await store_.routes());
  by_path_.clear();
  for (auto& route : all) by_path_[route.path].push_back(std::move(route));
  version_ = version;
  loaded_ = true;
  co_return Result<void>();
}

Task<Result<store::WebhookRoute>> Webhooks::find(std::string method, std::string path) {
  MBF_CO_CHECK(co_await refresh());
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) co_return fail(Kind::not_found, "webhook.unknown", "there is no webhook at this address");
  for (const auto& route : found->second) {
    if (route.method != method && route.method != "*") continue;
    if (!route.enabled) co_return fail(Kind::not_found, "webhook.disabled", "this webhook is switched off");
    co_return route;
  }
  co_return fail(Kind::invalid, "webhook.method", "this webhook does not answer to " + method);
}

Task<net::Response> answer_webhook(Api& api, net::Request request) {
  if (!api.ready) co_return problem(fail(Kind::unavailable, "server.starting", "the server is starting; try again in a moment"));
  auto response = co_await run_webhook(api, std::move(request));
  if (response) co_return boxed(*std::move(response));
  const Error& error = response.error();
  const int status = error.code == "webhook.denied" ? 401 : error.code == "webhook.method" ? 405 : 0;
  co_return boxed(problem(error, status));
}

}  // namespace mbflow::server
