// Users of the house and members of a tenant.
#include "server/routes/people.h"

namespace mbflow::server {

namespace {

Error wrong_field(std::string_view name, std::string message) { return fail(Kind::invalid, "auth.field", std::move(message)).with_at("/" + std::string(name)); }

Result<store::Member> member_of(const Call& call, UserId user) {
  store::Member member;
  member.tenant = call.who.tenant;
  member.user = user;
  MBF_TRY(member.role, role_field(call));
  return member;
}

// Who is an owner can be changed or removed by an owner alone.
Task<Result<void>> check_reach(Api& api, Identity who, UserId user) {
  MBF_CO_TRY(const auto members, co_await api.services.store.directory().members(who.tenant));
  for (const auto& member : members) {
    if (member.user != user || may_give(who.role, member.role)) continue;
    co_return fail(Kind::denied, "auth.grant", "only an owner can change what an owner may");
  }
  co_return Result<void>();
}

}  // namespace

Result<std::string> text_field(const Call& call, std::string_view name) {
  const Value& value = call.body[name];
  if (value.is_string() && !value.as_string().empty()) return std::string(value.as_string());
  return wrong_field(name, "'" + std::string(name) + "' must be a text that is not empty");
}

std::string text_or(const Call& call, std::string_view name, std::string_view otherwise) {
  const Value& value = call.body[name];
  return std::string(value.is_string() ? value.as_string() : otherwise);
}

Secret password_field(const Call& call, std::string_view name) { return Secret(call.body[name].as_string()); }

Result<std::string> role_field(const Call& call) {
  MBF_TRY(auto role, text_field(call, "role"));
  if (!is_role(role)) return wrong_field("role", "'role' must be owner, admin, editor, operator or viewer");
  if (!may_give(call.who.role, role)) return fail(Kind::denied, "auth.grant", "the role '" + call.who.role + "' cannot give the role '" + role + "'");
  return role;
}

Value time_or_null(Timestamp at) { return at == Timestamp{} ? Value() : Value(format_timestamp(at)); }

Value to_json(const store::User& user) {
  return Value::object({{"id", user.id.to_string()},
                        {"login", user.login},
                        {"name", user.name},
                        {"active", user.active},
                        {"created_at", format_timestamp(user.created_at)},
                        {"updated_at", format_timestamp(user.updated_at)}});
}

Value to_json(const store::Member& member) {
  return Value::object({{"user_id", member.user.to_string()}, {"login", member.login}, {"role", member.role}});
}

Reply reply_of(Value body, int status) {
  Reply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

Reply list_of(std::vector<Value> items, Value cursor) {
  return reply_of(Value::object({{"items", Value::array(std::move(items))}, {"next_cursor", std::move(cursor)}}));
}

// ── users

Task<Result<Reply>> list_users(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"limit", "cursor"}));
  MBF_CO_TRY(const int limit, int_query(call, "limit", 50, 1, 200));
  MBF_CO_TRY(auto users, co_await api.services.store.directory().users(call.query("cursor"), limit + 1));
  Value cursor;
  if (users.size() > static_cast<std::size_t>(limit)) {
    users.pop_back();
    cursor = users.back().login;
  }
  std::vector<Value> items;
  for (const auto& user : users) items.push_back(to_json(user));
  co_return list_of(std::move(items), std::move(cursor));
}

Task<Result<Reply>> create_user(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"login", "name", "password", "role"}));
  MBF_CO_TRY(const auto login, text_field(call, "login"));
  MBF_CO_TRY(auto user, new_user(api.services.env, login, text_or(call, "name", "")));
  if (!call.subject.is_nil()) user.id = UserId(call.subject);
  std::vector<store::Member> members;
  if (call.body.find("role")) {
    MBF_CO_TRY(auto member, member_of(call, user.id));
    members.push_back(std::move(member));
  }
  Secret password = password_field(call, "password");
  MBF_CO_TRY(user, co_await api.sign_in.with_password(api.loop(), std::move(user), std::move(password)));
  MBF_CO_CHECK(co_await api.services.store.directory().save_user(user, std::move(members), false));
  co_return reply_of(to_json(user), 201);
}

Task<Result<Reply>> get_user(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_TRY(const auto id, id_param<UserId>(call, 0, "user"));
  MBF_CO_TRY(const auto user, co_await api.services.store.directory().user(id));
  co_return reply_of(to_json(user));
}

Task<Result<Reply>> patch_user(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"name", "active", "password"}));
  MBF_CO_TRY(const auto id, id_param<UserId>(call, 0, "user"));
  auto& directory = api.services.store.directory();
  MBF_CO_TRY(auto user, co_await directory.user(id));
  user.name = text_or(call, "name", user.name);
  const Value& active = call.body["active"];
  if (!active.is_null() && !active.is_bool()) co_return wrong_field("active", "'active' must be true or false");
  if (active.is_bool()) user.active = active.as_bool();
  user.updated_at = api.services.env.now();
  if (call.body.find("password")) {
    Secret password = password_field(call, "password");
    MBF_CO_TRY(user, co_await api.sign_in.with_password(api.loop(), std::move(user), std::move(password)));
  }
  MBF_CO_CHECK(co_await directory.save_user(user, std::vector<store::Member>(), false));
  // Whoever had signed in with the old password, or may not any more, is out.
  if (call.body.find("password") || !user.active) MBF_CO_CHECK(co_await directory.end_sessions(id));
  co_return reply_of(to_json(user));
}

// ── members

Task<Result<Reply>> list_members(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_TRY(const auto members, co_await api.services.store.directory().members(call.who.tenant));
  std::vector<Value> items;
  for (const auto& member : members) items.push_back(to_json(member));
  co_return list_of(std::move(items));
}

Task<Result<Reply>> add_member(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"login", "role"}));
  MBF_CO_TRY(const auto login, text_field(call, "login"));
  MBF_CO_TRY(auto role, role_field(call));
  auto& directory = api.services.store.directory();
  MBF_CO_TRY(const auto user, co_await directory.user_by_login(store::fold_case(login)));
  if (!user) co_return fail(Kind::not_found, "store.not_found", "nobody signs in with this login; an owner of the house makes users");
  MBF_CO_CHECK(co_await check_reach(api, call.who, user->id));
  store::Member member{call.who.tenant, user->id, role, user->login, {}};
  MBF_CO_CHECK(co_await directory.save_member(member));
  co_return reply_of(to_json(member), 201);
}

Task<Result<Reply>> put_member(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"role"}));
  MBF_CO_TRY(const auto id, id_param<UserId>(call, 0, "user"));
  MBF_CO_TRY(auto member, member_of(call, id));
  MBF_CO_CHECK(co_await check_reach(api, call.who, id));
  auto& directory = api.services.store.directory();
  MBF_CO_TRY(const auto members, co_await directory.members(call.who.tenant));
  const auto found = std::ranges::find(members, id, &store::Member::user);
  // Whether somebody else's member exists is not told either.
  if (found == members.end()) co_return fail(Kind::not_found, "store.not_found", "there is no such user here");
  member.login = found->login;
  MBF_CO_CHECK(co_await directory.save_member(member));
  co_return reply_of(to_json(member));
}

Task<Result<Reply>> remove_member(Api& api, Call call) {
  MBF_CO_TRY(const auto id, id_param<UserId>(call, 0, "user"));
  MBF_CO_CHECK(co_await check_reach(api, call.who, id));
  store::Member none{call.who.tenant, id, {}, {}, {}};
  MBF_CO_CHECK(co_await api.services.store.directory().save_member(std::move(none)));
  co_return reply_of(Value(), 204);
}

}  // namespace mbflow::server
