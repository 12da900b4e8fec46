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
  unsaid,  // of no route: the table would not compile
  open,    // anyone; the handler reads nothing that belongs to a tenant
  self,    // anyone who is known: what concerns only them
  read,    // viewer and up
  run,     // operator and up: start, cancel, retry
  write,   // editor and up: change workflows
  own,     // admin and owner: keys, members and the audit log of their tenant
  house,   // owner of the house, the tenant that is there from the start: users, tenants, master keys
};

struct Route;

// Who calls. Without a valid key or session there is no identity and only open routes answer. Every store call takes its tenant from here.
struct Identity {
  TenantId tenant;
  KeyId key;            // nil: a user
  UserId user;          // nil: a key
  std::string name;
  std::string role;     // in that tenant; empty: a user who is member of none
  std::vector<std::string> scopes;  // of a key: nothing else; none: all that the role may
  std::string session;  // of a user: the hash of its token
  bool house = false;   // the tenant is the house
  [[nodiscard]] bool may(const Route& route) const;
  [[nodiscard]] std::string actor() const;  // for the audit log
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
  std::shared_ptr<const net::Upgrade> upgrade;  // as of net::Response
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
  bool secret = false;         // its answer holds a secret: it is not kept for an Idempotency-Key
  bool noted = false;          // in the audit log, though whoever runs workflows may do it: no history of executions tells of it
};

// Every route there is.
[[nodiscard]] std::span<const Route> routes();

}  // namespace mbflow::server
