// Api: the HTTP face of MBFlow. Takes a request, finds its route, checks who calls, reads the body, answers. Handlers live in
// routes/, one file a resource. Used from every loop at once; per-loop caches are reached through here().
#pragma once

#include "expr/expr.h"
#include "net/egress.h"
#include "runtime/runtime.h"
#include "server/auth.h"
#include "server/route.h"
#include "server/sign_in.h"
#include "server/webhooks.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mbflow::server {

class LiveHub;

// Calls a second; 0: as many as come.
struct Rates {
  int key = 0;       // of one key or user
  int tenant = 0;
  int workflow = 0;  // starts of it, by webhooks, too
};

struct ApiOptions {
  std::string version;
  TenantId tenant;  // whom webhooks without a key belong to is told by their route; this is the house: the tenant that is there from the start
  Duration webhook_wait = std::chrono::seconds(30);  // a synchronous webhook answers within this
  Duration longest_wait = std::chrono::minutes(5);   // the most that ?wait= may ask for
  std::vector<net::Cidr> trusted_proxies;            // whose X-Forwarded-For is believed
  Duration glance = std::chrono::seconds(15);        // how often who watches an execution looks without a hint (live/live.h)
  SessionRules sessions;
  std::string first_start;                           // the token that makes the first owner; empty: there is one
  Rates rates;
};

class Api {
 public:
  Api(ApiOptions options, runtime::Services& services, runtime::Runtime& runtime, std::vector<Loop*> loops,
      std::function<Loop*()> current);

  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  [[nodiscard]] Task<net::Response> handle(net::Request request);

  const ApiOptions options;
  runtime::Services& services;
  runtime::Runtime& runtime;
  const Timestamp started;
  std::atomic<bool> serves{true};  // false: only health and metrics are answered (a worker beside others)
  std::atomic<bool> ready{false};  // it listens, and does not stop: executions can start

  SignIn sign_in;
  std::function<void()> on_first_owner = [] {};  // there is one now: the link is spent

  // Adds to the audit log.
  [[nodiscard]] Task<Result<void>> note(Identity who, std::string action, std::string target, std::string address, Value detail = Value());
  // Who calls. Errors as of Callers.
  [[nodiscard]] Task<Result<Identity>> identify(const net::Request& request);
  // Whether one more call of theirs is within their rates. Error rate.limited.
  [[nodiscard]] Result<void> check_rate(const Identity& who);
  // Whether one more start of that workflow is within its rate. Error rate.limited.
  [[nodiscard]] Result<void> check_rate(WorkflowId workflow);
  // For the HTTP server, before the body is read.
  [[nodiscard]] Result<void> admit(const net::Request& head);
  [[nodiscard]] LiveHub& live() { return *live_; }  // told of commits by whoever set Services::on_events
  [[nodiscard]] Loop& loop() const { return *current_(); }
  [[nodiscard]] Webhooks& webhooks();
  [[nodiscard]] expr::Evaluator& evaluator();  // with nothing left in it of another call

 private:
  [[nodiscard]] Task<net::Response> answer(const Route& route, Call call);
  [[nodiscard]] Task<net::Response> answer_once(const Route& route, Call call);
  [[nodiscard]] Task<net::Response> perform(const Route& route, Call call);
  [[nodiscard]] Task<net::Response> perform_noted(const Route& route, Call call);
  [[nodiscard]] Callers& callers();
  [[nodiscard]] std::size_t here() const;

  std::vector<Loop*> loops_;
  std::function<Loop*()> current_;
  std::vector<std::unique_ptr<Callers>> callers_;
  std::vector<std::unique_ptr<Webhooks>> webhooks_;
  std::vector<std::unique_ptr<expr::Evaluator>> evaluators_;
  std::unique_ptr<LiveHub> live_;
  RateLimit key_rate_, tenant_rate_, workflow_rate_;  // shared by all loops
};

}  // namespace mbflow::server
