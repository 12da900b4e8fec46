// What credentials and variables have in common on the wire.
#pragma once

#include "server/routes/routes.h"

namespace mbflow::server {

// Error vault.none.
[[nodiscard]] Result<vault::Vault*> vault_of(Api& api);
// Its version is the ETag.
[[nodiscard]] Reply entry_reply(Value json, int status);
// 412 for an If-Match that names another version than the stored one; every other error as it is.
[[nodiscard]] Result<Reply> not_saved(Error error, bool if_match);
// One of another kind is not found.
[[nodiscard]] Task<Result<store::Entry>> entry_of_kind(Api& api, TenantId tenant, EntryId id, std::string kind);
[[nodiscard]] Task<Result<Reply>> delete_entry(Api& api, Call call, std::string kind);

}  // namespace mbflow::server
