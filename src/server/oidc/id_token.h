// An ID token, checked as OpenID Connect Core §3.1.3.7 asks: signed with a published key of the provider, by it, for this client, now, and
// for this very sign-in. Pure. Its .cpp is the one file that sees cjose.
#pragma once

#include "base/time.h"

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <string>
#include <string_view>

namespace mbflow::server {

struct Expected {
  std::string_view issuer, client_id, nonce;
  Timestamp now;
};

// Who signed in, as the provider says. Only the subject is proof of who it is; the others are for showing.
struct Person {
  std::string subject;
  std::string login;  // an e-mail address that the provider has verified, a user name that does not look like one, or the subject
  std::string name;
};

// `keys`: the provider's key set (RFC 7517 §5). Errors: oidc.token, oidc.algorithm, oidc.key (none of the set fits: it may be older than
// the token), oidc.signature, oidc.issuer, oidc.audience, oidc.expired, oidc.clock, oidc.nonce; all denied.
[[nodiscard]] Result<Person> check_id_token(std::string_view token, const Value& keys, const Expected& expected);

}  // namespace mbflow::server
