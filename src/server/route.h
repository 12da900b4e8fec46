// One route is one row: method, pattern, who may, what to do. The table is the only way in; what is not in it does not exist.
#pragma once

#include "base/id.h"
#include "net/server.h"

#include <mbflow/result.h>
#include <mbflow/task.h>
#include <mbflow/value.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::server {

class Api;

enum class Permission : std::uint8_t {
  open,   // anyone; the handler reads nothing that belongs to a tenant
  read,   // viewer and up
  run,    // operator and up: start, cancel, retry
  write,  // editor and up: change workflows
};

// Who calls. Without a valid key there is no identity and only open routes answer.
struct Identity {
  TenantId tenant;
  KeyId key;
  std::string name;
  std::string role;
  [[nodiscard]] bool may(Permission permission) const;
};

// One call under way. Moved into the handler, so it lives as long as the handler runs.
struct Call {
  net::Request request;
  Identity who;
  std::vector<std::string> params;  // what the pattern's {…} segments matched, in order
  Value body;                       // parsed JSON; null when there was none
  Uuid subject;                     // with an Idempotency-Key: the id of what this call makes; nil: any

  // A query parameter, percent-decoded; "" when absent.
  [[nodiscard]] std::string query(std::string_view name) const;
  // One that may be given several times: all of them with commas between.
  [[nodiscard]] std::string query_all(std::string_view name) const;
};

struct Reply {
  int status = 200;
  Value body;                // sent as JSON …
  std::string text;          // … or, when content_type is set, this as it is
  std::string content_type;
  Headers headers;
  std::function<Task<std::string>()> stream;  // what follows `text`, as of net::Response
};

using Handler = Task<Result<Reply>> (*)(Api& api, Call call);

struct Route {
  std::string_view method;
  std::string_view pattern;  // "/api/v1/workflows/{id}"; a last segment "{*}" takes the rest of the path
  Permission permission;
  std::string_view operation;  // its operationId in api/openapi.yaml; a test compares the two
  Handler handler;
  bool has_body = false;       // a JSON (or YAML) object is expected; others refuse a body
  bool raw_body = false;       // the handler reads the body itself, by its content type
};

// Every route there is.
[[nodiscard]] std::span<const Route> routes();

}  // namespace mbflow::server
