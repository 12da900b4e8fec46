// The sealed part of an entry: XChaCha20-Poly1305 under a master key. The seal holds for everything else in the row too (tenant,
// id, kind, name, what is open), so a row that was swapped with another or changed by hand does not open.
#pragma once

#include "store/store.h"
#include "vault/keyring.h"

#include <map>

namespace mbflow::vault {

using Secrets = std::map<std::string, Secret, std::less<>>;

// Fills entry.key_id and entry.sealed; all else must be as it will be saved. Without secrets nothing is sealed but the row is.
Result<void> seal(Keyring& keys, Env& env, store::Entry& entry, const Secrets& secrets);
// Errors: vault.key_missing, vault.sealed (internal): the row is not the one that was sealed.
[[nodiscard]] Result<Secrets> open(Keyring& keys, const store::Entry& entry);

// A text that comes back unchanged or not at all, for what goes through foreign hands: base64url.
[[nodiscard]] Result<std::string> seal_text(Keyring& keys, Env& env, std::string_view text, std::string_view purpose);
[[nodiscard]] Result<Secret> open_text(Keyring& keys, std::string_view sealed, std::string_view purpose);

}  // namespace mbflow::vault
