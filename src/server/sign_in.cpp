#include "server/sign_in.h"

#include "base/hash.h"
#include "store/filter.h"

#include <algorithm>

namespace mbflow::server {
namespace {

constexpr std::size_t longest_name = 200;

Error wrong() { return fail(Kind::denied, "auth.sign_in", "the login or the password is wrong, or this user may not sign in"); }

Error too_often(Duration wait) {
  Error error = fail(Kind::limited, "auth.limited", "too many attempts to sign in; try again in " + format_duration(std::chrono::ceil<std::chrono::seconds>(wait)));
  error.retry_after_ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  return error;
}

Error field(std::string_view name, std::string message) { return fail(Kind::invalid, "auth.field", std::move(message)).with_at("/" + std::string(name)); }

}  // namespace

Result<store::User> new_user(Env& env, std::string_view login, std::string_view name) {
  const bool plain = std::ranges::none_of(login, [](unsigned char c) { return c <= ' ' || c == 0x7f; });
  if (login.empty() || login.size() > longest_name || !plain) return field("login", "'login' must be 1 to 200 characters without spaces, such as an e-mail address");
  if (name.size() > longest_name) return field("name", "'name' must have at most 200 characters");
  store::User user;
  user.id = UserId::make(env);
  user.login = store::fold_case(login);
  user.name = name.empty() ? login : name;
  user.created_at = user.updated_at = env.now();
  return user;
}

Result<void> SignIn::check_limits(const std::string& address, const std::string& login, const std::string& both) {
  const auto now = env_.now();
  if (const auto wait = by_both_.wait(both, now)) return too_often(*wait);
  if (const auto wait = by_address_.take(address, now)) return too_often(*wait);
  if (const auto wait = by_login_.take(login, now)) return too_often(*wait);
  return {};
}

Task<Result<store::User>> SignIn::check(Loop& loop, Credentials credentials, std::string address) {
  const std::string login = store::fold_case(credentials.login);
  const std::string both = address + " " + login;
  MBF_CO_CHECK(check_limits(address, login, both));
  MBF_CO_TRY(auto user, co_await store_.directory().user_by_login(login));
  const std::string hash = user && user->active ? user->password : std::string();
  MBF_CO_TRY(const bool right, co_await passwords_.verify(loop, hash, std::move(credentials.password)));
  if (!right) {
    by_both_.failed(both, env_.now());
    co_return wrong();
  }
  by_address_.give_back(address);
  by_login_.give_back(login);
  by_both_.succeeded(both);
  co_return *std::move(user);
}

Task<Result<std::string>> SignIn::begin(UserId user) {
  std::string token = make_key(env_);
  store::Session session;
  session.hash = hash_key(token);
  session.user = user;
  session.created_at = session.seen_at = env_.now();
  MBF_CO_CHECK(co_await store_.directory().save_session(std::move(session)));
  co_return token;
}

Task<Result<store::User>> SignIn::with_password(Loop& loop, store::User user, Secret password) {
  MBF_CO_CHECK(Passwords::check_strength(password.reveal(), user.login));
  MBF_CO_TRY(user.password, co_await passwords_.hash(loop, std::move(password)));
  user.updated_at = env_.now();
  co_return user;
}

Task<Result<store::User>> SignIn::make_first_owner(Loop& loop, std::string token, store::User user, Secret password, std::string address) {
  if (const auto wait = by_address_.take(address, env_.now())) co_return too_often(*wait);
  const bool right = !first_start_.empty() && equal_constant_time(first_start_, token);
  if (!right) co_return fail(Kind::denied, "auth.first_start", "this link is wrong or was used already; the log of the server has the newest one");
  by_address_.give_back(address);
  MBF_CO_TRY(user, co_await with_password(loop, std::move(user), std::move(password)));
  std::vector<store::Member> members(1);
  members[0].tenant = house_;
  members[0].user = user.id;
  members[0].role = "owner";
  MBF_CO_CHECK(co_await store_.directory().save_user(user, std::move(members), true));
  co_return user;
}

}  // namespace mbflow::server
