// mbflow key: API keys, in the database itself.
#include "app/commands.h"
#include "app/directory.h"
#include "server/auth.h"

#include <mbflow/json.h>

#include <cstdio>

namespace mbflow::app {
namespace {

Result<store::ApiKey> key_of(const KeyOptions& options) {
  if (!server::is_role(options.role)) return fail(Kind::invalid, "key.role", "--role must be owner, admin, editor, operator or viewer");
  if (options.name.empty()) return fail(Kind::invalid, "key.name", "--name must say whom or what the key is for");
  for (const auto& scope : options.scopes) {
    if (!server::is_scope(scope)) return fail(Kind::invalid, "key.scope", "--scope '" + scope + "' must be PART:PERMISSION, such as workflows:read or *:read");
  }
  store::ApiKey key;
  key.id = KeyId::make(system_env());
  key.name = options.name;
  key.role = options.role;
  key.scopes = options.scopes;
  key.created_at = system_env().now();
  if (options.expires.empty()) return key;
  MBF_TRY(const auto life, parse_duration(options.expires));
  key.expires_at = key.created_at + life;
  return key;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// The words: tenant, id, name, role, hash, expiry, scopes …
Task<Result<void>> save(DirectoryWork work) {
  MBF_CO_TRY(const auto tenant, co_await tenant_named(work.directory, work.words.at(0)));
  store::ApiKey key;
  key.tenant = tenant;
  key.id = *KeyId::parse(work.words.at(1));
  key.name = work.words.at(2);
  key.role = work.words.at(3);
  key.hash = work.words.at(4);
  key.created_at = system_env().now();
  if (!work.words.at(5).empty()) {
    MBF_CO_TRY(key.expires_at, parse_timestamp(work.words.at(5)));
  }
  key.scopes.assign(work.words.begin() + 6, work.words.end());
  MBF_CO_CHECK(co_await work.directory.save_key(key));
  co_return co_await note(work.directory, tenant, "create_api_key", key.id.to_string());
}

Task<Result<std::vector<store::ApiKey>>> list(DirectoryWork work) {
  MBF_CO_TRY(const auto tenant, co_await tenant_named(work.directory, work.words.at(0)));
  co_return co_await work.directory.keys(tenant);
}

Task<Result<void>> revoke(DirectoryWork work) {
  MBF_CO_TRY(const auto tenant, co_await tenant_named(work.directory, work.words.at(0)));
  const auto id = KeyId::parse(work.words.at(1));
  if (!id) co_return fail(Kind::not_found, "store.not_found", "there is no API key with this id; `mbflow key list` shows them");
  MBF_CO_CHECK(co_await work.directory.revoke_key(tenant, *id, system_env().now()));
  co_return co_await note(work.directory, tenant, "revoke_api_key", id->to_string());
}

Value time_or_null(Timestamp at) { return at == Timestamp{} ? Value() : Value(format_timestamp(at)); }

Value shown(const store::ApiKey& key) {
  return Value::object({{"id", key.id.to_string()},
                        {"name", key.name},
                        {"role", key.role},
                        {"scopes", Value::array(std::vector<Value>(key.scopes.begin(), key.scopes.end()))},
                        {"created_at", format_timestamp(key.created_at)},
                        {"expires_at", time_or_null(key.expires_at)},
                        {"revoked_at", time_or_null(key.revoked_at)},
                        {"used_at", time_or_null(key.used_at)}});
}

}  // namespace

// The key itself is shown this once; what is kept is its hash.
int create_key(const Settings& settings, const KeyOptions& options) {
  auto key = key_of(options);
  if (!key) return complain(key.error());
  const std::string secret = server::make_key(system_env());
  const std::string expires = key->expires_at == Timestamp{} ? std::string() : format_timestamp(key->expires_at);
  std::vector<std::string> words = {options.tenant, key->id.to_string(), key->name, key->role, server::hash_key(secret), expires};
  words.insert(words.end(), key->scopes.begin(), key->scopes.end());
  if (auto saved = with_directory(settings, save, std::move(words)); !saved) {
    complain(saved.error());
    return exit_failed;
  }
  if (!options.json) std::puts(secret.c_str());
  else std::puts(write_json(Value::object({{"id", key->id.to_string()}, {"key", secret}, {"role", key->role}, {"name", key->name}})).c_str());
  return exit_ok;
}

int list_api_keys(const Settings& settings, const std::string& tenant, bool json) {
  auto keys = with_directory(settings, list, {tenant});
  if (!keys) return failed(keys.error());
  std::vector<Value> items;
  for (const auto& key : *keys) {
    const bool revoked = key.revoked_at != Timestamp{};
    if (!json) std::printf("%s  %-8s %s%s  %s\n", key.id.to_string().c_str(), key.role.c_str(), key.name.c_str(), revoked ? " (revoked)" : "", joined(key.scopes).c_str());
    items.push_back(shown(key));
  }
  if (json) std::puts(write_json(Value::array(std::move(items))).c_str());
  return exit_ok;
}

int revoke_key(const Settings& settings, const std::string& tenant, const std::string& id) {
  if (auto done = with_directory(settings, revoke, {tenant, id}); !done) return failed(done.error());
  return exit_ok;
}

}  // namespace mbflow::app
