// Signing in at an OpenID Connect provider, and linking an account there. Browsers come by on their way: what goes wrong sends them to a page
// that says so, by its code.
#include "base/hash.h"
#include "server/caller.h"
#include "server/routes/people.h"
#include "server/routes/vault.h"

namespace mbflow::server {
namespace {

constexpr std::string_view purpose = "oidc sign-in";
constexpr const char* account_page = "/settings/account";

std::string address_of(const Api& api, const Call& call) { return caller_address(call.request, api.options.trusted_proxies); }

// Whatever cookie held the attempt goes, unless there is a new one.
Reply redirect(const Api& api, std::string location, std::string_view sealed = {}) {
  Reply reply = reply_of(Value(), 302);
  reply.content_type = "text/plain; charset=utf-8";
  reply.headers.emplace_back("location", std::move(location));
  reply.headers.emplace_back("set-cookie", api.options.sessions.attempt_cookie(sealed));
  return reply;
}

Reply turned_back(const Api& api, const Error& error, const Attempt& attempt) {
  api.on_refused(error);
  if (!attempt.user.is_nil()) return redirect(api, vault::with_query(account_page, {{"error", error.code}}));
  const std::string to = attempt.return_to == "/" ? "" : attempt.return_to;
  return redirect(api, vault::with_query("/sign-in", {{"error", error.code}, {"to", to}}));
}

struct Departure {
  std::string url, sealed;
};

Task<Result<Departure>> depart(Api& api, std::string return_to, UserId user, std::string address) {
  MBF_CO_CHECK(api.sign_in.check_step(address));
  MBF_CO_TRY(const Attempt attempt, new_attempt(api.services.env, std::move(return_to), user));
  MBF_CO_TRY(auto* vault, vault_of(api));
  Departure departure;
  MBF_CO_TRY(departure.url, co_await api.provider().authorization_url(attempt));
  std::string text = attempt_text(attempt);
  auto sealed = vault->seal_note(text, purpose);
  wipe(text);
  MBF_CO_TRY(departure.sealed, std::move(sealed));
  co_return departure;
}

Result<Attempt> attempt_of(Api& api, const Call& call) {
  MBF_CHECK(api.sign_in.check_step(address_of(api, call)));
  MBF_TRY(auto* vault, vault_of(api));
  const auto note = vault->open_note(cookie_of(call.request, api.options.sessions.attempt_cookie_name()), purpose);
  return read_attempt(note ? note->reveal() : std::string_view(), call.query("state"), api.services.env.now());
}

// An attempt is good for once, in whichever process and after whichever restart.
Task<Result<void>> spend(Api& api, std::string state) {
  store::Receipt receipt;
  receipt.tenant = api.options.tenant;
  receipt.key = "oidc:" + state;
  receipt.request = sha256(state);
  receipt.subject = api.runtime.new_id();
  receipt.created_at = api.services.env.now();
  const Uuid own = receipt.subject;
  MBF_CO_TRY(const auto kept, co_await api.services.store.reserve(std::move(receipt)));
  if (kept.subject != own) co_return fail(Kind::denied, "oidc.state", "this sign-in was finished already; begin anew");
  co_return Result<void>();
}

std::string subject_of(const Api& api, const Person& person) { return api.options.oidc.issuer + " " + person.subject; }

// Whoever signs in for the first time, where such people may.
Task<Result<store::User>> make_user(Api& api, Person person, std::string address) {
  const auto& oidc = api.options.oidc;
  if (oidc.role.empty()) co_return fail(Kind::denied, "oidc.unknown_user", "nobody here is linked to this account; an owner of the house makes a user for it, or a user links it themselves");
  MBF_CO_TRY(auto user, new_user(api.services.env, person.login, person.name.substr(0, 200)));
  user.subject = subject_of(api, person);
  std::vector<store::Member> members(1);
  members[0].tenant = oidc.tenant;
  members[0].user = user.id;
  members[0].role = oidc.role;
  auto& directory = api.services.store.directory();
  if (auto saved = co_await directory.save_user(user, std::move(members), false); !saved) {
    if (saved.error().code != "store.exists") co_return std::move(saved).error();
    MBF_CO_TRY(const auto same, co_await directory.user_by_subject(user.subject));  // they may have come by two ways at once
    if (same) co_return *same;
    co_return fail(Kind::conflict, "oidc.login_taken", "another user has the login '" + user.login + "'; who they are, an owner of the house must say");
  }
  Identity who;
  who.user = user.id;
  who.tenant = oidc.tenant;
  Value detail = Value::object({{"issuer", oidc.issuer}});
  MBF_CO_CHECK(co_await api.note(std::move(who), "create_user", user.id.to_string(), std::move(address), std::move(detail)));
  co_return user;
}

Task<Result<Reply>> link(Api& api, Call call, Attempt attempt, Person person) {
  MBF_CO_TRY(auto who, co_await api.identify(call.request));
  if (who.user != attempt.user) co_return fail(Kind::denied, "oidc.state", "somebody else is signed in than who began to link; begin anew");
  auto& directory = api.services.store.directory();
  MBF_CO_TRY(auto user, co_await directory.user(who.user));
  const std::string subject = subject_of(api, person);
  if (!user.subject.empty() && user.subject != subject) co_return fail(Kind::conflict, "oidc.linked", "this user is linked to another account; unlink it first");
  user.subject = subject;
  user.updated_at = api.services.env.now();
  auto saved = co_await directory.save_user(user, std::vector<store::Member>(), false);
  if (!saved && saved.error().code == "store.exists") co_return fail(Kind::conflict, "oidc.linked", "this account is another user's");
  if (!saved) co_return std::move(saved).error();
  MBF_CO_CHECK(co_await api.note(std::move(who), "link_oidc", user.id.to_string(), address_of(api, call), oidc_of(user)));
  co_return redirect(api, attempt.return_to);
}

Task<Result<Reply>> sign_in_as(Api& api, Person person, std::string return_to, std::string address) {
  MBF_CO_TRY(auto known, co_await api.services.store.directory().user_by_subject(subject_of(api, person)));
  if (!known) {
    MBF_CO_TRY(known, co_await make_user(api, std::move(person), address));
  }
  if (!known->active) co_return fail(Kind::denied, "oidc.deactivated", "this user is deactivated; an owner of the house can let them in again");
  Value detail = Value::object({{"issuer", api.options.oidc.issuer}});
  MBF_CO_TRY(const auto begun, co_await start_session(api, *std::move(known), "sign_in", std::move(address), std::move(detail)));
  Reply reply = redirect(api, std::move(return_to));
  reply.headers.emplace_back("set-cookie", api.options.sessions.cookie(begun.token));
  co_return reply;
}

Task<Result<Reply>> arrive(Api& api, Call call, Attempt attempt, std::string address) {
  if (!call.query("error").empty()) co_return fail(Kind::denied, "oidc.refused", "the provider, or the person there, refused");
  MBF_CO_TRY(auto person, co_await api.provider().redeem(attempt, call.query("code"), call.query("iss")));
  MBF_CO_CHECK(co_await spend(api, attempt.state));
  if (!attempt.user.is_nil()) co_return co_await link(api, std::move(call), std::move(attempt), std::move(person));
  co_return co_await sign_in_as(api, std::move(person), std::move(attempt.return_to), std::move(address));
}

Result<void> check_user(const Identity& who) {
  return who.user.is_nil() ? Result<void>(fail(Kind::denied, "auth.not_a_user", "only a user has an account at a provider; sign in")) : Result<void>();
}

}  // namespace

Task<Result<Reply>> get_sign_in_ways(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  const auto& oidc = api.options.oidc;
  co_return reply_of(Value::object({{"oidc", oidc.issuer.empty() ? Value() : Value::object({{"name", oidc.name}})}}));
}

Task<Result<Reply>> begin_oidc(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"return_to"}));
  const auto departure = co_await depart(api, call.query("return_to"), UserId(), address_of(api, call));
  if (!departure) co_return turned_back(api, departure.error(), Attempt());
  co_return redirect(api, departure->url, departure->sealed);
}

// The provider may add to the query as it likes.
Task<Result<Reply>> finish_oidc(Api& api, Call call) {
  auto attempt = attempt_of(api, call);
  if (!attempt) co_return turned_back(api, attempt.error(), Attempt());
  std::string address = address_of(api, call);
  auto arrived = co_await arrive(api, std::move(call), *attempt, address);
  if (arrived) co_return arrived;
  Identity who;
  who.user = attempt->user;
  Value detail = Value::object({{"issuer", api.options.oidc.issuer}, {"code", arrived.error().code}});
  MBF_CO_CHECK(co_await api.note(std::move(who), "sign_in_refused", std::string(), std::move(address), std::move(detail)));
  co_return turned_back(api, arrived.error(), *attempt);
}

// With the password, where there is one: who finds a session open must not make themselves a way in that stays.
Task<Result<Reply>> begin_oidc_link(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"password"}));
  MBF_CO_CHECK(check_user(call.who));
  MBF_CO_TRY(const auto user, co_await api.services.store.directory().user(call.who.user));
  if (!user.subject.empty()) co_return fail(Kind::conflict, "oidc.linked", "this user is linked already; unlink first");
  std::string address = address_of(api, call);
  Credentials given{user.login, password_field(call, "password")};
  MBF_CO_CHECK(co_await api.sign_in.check(api.loop(), std::move(given), address));
  MBF_CO_TRY(const auto departure, co_await depart(api, account_page, user.id, std::move(address)));
  Reply reply = reply_of(Value::object({{"url", departure.url}}));
  reply.headers.emplace_back("set-cookie", api.options.sessions.attempt_cookie(departure.sealed));
  co_return reply;
}

Task<Result<Reply>> unlink_oidc(Api& api, Call call) {
  MBF_CO_CHECK(check_user(call.who));
  auto& directory = api.services.store.directory();
  MBF_CO_TRY(auto user, co_await directory.user(call.who.user));
  if (user.password.empty()) co_return fail(Kind::conflict, "oidc.only_way", "this user has no password and could not sign in any more; an owner of the house can set one");
  user.subject.clear();
  user.updated_at = api.services.env.now();
  MBF_CO_CHECK(co_await directory.save_user(std::move(user), std::vector<store::Member>(), false));
  co_return reply_of(Value(), 204);
}

}  // namespace mbflow::server
