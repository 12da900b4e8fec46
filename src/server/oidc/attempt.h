// A sign-in at a provider under way: what must be the same when the person comes back. It is in a sealed cookie of their browser, so any
// process can go on with it, and nobody else. Pure.
#pragma once

#include "base/env.h"
#include "base/id.h"

#include <mbflow/result.h>

#include <string>
#include <string_view>

namespace mbflow::server {

constexpr Duration attempt_life = std::chrono::minutes(10);

struct Attempt {
  std::string state, nonce, verifier;  // 256 random bits each
  std::string return_to;               // where the person wanted to go
  UserId user;                         // who links their account; nil: somebody signs in
  Timestamp until{};
};

// Whether it is the path of a page of ours, whatever a browser makes of it.
[[nodiscard]] bool is_own_page(std::string_view path);
// Error oidc.return_to.
[[nodiscard]] Result<Attempt> new_attempt(Env& env, std::string return_to, UserId user);
[[nodiscard]] std::string attempt_text(const Attempt& attempt);
// Error oidc.state (denied): that is none, it is over, or another.
[[nodiscard]] Result<Attempt> read_attempt(std::string_view text, std::string_view state, Timestamp now);

}  // namespace mbflow::server
