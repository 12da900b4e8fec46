// The webhook trigger: who may call it, what item a request becomes, what answer an execution gives. Pure.
#pragma once

#include "base/time.h"
#include "model/workflow.h"

#include <mbflow/http.h>
#include <mbflow/result.h>
#include <mbflow/value.h>

#include <string>
#include <string_view>
#include <vector>

namespace mbflow::trigger {

// A request as it came in, without the network's types.
struct WebhookCall {
  std::string_view method;
  std::string_view path;   // without /webhooks/
  std::string_view query;  // raw
  const Headers& headers;
  std::string_view body;
  Timestamp now{};
  std::string_view peer;   // textual address of who calls
};

// Checks `allow_from` and `auth` of the node's config. Error webhook.denied (denied; answered 401).
[[nodiscard]] Result<void> authorize(const Value& config, const WebhookCall& call);

// What the schema of the node's config cannot say of it; `at` is relative to the config. Error webhook.range.
[[nodiscard]] std::vector<Error> webhook_faults(const Value& config);

// {"body", "headers", "query", "method", "path"}. Header names in lower case; those that carry credentials are left out, so
// that they are in no history. Error webhook.body: the body is not what its content type says.
[[nodiscard]] Result<Value> make_item(const WebhookCall& call, const Value& config);

// Its published paths: (method, path) pairs of every enabled webhook node.
struct Route {
  std::string path;
  std::string method;
  std::string node_id;
};
[[nodiscard]] std::vector<Route> routes_of(const Workflow& workflow);

// The answer to a synchronous caller: what a respond node gave, or the last items (one: the object; several: an array).
struct Answer {
  int status = 200;
  Headers headers;
  std::string body;
};
[[nodiscard]] Answer make_answer(const Value& response, const std::vector<Value>& output);

}  // namespace mbflow::trigger
