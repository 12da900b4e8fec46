// Credentials and variables in SQL. Called on a database thread; the writing ones inside a transaction.
#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace mbflow::store::sqlite {

[[nodiscard]] Result<Entry> save_entry(Connection& db, Entry entry, std::optional<int> expected, Timestamp now);
[[nodiscard]] Result<Entry> find_entry(Connection& db, TenantId tenant, EntryId id);
[[nodiscard]] Result<std::vector<Entry>> list_entries(Connection& db, TenantId tenant, std::string_view kind);
[[nodiscard]] Result<void> delete_entry(Connection& db, TenantId tenant, EntryId id);
[[nodiscard]] Result<std::vector<Entry>> list_all_entries(Connection& db, TenantId after_tenant, EntryId after, int limit);

}  // namespace mbflow::store::sqlite
