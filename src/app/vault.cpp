#include "app/vault.h"

namespace mbflow::app {

std::unique_ptr<vault::Vault> make_vault(const Settings& settings, store::Store& store, HttpClient& http, net::Loops& loops) {
  vault::Options options;
  options.keys_file = settings.text("keys-file");
  if (options.keys_file.empty()) options.keys_file = settings.text("data") + "/keys";
  options.environment = settings.text("environment");
  options.current_loop = [&loops] { return static_cast<Loop*>(loops.current()); };
  return std::make_unique<vault::Vault>(store, http, system_env(), std::move(options));
}

Result<std::vector<net::Cidr>> address_ranges(const std::vector<std::string>& texts) {
  std::vector<net::Cidr> rules;
  for (const auto& text : texts) {
    MBF_TRY(auto rule, net::Cidr::parse(text));
    rules.push_back(rule);
  }
  return rules;
}

Task<Result<void>> check_vault(vault::Vault& vault) { return vault.check(); }

}  // namespace mbflow::app
