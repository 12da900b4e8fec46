// mbflow credentials: the same as the API's, on the database itself. Secrets come by a file or standard input: the arguments of a
// process are seen by everybody on the machine.
#include "app/commands.h"
#include "app/directory.h"
#include "app/vault.h"

#include <mbflow/json.h>

#include <cstdio>

namespace mbflow::app {
namespace {

Task<Result<std::vector<store::Entry>>> list(VaultWork work) { co_return co_await work.store.entries(default_tenant(), "credential"); }

Task<Result<store::Entry>> create(VaultWork work) {
  MBF_CO_TRY(Value body, parse_json(work.words.at(0)));
  wipe(work.words.at(0));
  co_return co_await work.vault.save_credential(default_tenant(), std::nullopt, std::move(body), std::nullopt);
}

Task<Result<vault::Trial>> try_one(VaultWork work) {
  MBF_CO_TRY(const auto entry, co_await work.vault.credential_entry(default_tenant(), work.words.at(0)));
  co_return co_await work.vault.try_credential(default_tenant(), entry.id, work.words.at(1));
}

Task<Result<void>> remove(VaultWork work) {
  MBF_CO_TRY(const auto entry, co_await work.vault.credential_entry(default_tenant(), work.words.at(0)));
  co_return co_await work.store.delete_entry(default_tenant(), entry.id);
}

Value shown(const store::Entry& entry) {
  return Value::object({{"id", entry.id.to_string()}, {"name", entry.name}, {"type", entry.open["type"]}, {"set", entry.open["set"]}, {"origins", entry.open["origins"]}});
}

}  // namespace

int list_credentials(const Settings& settings, bool json) {
  auto entries = with_vault(settings, list);
  if (!entries) return failed(entries.error());
  std::vector<Value> items;
  for (const auto& entry : *entries) {
    if (!json) std::printf("%s  %s  %s\n", entry.id.to_string().c_str(), std::string(entry.open["type"].as_string()).c_str(), entry.name.c_str());
    items.push_back(shown(entry));
  }
  if (json) std::puts(write_json(Value::array(std::move(items))).c_str());
  return exit_ok;
}

int create_credential(const Settings& settings, const std::string& file) {
  auto text = read_text(file);
  if (!text) return failed(text.error());
  auto entry = with_vault(settings, create, {*std::move(text)});
  if (!entry) return failed(entry.error());
  std::puts(write_json(shown(*entry)).c_str());
  return exit_ok;
}

int test_credential(const Settings& settings, const std::string& reference, const std::string& url) {
  auto trial = with_vault(settings, try_one, {reference, url});
  if (!trial) return failed(trial.error());
  std::fprintf(stderr, "%s\n", trial->message.c_str());
  return trial->ok ? exit_ok : exit_failed;
}

int delete_credential(const Settings& settings, const std::string& reference) {
  if (auto done = with_vault(settings, remove, {reference}); !done) return failed(done.error());
  return exit_ok;
}

}  // namespace mbflow::app
