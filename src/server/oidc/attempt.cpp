#include "server/oidc/attempt.h"

#include "base/hash.h"

#include <mbflow/json.h>

#include <algorithm>
#include <array>

namespace mbflow::server {
namespace {

constexpr std::size_t longest_path = 1000;  // the cookie must fit

std::string random_text(Env& env) {
  std::array<std::uint8_t, 32> bytes{};
  env.random(bytes);
  return base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

// Browsers read \ as /, and drop tabs and line breaks.
bool is_own_page(std::string_view path) {
  const bool plain = std::ranges::all_of(path, [](unsigned char c) { return c > ' ' && c < 0x7f && c != '\\'; });
  if (!plain || path.size() > longest_path || !path.starts_with('/') || path.starts_with("//")) return false;
  // What is no page may act on whoever asks for it, and an address may be read in other ways than it stands.
  const auto whole = path.substr(0, path.find_first_of("?#"));
  const bool odd = whole.find("//") != std::string_view::npos || whole.find("/.") != std::string_view::npos || whole.find('%') != std::string_view::npos;
  return !odd && !whole.starts_with("/api") && !whole.starts_with("/webhooks");
}

Result<Attempt> new_attempt(Env& env, std::string return_to, UserId user) {
  if (return_to.empty()) return_to = "/";
  if (!is_own_page(return_to)) return fail(Kind::invalid, "oidc.return_to", "'return_to' must be the path of a page of this server");
  return Attempt{random_text(env), random_text(env), random_text(env), std::move(return_to), user, env.now() + attempt_life};
}

std::string attempt_text(const Attempt& attempt) {
  return write_json(Value::object({{"state", attempt.state},
                                   {"nonce", attempt.nonce},
                                   {"verifier", attempt.verifier},
                                   {"return_to", attempt.return_to},
                                   {"user", attempt.user.to_string()},
                                   {"until", format_timestamp(attempt.until)}}));
}

Result<Attempt> read_attempt(std::string_view text, std::string_view state, Timestamp now) {
  const Error wrong = fail(Kind::denied, "oidc.state", "this sign-in was not begun in this browser within ten minutes, or another one was begun since; begin anew");
  const auto note = parse_json(text);
  if (!note) return wrong;
  const auto field = [&](const char* name) { return std::string((*note)[name].as_string()); };
  const auto until = parse_timestamp((*note)["until"].as_string());
  const auto user = UserId::parse((*note)["user"].as_string());
  if (!until || *until < now || !user || state.empty() || !equal_constant_time(field("state"), state)) return wrong;
  return Attempt{field("state"), field("nonce"), field("verifier"), field("return_to"), *user, *until};
}

}  // namespace mbflow::server
