#include "app/access.h"

#include "app/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace mbflow::app {
namespace {

std::string token_file(const std::string& data) { return (std::filesystem::path(data) / "first-start").string(); }

Error not_kept(const std::string& path) {
  return fail(Kind::unavailable, "config.data", "the file " + path + " cannot be read or written; check the rights of the data folder");
}

Result<std::string> read_token(int file, const std::string& path) {
  std::array<char, 128> text{};
  const auto length = ::read(file, text.data(), text.size());
  ::close(file);
  if (length < 40) return not_kept(path);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

}  // namespace

Task<Result<bool>> prepare_house(store::Store& store) {
  auto& directory = store.directory();
  const TenantId house = default_tenant();
  MBF_CO_TRY(const auto tenants, co_await directory.tenants());
  if (std::ranges::find(tenants, house, &store::Tenant::id) == tenants.end()) {
    store::Tenant tenant{house, "house", system_env().now()};
    MBF_CO_CHECK(co_await directory.save_tenant(std::move(tenant), std::vector<store::Member>()));
  }
  MBF_CO_TRY(const auto members, co_await directory.members(house));
  if (std::ranges::find(members, "owner", &store::Member::role) != members.end()) co_return true;
  MBF_CO_TRY(const auto keys, co_await directory.keys(house));
  const auto holds = [](const store::ApiKey& key) { return key.role == "owner" && key.revoked_at == Timestamp{}; };
  co_return std::ranges::any_of(keys, holds);
}

Result<std::string> first_start_token(const std::string& data) {
  const std::string path = token_file(data);
  if (const int there = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW); there >= 0) return read_token(there, path);
  std::error_code ignored;  // what is wrong shows when the file is made
  const bool fresh = std::filesystem::create_directories(data, ignored);
  if (fresh) std::filesystem::permissions(data, std::filesystem::perms::owner_all, ignored);
  const int made = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (made < 0) return not_kept(path);
  std::string token = server::make_key(system_env());
  const bool kept = ::write(made, token.data(), token.size()) == static_cast<ssize_t>(token.size());
  ::close(made);
  if (!kept) return not_kept(path);
  return token;
}

// The database knows that there is a user now, so a file that stays does no harm.
void spend_first_start(const std::string& data) { (void)::unlink(token_file(data).c_str()); }

Result<server::SessionRules> session_rules(const Settings& settings) {
  server::SessionRules rules;
  MBF_TRY(const int idle, settings.number("session-idle", 1, 525'600));
  MBF_TRY(const int lifetime, settings.number("session-lifetime", 1, 87'600));
  rules.idle = std::chrono::minutes(idle);
  rules.lifetime = std::chrono::hours(lifetime);
  rules.public_url = settings.text("public-url");
  while (rules.public_url.ends_with('/')) rules.public_url.pop_back();
  const bool plain = rules.public_url.starts_with("http://") || rules.public_url.starts_with("https://");
  const bool bare = plain && rules.public_url.find('/', rules.public_url.find("//") + 2) == std::string::npos;
  if (!rules.public_url.empty() && !bare) {
    return fail(Kind::invalid, "config.value", "public-url must be an origin such as https://flows.example.com, without a path");
  }
  return rules;
}

Result<server::Rates> read_rates(const Settings& settings) {
  constexpr int most = 1'000'000;
  server::Rates rates;
  MBF_TRY(rates.key, settings.number("rate-key", 0, most));
  MBF_TRY(rates.tenant, settings.number("rate-tenant", 0, most));
  MBF_TRY(rates.workflow, settings.number("rate-workflow", 0, most));
  return rates;
}

}  // namespace mbflow::app
