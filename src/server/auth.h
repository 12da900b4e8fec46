// Who calls: API keys by `Authorization: Bearer`. A key is 256 random bits, so its SHA-256 is all that is kept.
#pragma once

#include "server/route.h"
#include "store/store.h"

#include <string>
#include <unordered_map>

namespace mbflow::server {

// "mbf_" and 43 characters of base64url.
[[nodiscard]] std::string make_key(Env& env);
[[nodiscard]] std::string hash_key(std::string_view key);
[[nodiscard]] bool is_role(std::string_view role);

// Keys seen lately, for one loop. Asks the store again whenever its catalog has changed.
class KeyCache {
 public:
  explicit KeyCache(store::Store& store) : store_(store) {}
  // Error auth.missing or auth.unknown (denied; the caller answers 401).
  [[nodiscard]] Task<Result<Identity>> identify(std::string authorization);

 private:
  store::Store& store_;
  std::uint64_t version_ = 0;
  std::unordered_map<std::string, Identity> known_;  // by hash
};

}  // namespace mbflow::server
