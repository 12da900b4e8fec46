// API keys of a tenant, the tenants of the house, and the audit log.
#include "server/routes/people.h"

#include "base/hash.h"
#include "store/audit.h"

namespace mbflow::server {
namespace {

Error wrong_field(std::string_view name, std::string message) { return fail(Kind::invalid, "auth.field", std::move(message)).with_at("/" + std::string(name)); }

Value shown(const store::ApiKey& key) {
  std::vector<Value> scopes;
  for (const auto& scope : key.scopes) scopes.push_back(scope);
  return Value::object({{"id", key.id.to_string()},
                        {"name", key.name},
                        {"role", key.role},
                        {"scopes", Value::array(std::move(scopes))},
                        {"created_at", format_timestamp(key.created_at)},
                        {"expires_at", time_or_null(key.expires_at)},
                        {"revoked_at", time_or_null(key.revoked_at)},
                        {"used_at", time_or_null(key.used_at)}});
}

// Whoever has scopes themselves can give these alone.
Result<std::vector<std::string>> scopes_field(const Call& call) {
  const Value& list = call.body["scopes"];
  if (!list.is_null() && !list.is_array()) return wrong_field("scopes", "'scopes' must be a list such as [\"workflows:read\", \"executions:run\"]");
  std::vector<std::string> scopes;
  for (const auto& one : list.elements()) {
    std::string scope(one.as_string());
    if (!is_scope(scope)) return wrong_field("scopes", "'" + scope + "' is no scope; write PART:PERMISSION such as workflows:read, or *:read");
    const bool own = call.who.scopes.empty() || std::ranges::find(call.who.scopes, scope) != call.who.scopes.end();
    if (!own) return fail(Kind::denied, "auth.grant", "this key does not have the scope '" + scope + "' itself");
    scopes.push_back(std::move(scope));
  }
  if (scopes.empty() && !call.who.scopes.empty()) return fail(Kind::denied, "auth.grant", "a key with scopes can only make keys with some of them");
  return scopes;
}

Value shown(const store::AuditRow& row) {
  return Value::object({{"number", static_cast<std::int64_t>(row.number)},
                        {"at", format_timestamp(row.at)},
                        {"tenant_id", row.tenant.to_string()},
                        {"actor", row.actor},
                        {"action", row.action},
                        {"target", row.target},
                        {"detail", row.detail},
                        {"address", row.address},
                        {"seal", to_hex(row.seal)}});
}

}  // namespace

// ── keys

Task<Result<Reply>> list_api_keys(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_TRY(const auto keys, co_await api.services.store.directory().keys(call.who.tenant));
  std::vector<Value> items;
  for (const auto& key : keys) items.push_back(shown(key));
  co_return list_of(std::move(items));
}

Task<Result<Reply>> create_api_key(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"name", "role", "scopes", "expires_at"}));
  auto& env = api.services.env;
  store::ApiKey key;
  key.id = KeyId::make(env);
  key.tenant = call.who.tenant;
  MBF_CO_TRY(key.name, text_field(call, "name"));
  MBF_CO_TRY(key.role, role_field(call));
  MBF_CO_TRY(key.scopes, scopes_field(call));
  key.created_at = env.now();
  if (const std::string expires = text_or(call, "expires_at", ""); !expires.empty()) {
    auto at = parse_timestamp(expires);
    if (!at || *at <= key.created_at) co_return wrong_field("expires_at", "'expires_at' must be an instant to come, such as 2027-01-31T00:00:00Z");
    key.expires_at = *at;
  }
  const std::string secret = make_key(env);
  key.hash = hash_key(secret);
  MBF_CO_CHECK(co_await api.services.store.directory().save_key(key));
  ObjectBuilder body;
  const Value plain = shown(key);
  for (const auto& member : plain.members()) body.set(member.key.as_string(), member.value);
  body.set("key", secret);
  co_return reply_of(body.build(), 201);
}

Task<Result<Reply>> revoke_api_key(Api& api, Call call) {
  MBF_CO_TRY(const auto id, id_param<KeyId>(call, 0, "API key"));
  auto& directory = api.services.store.directory();
  MBF_CO_TRY(const auto keys, co_await directory.keys(call.who.tenant));
  const auto found = std::ranges::find(keys, id, &store::ApiKey::id);
  if (found == keys.end()) co_return fail(Kind::not_found, "store.not_found", "there is no API key with this id");
  if (!may_give(call.who.role, found->role)) co_return fail(Kind::denied, "auth.grant", "only an owner can revoke an owner's key");
  MBF_CO_CHECK(co_await directory.revoke_key(call.who.tenant, id, api.services.env.now()));
  co_return reply_of(Value(), 204);
}

// ── tenants

Task<Result<Reply>> list_tenants(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_TRY(const auto tenants, co_await api.services.store.directory().tenants());
  std::vector<Value> items;
  for (const auto& tenant : tenants)
    items.push_back(Value::object({{"id", tenant.id.to_string()}, {"name", tenant.name}, {"created_at", format_timestamp(tenant.created_at)}}));
  co_return list_of(std::move(items));
}

Task<Result<Reply>> create_tenant(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"name", "owner"}));
  store::Tenant tenant;
  tenant.id = call.subject.is_nil() ? TenantId::make(api.services.env) : TenantId(call.subject);
  MBF_CO_TRY(tenant.name, text_field(call, "name"));
  tenant.created_at = api.services.env.now();
  auto& directory = api.services.store.directory();
  UserId owner = call.who.user;
  if (const std::string login = text_or(call, "owner", ""); !login.empty()) {
    MBF_CO_TRY(const auto user, co_await directory.user_by_login(store::fold_case(login)));
    if (!user) co_return fail(Kind::not_found, "store.not_found", "nobody signs in with the login of 'owner'; make the user first");
    owner = user->id;
  }
  if (owner.is_nil()) co_return wrong_field("owner", "'owner' must be the login of a user: a key cannot own a tenant");
  std::vector<store::Member> members(1);
  members[0].tenant = tenant.id;
  members[0].user = owner;
  members[0].role = "owner";
  MBF_CO_CHECK(co_await directory.save_tenant(tenant, std::move(members)));
  co_return reply_of(Value::object({{"id", tenant.id.to_string()}, {"name", tenant.name}, {"created_at", format_timestamp(tenant.created_at)}}), 201);
}

// ── the audit log

Task<Result<Reply>> list_audit(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"limit", "cursor"}));
  MBF_CO_TRY(const int limit, int_query(call, "limit", 50, 1, 200));
  MBF_CO_TRY(const int before, int_query(call, "cursor", 0, 1, std::numeric_limits<int>::max()));
  // The house sees what concerns all tenants.
  const auto tenant = call.who.house && call.who.role == "owner" ? std::nullopt : std::optional(call.who.tenant);
  MBF_CO_TRY(auto rows, co_await api.services.store.directory().audit(tenant, static_cast<std::uint64_t>(before), limit + 1));
  Value cursor;
  if (rows.size() > static_cast<std::size_t>(limit)) {
    rows.pop_back();
    cursor = std::to_string(rows.back().number);
  }
  std::vector<Value> items;
  for (const auto& row : rows) items.push_back(shown(row));
  co_return list_of(std::move(items), std::move(cursor));
}

Task<Result<Reply>> verify_audit(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  auto checked = co_await store::check_audit(api.services.store.directory());
  if (!checked && checked.error().code != "audit.broken") co_return std::move(checked).error();
  const bool sound = checked.ok();
  co_return reply_of(Value::object({{"sound", sound},
                                    {"rows", sound ? Value(static_cast<std::int64_t>(checked->number)) : Value()},
                                    {"seal", sound ? Value(to_hex(checked->seal)) : Value()},
                                    {"fault", sound ? Value() : Value(checked.error().message)}}));
}

}  // namespace mbflow::server
