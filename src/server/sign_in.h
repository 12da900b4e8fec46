// Signing in with a password, and the first owner's link. Guessing is slow: by address, by account and, growing, by both; whoever asks
// learns nothing from an answer or its time about who is there. Any loop.
#pragma once

#include "base/rate_limit.h"
#include "server/auth.h"
#include "server/password.h"

namespace mbflow::server {

struct Credentials {
  std::string login;
  Secret password;
};

class SignIn {
 public:
  // `first_start`: the token of the link that makes the first owner, of `house`; empty: there is none.
  SignIn(store::Store& store, Env& env, TenantId house, std::string first_start)
      : store_(store), env_(env), house_(house), first_start_(std::move(first_start)) {}

  // The user, if it is one. Errors auth.sign_in (denied), auth.limited.
  [[nodiscard]] Task<Result<store::User>> check(Loop& loop, Credentials credentials, std::string address);
  // A new session; its token, for the cookie.
  [[nodiscard]] Task<Result<std::string>> begin(UserId user);
  // Makes the first user. Errors auth.first_start (denied), auth.password, auth.field, auth.limited; store.exists.
  [[nodiscard]] Task<Result<store::User>> make_first_owner(Loop& loop, std::string token, store::User user, Secret password, std::string address);
  // Checks and hashes a password into a user. Errors auth.password, auth.field.
  [[nodiscard]] Task<Result<store::User>> with_password(Loop& loop, store::User user, Secret password);

 private:
  [[nodiscard]] Result<void> check_limits(const std::string& address, const std::string& login, const std::string& both);

  store::Store& store_;
  Env& env_;
  const TenantId house_;
  const std::string first_start_;
  Passwords passwords_;
  RateLimit by_address_{10.0 / 60, 10};  // a success gives back what it took
  RateLimit by_login_{20.0 / 3600, 20};
  Backoff by_both_{5, std::chrono::seconds(1), std::chrono::minutes(15)};
};

// A new user under that login, of which case does not matter. Error auth.field.
[[nodiscard]] Result<store::User> new_user(Env& env, std::string_view login, std::string_view name);

}  // namespace mbflow::server
