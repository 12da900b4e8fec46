// Api: the HTTP face of MBFlow. Takes a request, finds its route, checks who calls, reads the body, answers. Handlers live in
// routes/, one file a resource. Used from every loop at once; per-loop caches are reached through here().
#pragma once

#include "expr/expr.h"
#include "net/egress.h"
#include "runtime/runtime.h"
#include "server/auth.h"
#include "server/live/live.h"
#include "server/route.h"
#include "server/webhooks.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mbflow::server {

struct ApiOptions {
  std::string version;
  TenantId tenant;  // whom webhooks without a key belong to is told by their route; this is the tenant of new keys
  Duration webhook_wait = std::chrono::seconds(30);  // a synchronous webhook answers within this
  Duration longest_wait = std::chrono::minutes(5);   // the most that ?wait= may ask for
  std::vector<net::Cidr> trusted_proxies;            // whose X-Forwarded-For is believed
  Duration glance = std::chrono::seconds(15);        // how often who watches an execution looks without a hint (Live)
};

class Api {
 public:
  Api(ApiOptions options, runtime::Services& services, runtime::Runtime& runtime, std::vector<Loop*> loops,
      std::function<Loop*()> current);

  [[nodiscard]] Task<net::Response> handle(net::Request request);

  const ApiOptions options;
  runtime::Services& services;
  runtime::Runtime& runtime;
  const Timestamp started;
  Live live;  // told of commits by whoever set Services::on_events
  std::atomic<bool> serves{true};  // false: only health and metrics are answered (a worker beside others)
  std::atomic<bool> ready{false};  // it listens, and does not stop: executions can start

  std::function<void()> on_message = [] {};  // a message was taken in: whoever hands it on may begin

  // For the HTTP server, before the body is read.
  [[nodiscard]] Result<void> admit(const net::Request& head);
  [[nodiscard]] Loop& loop() const { return *current_(); }
  [[nodiscard]] Webhooks& webhooks();
  [[nodiscard]] expr::Evaluator& evaluator();  // with nothing left in it of another call

 private:
  [[nodiscard]] Task<net::Response> answer(const Route& route, Call call);
  [[nodiscard]] Task<net::Response> answer_once(const Route& route, Call call);
  [[nodiscard]] Task<net::Response> perform(const Route& route, Call call);
  [[nodiscard]] KeyCache& keys();
  [[nodiscard]] std::size_t here() const;

  std::vector<Loop*> loops_;
  std::function<Loop*()> current_;
  std::vector<std::unique_ptr<KeyCache>> keys_;
  std::vector<std::unique_ptr<Webhooks>> webhooks_;
  std::vector<std::unique_ptr<expr::Evaluator>> evaluators_;
};

}  // namespace mbflow::server
