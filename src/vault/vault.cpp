// The keys and what they seal as a whole, and variables.
#include "vault/vault.h"

#include <algorithm>

namespace mbflow::vault {
namespace {

constexpr int page = 500;
constexpr std::size_t longest_value = 65'536;
constexpr std::string_view base_environment = "default";

Error invalid(std::string_view code, std::string message, std::string at) {
  return fail(Kind::invalid, code, std::move(message)).with_at(std::move(at));
}

bool is_name(std::string_view text) {
  const bool start = !text.empty() && text.size() <= 100 && !(text.front() >= '0' && text.front() <= '9');
  return start && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

Value open_part(bool secret, const Value& value) {
  if (secret) return Value::object({{"kind", "secret"}});
  return Value::object({{"kind", "text"}, {"value", value}});
}

}  // namespace

Task<Result<void>> Vault::check() {
  MBF_CO_CHECK(keys_.load());
  store::Entry last;
  while (true) {
    MBF_CO_TRY(auto entries, co_await store_.all_entries(last.tenant, last.id, page));
    for (const auto& entry : entries) {
      if (!entry.key_id.empty()) MBF_CO_CHECK(open(keys_, entry));
    }
    if (entries.empty()) co_return {};
    last = std::move(entries.back());
  }
}

Task<Result<std::size_t>> Vault::rotate() {
  MBF_CO_CHECK(keys_.add(env_));
  co_return co_await reseal();
}

// One row, read again when somebody saved it meanwhile.
Task<Result<store::Entry>> Vault::reseal_one(store::Entry entry) {
  constexpr int most_tries = 20;
  for (int attempt = 1;; ++attempt) {
    MBF_CO_TRY(const Secrets secrets, open(keys_, entry));
    MBF_CO_CHECK(seal(keys_, env_, entry, secrets));
    auto saved = co_await store_.save_entry(entry, entry.version);
    if (saved || saved.error().code != "store.conflict" || attempt == most_tries) co_return saved;
    MBF_CO_TRY(entry, co_await store_.entry(entry.tenant, entry.id));
  }
}

Task<Result<std::size_t>> Vault::reseal() {
  MBF_CO_TRY(const MasterKey newest, keys_.newest(env_));
  std::size_t count = 0;
  store::Entry last;
  while (true) {
    MBF_CO_TRY(auto entries, co_await store_.all_entries(last.tenant, last.id, page));
    if (entries.empty()) co_return count;
    last = entries.back();
    for (auto& entry : entries) {
      if (entry.key_id.empty() || entry.key_id == newest.id) continue;
      auto sealed = co_await reseal_one(std::move(entry));
      if (!sealed && sealed.error().code == "store.not_found") continue;  // deleted meanwhile
      if (!sealed) co_return std::move(sealed).error();
      ++count;
    }
  }
}

Task<Result<std::vector<KeyUse>>> Vault::keys() {
  MBF_CO_CHECK(keys_.load());
  std::vector<KeyUse> uses;
  for (auto& key : keys_.list()) uses.push_back({key.id, key.created, 0, false});
  if (!uses.empty()) uses.back().seals = true;
  store::Entry last;
  while (true) {
    MBF_CO_TRY(auto entries, co_await store_.all_entries(last.tenant, last.id, page));
    if (entries.empty()) co_return uses;
    for (const auto& entry : entries) {
      const auto use = std::ranges::find(uses, entry.key_id, &KeyUse::id);
      if (use != uses.end()) ++use->entries;
    }
    last = std::move(entries.back());
  }
}

Task<Result<void>> Vault::drop_key(std::string id) {
  MBF_CO_TRY(const auto uses, co_await keys());
  const auto use = std::ranges::find(uses, id, &KeyUse::id);
  if (use == uses.end()) co_return fail(Kind::not_found, "vault.key_missing", "there is no key " + id + "; see `mbflow keys list`");
  const bool used = use->seals || use->entries > 0;
  if (used) co_return fail(Kind::conflict, "vault.key_used", "the key " + id + " is in use; run `mbflow keys rotate` first");
  co_return keys_.drop(id);
}

Task<Result<store::Entry>> Vault::save_variable(TenantId tenant, std::optional<EntryId> id, Value body, std::optional<int> expected) {
  store::Entry entry;
  if (id) {
    MBF_CO_TRY(entry, co_await store_.entry(tenant, *id));
    if (entry.kind != "variable") co_return fail(Kind::not_found, "store.not_found", "there is no variable with this id");
    if (!expected) expected = entry.version;
  } else {
    entry.id = EntryId::make(env_);
  }
  const std::string_view name = body["name"].as_string();
  if (!is_name(name)) co_return invalid("variable.name", "a name has letters, digits and _, at most 100, no digit first", "/name");
  const bool has_environment = body.find("environment") != nullptr;
  const std::string_view environment = has_environment ? body["environment"].as_string() : base_environment;
  if (!is_name(environment)) co_return invalid("variable.environment", "an environment is a word such as default or test", "/environment");
  const bool secret = body["kind"].as_string() == "secret";
  if (!secret && body["kind"].as_string() != "text") co_return invalid("variable.kind", "\"kind\" must be text or secret", "/kind");
  const Value& value = body["value"];
  const bool kept = secret && entry.open["kind"].as_string() == "secret" && value.is_null();
  const bool good = kept || (value.is_string() && value.as_string().size() <= longest_value);
  if (!good) co_return invalid("variable.value", "\"value\" is a text of at most 64 KiB", "/value");
  Secrets secrets;
  if (kept) {
    MBF_CO_TRY(secrets, open(keys_, entry));
  } else if (secret) {
    secrets.emplace("value", Secret(value.as_string()));
  }
  entry.tenant = tenant;
  entry.kind = "variable";
  entry.scope = environment;
  entry.name = name;
  entry.open = open_part(secret, value);
  entry.key_id.clear();
  entry.sealed.clear();
  if (secret) MBF_CO_CHECK(seal(keys_, env_, entry, secrets));
  co_return co_await store_.save_entry(std::move(entry), expected);
}

Task<Result<std::shared_ptr<const Variables>>> Vault::variables(TenantId tenant) {
  const auto version = store_.catalog_version();
  {
    const std::lock_guard lock(mutex_);
    const auto known = variables_.find(tenant);
    if (known != variables_.end() && known->second.first == version) co_return known->second.second;
  }
  MBF_CO_TRY(const auto entries, co_await store_.entries(tenant, "variable"));
  auto made = std::make_shared<Variables>();
  ObjectBuilder open;
  for (const std::string_view environment : {base_environment, std::string_view(options_.environment)}) {
    for (const auto& entry : entries) {
      if (entry.scope != environment) continue;
      const bool secret = entry.open["kind"].as_string() == "secret";
      open.set(entry.name, secret ? Value() : entry.open["value"]);
      std::erase(made->secret, entry.name);
      if (secret) made->secret.push_back(entry.name);
    }
  }
  made->open = open.build();
  for (const auto& name : made->secret) made->open = made->open.without(name);
  std::shared_ptr<const Variables> shared = std::move(made);
  const std::lock_guard lock(mutex_);
  variables_.insert_or_assign(tenant, std::pair(version, shared));
  co_return shared;
}

}  // namespace mbflow::vault
