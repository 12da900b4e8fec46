// Who calls: an API key by `Authorization: Bearer`, or a user by the cookie of a session. Keys and session tokens are 256 random bits,
// so their SHA-256 is all that is kept. What either may is decided by the route table and Identity::may alone.
#pragma once

#include "net/server.h"
#include "server/route.h"
#include "store/store.h"

#include <string>
#include <unordered_map>

namespace mbflow::server {

// "mbf_" and 43 characters of base64url.
[[nodiscard]] std::string make_key(Env& env);
[[nodiscard]] std::string hash_key(std::string_view key);
[[nodiscard]] bool is_role(std::string_view role);
// Whether who has the one may give the other: nobody makes anybody more than they are.
[[nodiscard]] bool may_give(std::string_view own_role, std::string_view role);
// A scope is PART:PERMISSION: the first word of the paths below /api/v1 (or of others: metrics), or * for each; read, run, write or own.
[[nodiscard]] bool is_scope(std::string_view scope);

struct SessionRules {
  Duration idle = std::chrono::hours(12);          // unused for so long, it is over
  Duration lifetime = std::chrono::hours(24 * 7);  // after this it is over in any case
  std::string public_url;                          // as browsers know this server; https: cookies go over TLS only
  [[nodiscard]] std::string cookie_name() const;
  [[nodiscard]] std::string cookie(std::string_view token) const;  // the value of Set-Cookie; an empty token takes the cookie back
};

// Those seen lately, for one loop. Asks the store again whenever its catalog has changed, so what is taken away is gone at once.
class Callers {
 public:
  Callers(store::Store& store, Env& env, const SessionRules& rules, TenantId house) : store_(store), env_(env), rules_(rules), house_(house) {}
  // Errors auth.missing, auth.unknown (denied; the caller answers 401), auth.csrf (403), store.not_found (the tenant asked for).
  [[nodiscard]] Task<Result<Identity>> identify(const net::Request& request);

 private:
  struct SignedIn {
    store::Session session;
    store::User user;
    std::vector<store::Member> memberships;
  };
  [[nodiscard]] Task<Result<Identity>> by_key(std::string key, std::string tenant);
  [[nodiscard]] Task<Result<Identity>> by_session(std::string token, std::string tenant);
  [[nodiscard]] Task<Result<store::ApiKey>> find_key(std::string hash);
  [[nodiscard]] Task<Result<SignedIn>> find_session(std::string hash);
  void refresh();

  store::Store& store_;
  Env& env_;
  const SessionRules& rules_;
  TenantId house_;
  std::uint64_t version_ = 0;
  std::unordered_map<std::string, store::ApiKey> keys_;      // by hash
  std::unordered_map<std::string, SignedIn> sessions_;       // by hash
};

// Whether the page that asks, if it is one, is of this server. Error auth.csrf.
[[nodiscard]] Result<void> check_page(const net::Request& request, const SessionRules& rules);
// What a browser sends along by itself proves nothing: a call with a cookie that changes something also needs the header X-CSRF, which no
// page of another origin can set, and must not come from another origin. Error auth.csrf.
[[nodiscard]] Result<void> check_origin(const net::Request& request, const SessionRules& rules);

}  // namespace mbflow::server
