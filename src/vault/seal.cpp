#include "vault/seal.h"

#include "base/hash.h"

#include <mbflow/json.h>

#include <sodium.h>

#include <array>

namespace mbflow::vault {
namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// Nonce and ciphertext. A random nonce of 24 bytes never comes twice.
std::string encrypt(const MasterKey& key, Env& env, std::string_view text, std::string_view bound) {
  std::string out(nonce_bytes + text.size() + tag_bytes, '\0');
  env.random({bytes_of(out), nonce_bytes});
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(out) + nonce_bytes, nullptr, bytes_of(text), text.size(), bytes_of(bound),
                                             bound.size(), nullptr, bytes_of(out), bytes_of(key.bytes.reveal()));
  return out;
}

std::optional<Secret> decrypt(const MasterKey& key, std::string_view sealed, std::string_view bound) {
  if (sealed.size() < nonce_bytes + tag_bytes) return std::nullopt;
  std::string text(sealed.size() - nonce_bytes - tag_bytes, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      bytes_of(text), nullptr, nullptr, bytes_of(sealed.substr(nonce_bytes)), sealed.size() - nonce_bytes, bytes_of(bound), bound.size(),
      bytes_of(sealed), bytes_of(key.bytes.reveal()));
  std::optional<Secret> opened;
  if (failed == 0) opened.emplace(text);
  wipe(text);
  return opened;
}

// What the seal holds for beside the secrets themselves.
std::string bound_by(const store::Entry& entry) {
  return write_json(Value::object({{"tenant", entry.tenant.to_string()},
                                   {"id", entry.id.to_string()},
                                   {"kind", entry.kind},
                                   {"scope", entry.scope},
                                   {"name", entry.name},
                                   {"open", entry.open},
                                   {"key", entry.key_id}}));
}

void put(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(size >> shift);
  out += text;
}

std::string_view take(std::string_view& text) {
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < 4 && i < text.size(); ++i) size |= std::uint32_t{static_cast<unsigned char>(text[i])} << (8 * i);
  text.remove_prefix(std::min<std::size_t>(4, text.size()));
  const auto part = text.substr(0, size);
  text.remove_prefix(part.size());
  return part;
}

// Names and values, each after its length. Not JSON: a secret never becomes a Value here.
std::string pack(const Secrets& secrets) {
  std::size_t size = 0;
  for (const auto& [name, secret] : secrets) size += 8 + name.size() + secret.reveal().size();
  std::string out;
  out.reserve(size);
  for (const auto& [name, secret] : secrets) {
    put(out, name);
    put(out, secret.reveal());
  }
  return out;
}

}  // namespace

Result<void> seal(Keyring& keys, Env& env, store::Entry& entry, const Secrets& secrets) {
  MBF_TRY(const MasterKey key, keys.newest(env));
  entry.key_id = key.id;
  std::string packed = pack(secrets);
  entry.sealed = encrypt(key, env, packed, bound_by(entry));
  wipe(packed);
  return {};
}

Result<Secrets> open(Keyring& keys, const store::Entry& entry) {
  MBF_TRY(const MasterKey key, keys.find(entry.key_id));
  const auto text = decrypt(key, entry.sealed, bound_by(entry));
  if (!text) {
    return fail(Kind::internal, "vault.sealed",
                "the " + entry.kind + " '" + entry.name + "' cannot be opened: its row was changed behind MBFlow's back; enter it anew");
  }
  Secrets secrets;
  for (std::string_view rest = text->reveal(); !rest.empty();) {
    const std::string name(take(rest));
    secrets.insert_or_assign(name, Secret(take(rest)));
  }
  return secrets;
}

Result<std::string> seal_text(Keyring& keys, Env& env, std::string_view text, std::string_view purpose) {
  MBF_TRY(const MasterKey key, keys.newest(env));
  return key.id + "." + base64url_encode(encrypt(key, env, text, std::string(purpose) + key.id));
}

Result<Secret> open_text(Keyring& keys, std::string_view sealed, std::string_view purpose) {
  const Error wrong = fail(Kind::denied, "vault.sealed", "this was not made here, or not for this");
  const auto dot = sealed.find('.');
  const auto coded = dot == std::string_view::npos ? std::nullopt : base64_decode(sealed.substr(dot + 1));
  if (!coded) return wrong;
  auto key = keys.find(sealed.substr(0, dot));
  if (!key) return wrong;
  auto text = decrypt(*key, *coded, std::string(purpose) + key->id);
  if (!text) return wrong;
  return *std::move(text);
}

}  // namespace mbflow::vault
