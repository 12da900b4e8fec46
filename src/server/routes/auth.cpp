// Signing in and out, and what callers may know about themselves.
#include "server/routes/people.h"

#include "server/caller.h"

namespace mbflow::server {
namespace {

Value shown(const Identity& who, const std::vector<store::Member>& memberships) {
  std::vector<Value> tenants;
  for (const auto& member : memberships)
    tenants.push_back(Value::object({{"id", member.tenant.to_string()}, {"name", member.tenant_name}, {"role", member.role}}));
  std::vector<Value> scopes;
  for (const auto& scope : who.scopes) scopes.push_back(scope);
  std::vector<Value> operations;
  for (const auto& route : routes()) {
    if (who.may(route)) operations.push_back(route.operation);
  }
  return Value::object({{"kind", who.user.is_nil() ? "key" : "user"},
                        {"id", who.user.is_nil() ? who.key.to_string() : who.user.to_string()},
                        {"name", who.name},
                        {"tenant_id", who.tenant.to_string()},
                        {"role", who.role.empty() ? Value() : Value(who.role)},
                        {"scopes", Value::array(std::move(scopes))},
                        {"operations", Value::array(std::move(operations))},
                        {"tenants", Value::array(std::move(tenants))}});
}

Task<Result<Value>> describe(Api& api, Identity who) {
  std::vector<store::Member> memberships;
  if (!who.user.is_nil()) {
    MBF_CO_TRY(memberships, co_await api.services.store.directory().memberships(who.user));
  }
  co_return shown(who, memberships);
}

// A new session of that user, in place of the one the call came with.
Task<Result<Reply>> signed_in(Api& api, store::User user, std::string action, std::string address) {
  MBF_CO_TRY(const auto token, co_await api.sign_in.begin(user.id));
  Identity who;
  who.user = user.id;
  who.name = user.name;
  MBF_CO_TRY(const auto memberships, co_await api.services.store.directory().memberships(user.id));
  if (!memberships.empty()) {
    who.tenant = memberships.front().tenant;
    who.role = memberships.front().role;
    who.house = who.tenant == api.options.tenant;
  }
  MBF_CO_CHECK(co_await api.note(who, std::move(action), user.login, std::move(address)));
  Reply reply = reply_of(shown(who, memberships));
  reply.headers.emplace_back("set-cookie", api.options.sessions.cookie(token));
  co_return reply;
}

}  // namespace

Task<Result<Reply>> sign_in(Api& api, Call call) {
  MBF_CO_CHECK(check_origin(call.request, api.options.sessions));
  MBF_CO_CHECK(only_fields(call.body, {"login", "password"}));
  Credentials given;
  MBF_CO_TRY(given.login, text_field(call, "login"));
  given.password = password_field(call, "password");
  std::string address = caller_address(call.request, api.options.trusted_proxies);
  MBF_CO_TRY(auto user, co_await api.sign_in.check(api.loop(), std::move(given), address));
  co_return co_await signed_in(api, std::move(user), "sign_in", std::move(address));
}

Task<Result<Reply>> first_start(Api& api, Call call) {
  MBF_CO_CHECK(check_origin(call.request, api.options.sessions));
  MBF_CO_CHECK(only_fields(call.body, {"token", "login", "name", "password"}));
  MBF_CO_TRY(auto token, text_field(call, "token"));
  MBF_CO_TRY(const auto login, text_field(call, "login"));
  MBF_CO_TRY(auto user, new_user(api.services.env, login, text_or(call, "name", "")));
  Secret password = password_field(call, "password");
  std::string address = caller_address(call.request, api.options.trusted_proxies);
  MBF_CO_TRY(user, co_await api.sign_in.make_first_owner(api.loop(), std::move(token), std::move(user), std::move(password), address));
  api.on_first_owner();
  co_return co_await signed_in(api, std::move(user), "first_start", std::move(address));
}

Task<Result<Reply>> sign_out(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {}));
  Reply reply = reply_of(Value(), 204);
  if (call.who.session.empty()) co_return fail(Kind::invalid, "auth.not_a_user", "a key has no session; revoke the key to end its use");
  MBF_CO_CHECK(co_await api.services.store.directory().end_session(call.who.session));
  reply.headers.emplace_back("set-cookie", api.options.sessions.cookie(""));
  co_return reply;
}

Task<Result<Reply>> get_session(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_TRY(auto value, co_await describe(api, std::move(call.who)));
  co_return reply_of(std::move(value));
}

Task<Result<Reply>> change_password(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"current", "password"}));
  if (call.who.user.is_nil()) co_return fail(Kind::denied, "auth.not_a_user", "only a user has a password; sign in");
  auto& directory = api.services.store.directory();
  MBF_CO_TRY(auto user, co_await directory.user(call.who.user));
  Credentials old{user.login, password_field(call, "current")};
  std::string address = caller_address(call.request, api.options.trusted_proxies);
  MBF_CO_TRY(user, co_await api.sign_in.check(api.loop(), std::move(old), address));
  Secret password = password_field(call, "password");
  MBF_CO_TRY(user, co_await api.sign_in.with_password(api.loop(), std::move(user), std::move(password)));
  MBF_CO_CHECK(co_await directory.save_user(user, std::vector<store::Member>(), false));
  MBF_CO_CHECK(co_await directory.end_sessions(user.id));
  co_return co_await signed_in(api, std::move(user), "sign_in", std::move(address));
}

}  // namespace mbflow::server
