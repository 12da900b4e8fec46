#include "server/auth.h"

#include "base/hash.h"

#include <array>

namespace mbflow::server {
namespace {

constexpr std::size_t most_known = 10'000;

// What each role may, from the least to the most.
int rank(std::string_view role) {
  if (role == "viewer") return 1;
  if (role == "operator") return 2;
  if (role == "editor") return 3;
  if (role == "admin" || role == "owner") return 4;
  return 0;
}

Error refused(std::string_view code, std::string message) { return fail(Kind::denied, code, std::move(message)); }

}  // namespace

bool is_role(std::string_view role) { return rank(role) > 0; }

bool Identity::may(Permission permission) const {
  switch (permission) {
    case Permission::open: return true;
    case Permission::read: return rank(role) >= 1;
    case Permission::run: return rank(role) >= 2;
    case Permission::write: return rank(role) >= 3;
    case Permission::own: return rank(role) >= 4;
  }
  return false;
}

std::string make_key(Env& env) {
  std::array<std::uint8_t, 32> secret{};
  env.random(secret);
  return "mbf_" + base64url_encode({reinterpret_cast<const char*>(secret.data()), secret.size()});
}

std::string hash_key(std::string_view key) { return sha256(key); }

Task<Result<Identity>> KeyCache::identify(std::string authorization) {
  constexpr std::string_view scheme = "Bearer ";
  if (!authorization.starts_with(scheme)) {
    co_return refused("auth.missing", "send an API key as 'Authorization: Bearer KEY'; `mbflow key create` makes one");
  }
  const std::string hash = hash_key(std::string_view(authorization).substr(scheme.size()));
  const auto version = store_.catalog_version();
  if (version != version_ || known_.size() > most_known) known_.clear();
  version_ = version;
  if (const auto found = known_.find(hash); found != known_.end()) co_return found->second;
  MBF_CO_TRY(auto key, co_await store_.directory().key_by_hash(hash));
  if (!key) co_return refused("auth.unknown", "this API key is not known here; it may have been deleted");
  Identity identity{key->tenant, key->id, key->name, key->role};
  known_.insert_or_assign(hash, identity);
  co_return identity;
}

}  // namespace mbflow::server
