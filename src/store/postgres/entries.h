// Credentials and variables in SQL. Called on a database thread; the writing ones inside a transaction.
#pragma once

#include "store/postgres/connection.h"
#include "store/store.h"

namespace mbflow::store::postgres {

// Its step in the schema.
inline constexpr const char* entries_table = R"sql(
CREATE TABLE entries(
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,     -- credential, variable
  scope text COLLATE "C" NOT NULL,    -- of a variable: its environment
  name text COLLATE "C" NOT NULL,
  open text NOT NULL,                 -- JSON, what may be shown; the seal holds for it too
  key_id text NOT NULL,               -- which key sealed the rest
  sealed bytea NOT NULL,
  version bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY(tenant_id, id),
  UNIQUE(tenant_id, kind, scope, name)
);
)sql";

[[nodiscard]] Result<Entry> save_entry(Connection& db, Entry entry, std::optional<int> expected, Timestamp now);
[[nodiscard]] Result<Entry> find_entry(Connection& db, TenantId tenant, EntryId id);
[[nodiscard]] Result<std::vector<Entry>> list_entries(Connection& db, TenantId tenant, std::string_view kind);
[[nodiscard]] Result<void> delete_entry(Connection& db, TenantId tenant, EntryId id);
[[nodiscard]] Result<std::vector<Entry>> list_all_entries(Connection& db, TenantId after_tenant, EntryId after, int limit);

}  // namespace mbflow::store::postgres
