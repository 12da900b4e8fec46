// mbflow keys: the master keys that seal credentials and secret variables.
#include "app/commands.h"
#include "app/vault.h"

#include <mbflow/json.h>

#include <cstdio>

namespace mbflow::app {
namespace {

Task<Result<std::vector<vault::KeyUse>>> list(VaultWork work) { co_return co_await work.vault.keys(); }
Task<Result<std::size_t>> rotate(VaultWork work) { co_return co_await work.vault.rotate(); }
Task<Result<void>> drop(VaultWork work) { co_return co_await work.vault.drop_key(work.words.at(0)); }

int failed(const Error& error) {
  complain(error);
  return exit_failed;
}

}  // namespace

int list_keys(const Settings& settings, bool json) {
  auto keys = with_vault(settings, list);
  if (!keys) return failed(keys.error());
  std::vector<Value> items;
  for (const auto& key : *keys) {
    const auto entries = static_cast<std::int64_t>(key.entries);
    if (!json) std::printf("%s  made %s  seals %lld%s\n", key.id.c_str(), key.created.c_str(), static_cast<long long>(entries), key.seals ? "  in use" : "");
    items.push_back(Value::object({{"id", key.id}, {"created_at", key.created}, {"entries", entries}, {"seals", key.seals}}));
  }
  if (json) std::puts(write_json(Value::array(std::move(items))).c_str());
  return exit_ok;
}

int rotate_keys(const Settings& settings) {
  auto count = with_vault(settings, rotate);
  if (!count) return failed(count.error());
  std::fprintf(stderr, "a new key seals from here on; sealed anew: %zu\n", *count);
  return exit_ok;
}

int drop_key(const Settings& settings, const std::string& id) {
  if (auto done = with_vault(settings, drop, {id}); !done) return failed(done.error());
  return exit_ok;
}

}  // namespace mbflow::app
