// Which vault the settings ask for, and how a command uses it.
#pragma once

#include "app/block.h"
#include "app/settings.h"
#include "app/store.h"
#include "net/client.h"
#include "vault/vault.h"

#include <memory>

namespace mbflow::app {

[[nodiscard]] std::unique_ptr<vault::Vault> make_vault(const Settings& settings, store::Store& store, HttpClient& http, net::Loops& loops);
[[nodiscard]] Task<Result<void>> check_vault(vault::Vault& vault);
// What of the network nodes and credentials may reach. Error egress.syntax.
[[nodiscard]] Result<std::vector<net::Cidr>> address_ranges(const std::vector<std::string>& texts);

// What a command works on; the words are its own.
struct VaultWork {
  vault::Vault& vault;
  store::Store& store;
  std::vector<std::string> words;
};

// Opens the store beside a running server, which may change it at the same time, and closes it after the work.
template <class T>
Result<T> with_vault(const Settings& settings, Task<Result<T>> (*work)(VaultWork work), std::vector<std::string> words = {}) {
  net::Loops loops(1);
  loops.run();
  MBF_TRY(auto store, open_store(settings, loops, false));
  net::ClientOptions client;
  MBF_TRY(client.egress.allowed, address_ranges(settings.list("allow-egress")));
  auto http = net::make_http_client(loops, std::move(client));
  const auto vault = make_vault(settings, *store, *http, loops);
  VaultWork given{*vault, *store, std::move(words)};
  auto done = block_on(loops.loop(0), work(std::move(given)));
  (void)block_on(loops.loop(0), close_store(*store));
  http.reset();
  loops.stop();
  return done;
}

}  // namespace mbflow::app
