// Webhooks: any caller, any method, by path. Routes come from the store and are looked at again whenever its catalog changes;
// nothing is registered when the server starts or stops.
#pragma once

#include "runtime/runtime.h"
#include "server/route.h"
#include "trigger/webhook.h"

#include <string>
#include <unordered_map>

namespace mbflow::server {

// The live routes as one loop sees them.
class Webhooks {
 public:
  explicit Webhooks(store::Store& store) : store_(store) {}
  // Error webhook.unknown and webhook.disabled (not_found), webhook.method (invalid; answered 405).
  [[nodiscard]] Task<Result<store::WebhookRoute>> find(std::string method, std::string path);

 private:
  [[nodiscard]] Task<Result<void>> refresh();
  store::Store& store_;
  std::uint64_t version_ = 0;
  bool loaded_ = false;
  std::unordered_map<std::string, std::vector<store::WebhookRoute>> by_path_;
};

// ANY /webhooks/{path}
[[nodiscard]] Task<net::Response> answer_webhook(Api& api, net::Request request);

}  // namespace mbflow::server
