// The OpenID Connect provider of this server, as one loop knows it: where it is asked (discovery) and its keys, both kept for an hour. Every
// call goes through the engine's guarded way out.
#pragma once

#include "base/rate_limit.h"
#include "server/oidc/attempt.h"
#include "server/oidc/id_token.h"
#include "vault/token_request.h"

#include <mbflow/http.h>
#include <mbflow/task.h>

namespace mbflow::server {

struct OidcOptions {
  std::string issuer;  // empty: nobody signs in this way
  std::string client_id;
  Secret secret;       // empty: a public client
  std::string name;    // of the provider, as shown
  std::string redirect_uri;
  std::string role;    // of whoever signs in for the first time; empty: only who is linked comes in
  TenantId tenant;     // in which
};

class Provider {
 public:
  Provider(HttpClient& http, Env& env, const OidcOptions& options) : http_(http), env_(env), options_(options) {}

  // Where to send the person. Errors oidc.off, oidc.unreachable, oidc.egress, oidc.discovery.
  [[nodiscard]] Task<Result<std::string>> authorization_url(Attempt attempt);
  // Whom the code that they came back with is of; `issuer` as the answer says it (RFC 9207). Errors as above, oidc.refused, and those
  // of check_id_token.
  [[nodiscard]] Task<Result<Person>> redeem(Attempt attempt, std::string code, std::string issuer);

 private:
  struct Places {
    std::string authorization, token, keys;
    bool secret_in_body = false, names_issuer = false;
  };
  [[nodiscard]] Task<Result<void>> discover();
  [[nodiscard]] Task<Result<void>> fetch_keys();
  [[nodiscard]] Task<Result<Value>> fetch(std::string url);
  [[nodiscard]] Task<Result<HttpResponse>> ask(HttpRequest request);
  [[nodiscard]] Task<Result<Person>> check(std::string token, std::string nonce);
  [[nodiscard]] Result<Places> read_places(const Value& document) const;

  HttpClient& http_;
  Env& env_;
  const OidcOptions& options_;
  Places places_;
  Value keys_;
  Timestamp discovered_at_{}, keys_at_{};  // zero: not yet
  RateLimit fetches_{1.0 / 30, 10};        // strangers can have us ask: a token may name a key that is not there
};

}  // namespace mbflow::server
