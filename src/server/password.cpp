#include "server/password.h"

#include "base/utf8.h"

#include <sodium.h>

#include <array>

namespace mbflow::server {
namespace {

constexpr std::size_t shortest = 12, longest = 1024;
constexpr unsigned long long passes = 3;
constexpr std::size_t memory = 64u << 20;

std::string hash_of(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), passes, memory, crypto_pwhash_ALG_ARGON2ID13) != 0) return {};
  return out.data();
}

// Of a password that nobody has: its text was random and is forgotten.
const std::string& nobodys_hash() {
  static const std::string hash = [] {
    std::array<char, 32> random{};
    randombytes_buf(random.data(), random.size());
    return hash_of({random.data(), random.size()});
  }();
  return hash;
}

bool is_password(const std::string& hash, std::string_view password) {
  const std::string& against = hash.empty() ? nobodys_hash() : hash;
  return crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0 && !hash.empty();
}

}  // namespace

Result<void> Passwords::check_strength(std::string_view password, std::string_view login) {
  const auto wrong = [](const char* message) { return fail(Kind::invalid, "auth.password", message).with_at("/password"); };
  if (utf8_length(password) < shortest) return wrong("the password must have at least 12 characters; a few words will do");
  if (password.size() > longest) return wrong("the password must have at most 1,024 bytes");
  if (password == login) return wrong("the password must not be the login");
  return {};
}

Task<Result<std::string>> Passwords::hash(Loop& loop, Secret password) {
  std::move_only_function<std::string()> work = [password = std::move(password)] { return hash_of(password.reveal()); };
  MBF_CO_TRY(auto hash, co_await pool_.run<std::string>(loop, std::move(work)));
  if (hash.empty()) co_return fail(Kind::unavailable, "auth.memory", "there is no memory to hash a password with; try again in a moment");
  co_return hash;
}

Task<Result<bool>> Passwords::verify(Loop& loop, std::string hash, Secret password) {
  std::move_only_function<bool()> work = [hash = std::move(hash), password = std::move(password)] { return is_password(hash, password.reveal()); };
  co_return co_await pool_.run<bool>(loop, std::move(work));
}

}  // namespace mbflow::server
