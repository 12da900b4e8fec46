// Credentials and variables in SQL. Called on a database thread; the writing ones inside a transaction.
#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace mbflow::store::sqlite {

// Its step in the schema.
inline constexpr const char* entries_table = R"sql(
CREATE TABLE entries(
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL,
  kind TEXT NOT NULL,               -- credential, variable
  scope TEXT NOT NULL,              -- of a variable: its environment
  name TEXT NOT NULL,
  open TEXT NOT NULL,               -- JSON, what may be shown; the seal holds for it too
  key_id TEXT NOT NULL,             -- which key sealed the rest
  sealed BLOB NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY(tenant_id, id),
  UNIQUE(tenant_id, kind, scope, name)
) STRICT, WITHOUT ROWID;
)sql";

[[nodiscard]] Result<Entry> save_entry(Connection& db, Entry entry, std::optional<int> expected, Timestamp now);
[[nodiscard]] Result<Entry> find_entry(Connection& db, TenantId tenant, EntryId id);
[[nodiscard]] Result<std::vector<Entry>> list_entries(Connection& db, TenantId tenant, std::string_view kind);
[[nodiscard]] Result<void> delete_entry(Connection& db, TenantId tenant, EntryId id);
[[nodiscard]] Result<std::vector<Entry>> list_all_entries(Connection& db, TenantId after_tenant, EntryId after, int limit);

}  // namespace mbflow::store::sqlite
