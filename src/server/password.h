// Passwords: kept as Argon2id hashes (RFC 9106), computed beside the loops and a few at a time, for each takes 64 MiB.
#pragma once

#include "base/work_pool.h"

#include <mbflow/credential.h>

#include <string>

namespace mbflow::server {

class Passwords {
 public:
  // Error auth.password: too short to withstand guessing, or longer than anybody types.
  [[nodiscard]] static Result<void> check_strength(std::string_view password, std::string_view login);
  [[nodiscard]] Task<Result<std::string>> hash(Loop& loop, Secret password);
  // Whether it is that password. With an empty hash never, after the same work: who asks cannot tell a user that is not there.
  [[nodiscard]] Task<Result<bool>> verify(Loop& loop, std::string hash, Secret password);

 private:
  WorkPool pool_{2, 64};
};

}  // namespace mbflow::server
