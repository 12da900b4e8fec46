// Credentials over HTTP. What is secret goes in and never comes out: a field that has a value is named in "set".
#include "server/routes/vault.h"
#include "vault/types.h"

#include <mbflow/json.h>

namespace mbflow::server {

namespace {

Value to_json(const store::Entry& entry) {
  ObjectBuilder json;
  json.set("id", entry.id.to_string());
  json.set("version", entry.version);
  json.set("name", entry.name);
  for (const char* member : {"type", "fields", "set", "origins"}) json.set(member, entry.open[member]);
  if (const Value* token = entry.open.find("token")) json.set("token", *token);
  json.set("created_at", format_timestamp(entry.created_at));
  json.set("updated_at", format_timestamp(entry.updated_at));
  return json.build();
}

}  // namespace

Result<vault::Vault*> vault_of(Api& api) {
  if (api.services.vault != nullptr) return api.services.vault;
  return fail(Kind::unavailable, "vault.none", "this process keeps no credentials; ask one that does");
}

Reply entry_reply(Value json, int status) {
  Reply reply;
  reply.status = status;
  reply.headers.emplace_back("etag", "\"" + std::to_string(json["version"].as_integer()) + "\"");
  reply.body = std::move(json);
  return reply;
}

Result<Reply> not_saved(Error error, bool if_match) {
  if (!if_match || error.code != "store.conflict") return error;
  const auto response = problem(error, 412);
  Reply stale;
  stale.status = 412;
  stale.text = response.body;
  stale.content_type = "application/problem+json";
  return stale;
}

Task<Result<Reply>> list_credential_types(Api&, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  std::vector<Value> items;
  for (const auto& type : vault::credential_types()) items.push_back(type.definition);
  Reply reply;
  reply.body = Value::object({{"items", Value::array(std::move(items))}});
  co_return reply;
}

Task<Result<Reply>> list_credentials(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"type"}));
  MBF_CO_TRY(const auto entries, co_await api.services.store.entries(call.who.tenant, "credential"));
  const std::string type = call.query("type");
  std::vector<Value> items;
  for (const auto& entry : entries) {
    if (type.empty() || entry.open["type"].as_string() == type) items.push_back(to_json(entry));
  }
  Reply reply;
  reply.body = Value::object({{"items", Value::array(std::move(items))}, {"next_cursor", Value()}});
  co_return reply;
}

namespace {

Task<Result<Reply>> save_credential(Api& api, Call call, std::optional<EntryId> id) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_CHECK(only_fields(call.body, {"name", "type", "fields", "origins"}));
  MBF_CO_TRY(auto* vault, vault_of(api));
  MBF_CO_TRY(const auto expected, if_match(call));
  auto saved = co_await vault->save_credential(call.who.tenant, id, std::move(call.body), expected);
  if (!saved) co_return not_saved(std::move(saved).error(), expected.has_value());
  co_return entry_reply(to_json(*saved), id ? 200 : 201);
}

}  // namespace

Task<Result<Reply>> create_credential(Api& api, Call call) { return save_credential(api, std::move(call), std::nullopt); }

Task<Result<Reply>> put_credential(Api& api, Call call) {
  MBF_CO_TRY(const auto id, id_param<EntryId>(call, 0, "credential"));
  MBF_CO_CHECK(co_await entry_of_kind(api, call.who.tenant, id, "credential"));
  co_return co_await save_credential(api, std::move(call), id);
}

Task<Result<store::Entry>> entry_of_kind(Api& api, TenantId tenant, EntryId id, std::string kind) {
  auto entry = co_await api.services.store.entry(tenant, id);
  const bool other = entry ? entry->kind != kind : entry.error().code == "store.not_found";
  if (other) co_return fail(Kind::not_found, "store.not_found", "there is no " + kind + " with this id");
  co_return entry;
}

Task<Result<Reply>> get_credential(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_TRY(const auto id, id_param<EntryId>(call, 0, "credential"));
  MBF_CO_TRY(const auto entry, co_await entry_of_kind(api, call.who.tenant, id, "credential"));
  co_return entry_reply(to_json(entry), 200);
}

Task<Result<Reply>> delete_entry(Api& api, Call call, std::string kind) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_TRY(const auto id, id_param<EntryId>(call, 0, kind));
  MBF_CO_CHECK(co_await entry_of_kind(api, call.who.tenant, id, kind));
  MBF_CO_CHECK(co_await api.services.store.delete_entry(call.who.tenant, id));
  Reply reply;
  reply.status = 204;
  co_return reply;
}

Task<Result<Reply>> delete_credential(Api& api, Call call) { return delete_entry(api, std::move(call), "credential"); }

// An answer of 200 says how the try went; it is no error of this call that the other server refuses.
Task<Result<Reply>> test_credential(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  if (!call.body.is_null()) MBF_CO_CHECK(only_fields(call.body, {"url"}));
  MBF_CO_TRY(const auto id, id_param<EntryId>(call, 0, "credential"));
  MBF_CO_CHECK(co_await entry_of_kind(api, call.who.tenant, id, "credential"));
  MBF_CO_TRY(auto* vault, vault_of(api));
  std::string url(call.body["url"].as_string());
  MBF_CO_TRY(const auto trial, co_await vault->try_credential(call.who.tenant, id, std::move(url)));
  Reply reply;
  reply.body = Value::object({{"ok", trial.ok}, {"message", trial.message}, {"status", trial.status == 0 ? Value() : Value(trial.status)}});
  co_return reply;
}

Task<Result<Reply>> authorize_credential(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_CHECK(only_fields(call.body, {"redirect_uri"}));
  MBF_CO_TRY(const auto id, id_param<EntryId>(call, 0, "credential"));
  MBF_CO_CHECK(co_await entry_of_kind(api, call.who.tenant, id, "credential"));
  MBF_CO_TRY(auto* vault, vault_of(api));
  std::string redirect(call.body["redirect_uri"].as_string());
  const bool good = redirect.starts_with("https://") || redirect.starts_with("http://");
  if (!good) co_return fail(Kind::invalid, "credential.redirect", "\"redirect_uri\" is the address to which the person comes back").with_at("/redirect_uri");
  MBF_CO_TRY(const std::string url, co_await vault->begin_authorization(call.who.tenant, id, call.who.key.to_string(), std::move(redirect)));
  Reply reply;
  reply.body = Value::object({{"url", url}});
  co_return reply;
}

// The page to which the person came back hands over what stands in its address.
Task<Result<Reply>> finish_credential(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_CHECK(only_fields(call.body, {"state", "code"}));
  MBF_CO_TRY(auto* vault, vault_of(api));
  std::string state(call.body["state"].as_string());
  std::string code(call.body["code"].as_string());
  MBF_CO_TRY(const auto saved, co_await vault->finish_authorization(call.who.tenant, call.who.key.to_string(), std::move(state), std::move(code)));
  co_return entry_reply(to_json(saved), 200);
}

Task<Result<Reply>> list_master_keys(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_TRY(auto* vault, vault_of(api));
  MBF_CO_TRY(const auto keys, co_await vault->keys());
  std::vector<Value> items;
  for (const auto& key : keys) {
    const auto entries = static_cast<std::int64_t>(key.entries);
    items.push_back(Value::object({{"id", key.id}, {"created_at", key.created}, {"entries", entries}, {"seals", key.seals}}));
  }
  Reply reply;
  reply.body = Value::object({{"items", Value::array(std::move(items))}});
  co_return reply;
}

Task<Result<Reply>> rotate_master_key(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_TRY(auto* vault, vault_of(api));
  MBF_CO_TRY(const auto count, co_await vault->rotate());
  Reply reply;
  reply.body = Value::object({{"resealed", static_cast<std::int64_t>(count)}});
  co_return reply;
}

}  // namespace mbflow::server
