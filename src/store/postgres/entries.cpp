#include "store/postgres/entries.h"

#include "store/faults.h"
#include "store/filter.h"

#include <mbflow/json.h>

namespace mbflow::store::postgres {

namespace {

const std::string select = "SELECT tenant_id, id, kind, scope, name, open, key_id, sealed, version, created_at, updated_at FROM entries ";

Result<Entry> entry_of(const Rows& row) {
  Entry entry;
  entry.tenant = row.id<TenantId>(0);
  entry.id = row.id<EntryId>(1);
  entry.kind = row.text(2);
  entry.scope = row.text(3);
  entry.name = row.text(4);
  auto open = parse_json(row.text(5));
  if (!open) return fail(Kind::internal, "store.damaged", "the stored " + entry.kind + " '" + entry.name + "' is damaged; restore the database from a backup");
  entry.open = *std::move(open);
  entry.key_id = row.text(6);
  entry.sealed = row.bytes(7);
  entry.version = row.small(8);
  entry.created_at = row.time(9);
  entry.updated_at = row.time(10);
  return entry;
}

Result<std::vector<Entry>> all_of(Rows& rows) {
  std::vector<Entry> entries;
  while (rows.next()) {
    MBF_TRY(auto entry, entry_of(rows));
    entries.push_back(std::move(entry));
  }
  MBF_CHECK(rows.status());
  return entries;
}

}  // namespace

Result<Entry> find_entry(Connection& db, TenantId tenant, EntryId id) {
  static const auto sql = select + "WHERE tenant_id = $1 AND id = $2";
  auto row = db.query(sql.c_str(), tenant, id);
  if (row.next()) return entry_of(row);
  MBF_CHECK(row.status());
  return entry_missing();
}

Result<Entry> save_entry(Connection& db, Entry entry, std::optional<int> expected, Timestamp now) {
  auto found = find_entry(db, entry.tenant, entry.id);
  if (!found && found.error().code != "store.not_found") return found;
  const int newest = found ? found->version : 0;
  if (newest == 0 && (entry.version != 0 || expected.value_or(0) != 0)) return entry_missing();
  if (expected && *expected != newest) return newer_version(newest);
  auto other = db.query("SELECT 1 FROM entries WHERE tenant_id = $1 AND kind = $2 AND scope = $3 AND name = $4 AND id <> $5", entry.tenant,
                        std::string_view(entry.kind), std::string_view(entry.scope), std::string_view(entry.name), entry.id);
  if (other.next()) return name_taken(entry);
  MBF_CHECK(other.status());
  entry.version = newest + 1;
  entry.updated_at = now;
  entry.created_at = newest == 0 ? now : found->created_at;
  MBF_CHECK(db.run(
      "INSERT INTO entries(tenant_id, id, kind, scope, name, open, key_id, sealed, version, created_at, updated_at) "
      "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT(tenant_id, id) DO UPDATE SET kind = excluded.kind, scope = excluded.scope, "
      "name = excluded.name, open = excluded.open, key_id = excluded.key_id, sealed = excluded.sealed, version = excluded.version, "
      "updated_at = excluded.updated_at",
      entry.tenant, entry.id, std::string_view(entry.kind), std::string_view(entry.scope), std::string_view(entry.name),
      write_json(entry.open), std::string_view(entry.key_id), Bytes{entry.sealed}, entry.version, entry.created_at, entry.updated_at));
  return entry;
}

Result<std::vector<Entry>> list_entries(Connection& db, TenantId tenant, std::string_view kind) {
  static const auto sql = select + "WHERE tenant_id = $1 AND kind = $2 ORDER BY scope, name";
  auto rows = db.query(sql.c_str(), tenant, kind);
  return all_of(rows);
}

Result<void> delete_entry(Connection& db, TenantId tenant, EntryId id) {
  auto deleted = db.query("DELETE FROM entries WHERE tenant_id = $1 AND id = $2", tenant, id);
  MBF_CHECK(deleted.status());
  if (deleted.changes() == 0) return entry_missing();
  return {};
}

Result<std::vector<Entry>> list_all_entries(Connection& db, TenantId after_tenant, EntryId after, int limit) {
  static const auto sql = select + "WHERE (tenant_id, id) > ($1, $2) ORDER BY tenant_id, id LIMIT $3";
  auto rows = db.query(sql.c_str(), after_tenant, after, page_size(limit));
  return all_of(rows);
}

}  // namespace mbflow::store::postgres
