// API keys and the audit log in SQL; as people.h.
#pragma once

#include "store/audit.h"
#include "store/faults.h"
#include "store/filter.h"
#include "store/sql/rows.h"

#include <mbflow/json.h>

#include <limits>

namespace mbflow::store::sql {

// ── keys

inline const std::string select_keys =
    "SELECT id, tenant_id, name, role, hash, created_at, scopes, expires_at, revoked_at, used_at FROM api_keys ";

inline constexpr auto key_of = [](const auto& row) {
  ApiKey key;
  key.id = row.template id<KeyId>(0);
  key.tenant = row.template id<TenantId>(1);
  key.name = row.text(2);
  key.role = row.text(3);
  key.hash = row.bytes(4);
  key.created_at = row.time(5);
  for (std::string_view rest = row.text(6); !rest.empty();) {
    const auto end = std::min(rest.find(' '), rest.size());
    key.scopes.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  key.expires_at = row.time(7);
  key.revoked_at = row.time(8);
  key.used_at = row.time(9);
  return key;
};
template <class Db>
Result<void> save_key(Db& db, const ApiKey& key) {
  MBF_TRY(const bool taken, any(db.query("SELECT 1 FROM api_keys WHERE hash = $1 AND NOT (tenant_id = $2 AND id = $3)", typename Db::Blob{key.hash},
                                         key.tenant, key.id)));
  if (taken) return key_exists();
  std::string scopes;
  for (const auto& scope : key.scopes) scopes += (scopes.empty() ? "" : " ") + scope;
  return db.run(
      "INSERT INTO api_keys(tenant_id, id, name, role, hash, created_at, scopes, expires_at, revoked_at, used_at) "
      "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT(tenant_id, id) DO UPDATE SET name = excluded.name, role = excluded.role, "
      "hash = excluded.hash, created_at = excluded.created_at, scopes = excluded.scopes, expires_at = excluded.expires_at, "
      "revoked_at = excluded.revoked_at, used_at = excluded.used_at",
      key.tenant, key.id, std::string_view(key.name), std::string_view(key.role), typename Db::Blob{key.hash}, key.created_at,
      std::string_view(scopes), key.expires_at, key.revoked_at, key.used_at);
}
template <class Db>
Result<std::optional<ApiKey>> find_key(Db& db, const std::string& hash) {
  static const auto sql = select_keys + "WHERE hash = $1";
  auto row = db.query(sql.c_str(), typename Db::Blob{hash});
  return one_of(row, key_of);
}
template <class Db>
Result<std::vector<ApiKey>> list_keys(Db& db, TenantId tenant) {
  static const auto sql = select_keys + "WHERE tenant_id = $1 ORDER BY id";
  auto rows = db.query(sql.c_str(), tenant);
  return all_of(rows, key_of);
}
template <class Db>
Result<void> revoke_key(Db& db, TenantId tenant, KeyId id, Timestamp at) {
  MBF_TRY(const bool found, any(db.query("UPDATE api_keys SET revoked_at = CASE WHEN revoked_at = 0 THEN $1 ELSE revoked_at END WHERE tenant_id = $2 "
                                         "AND id = $3 RETURNING 1",
                                         at, tenant, id)));
  if (!found) return key_missing();
  return {};
}

// ── the audit log

inline const std::string select_audit = "SELECT number, at, tenant_id, actor, action, target, detail, address, seal FROM audit ";

inline constexpr auto audit_row_of = [](const auto& row) {
  AuditRow out;
  out.number = static_cast<std::uint64_t>(row.integer(0));
  out.at = row.time(1);
  out.tenant = row.template id<TenantId>(2);
  out.actor = row.text(3);
  out.action = row.text(4);
  out.target = row.text(5);
  // What does not parse does not fit its seal either: whoever checks the log hears of it there.
  if (auto detail = parse_json(row.text(6))) out.detail = *std::move(detail);
  out.address = row.text(7);
  out.seal = row.bytes(8);
  return out;
};
template <class Db>
Result<AuditRow> audit_head(Db& db) {
  auto row = db.query("SELECT number, seal FROM audit_head");
  AuditRow head;
  if (row.next()) {
    head.number = static_cast<std::uint64_t>(row.integer(0));
    head.seal = row.bytes(1);
  }
  MBF_CHECK(row.status());
  return head;
}
template <class Db>
Result<AuditRow> add_audit(Db& db, AuditRow row) {
  // Other processes wait for this row until the end of the transaction: numbers have no gaps, and each is sealed with the one before.
  MBF_CHECK(db.run("UPDATE audit_head SET number = number + 1"));
  MBF_TRY(const auto head, audit_head(db));
  row.number = head.number;
  row.seal = seal_of(head.seal, row);
  MBF_CHECK(db.run("INSERT INTO audit(number, at, tenant_id, actor, action, target, detail, address, seal) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                   static_cast<std::int64_t>(row.number), row.at, row.tenant, std::string_view(row.actor), std::string_view(row.action),
                   std::string_view(row.target), write_json(row.detail), std::string_view(row.address), typename Db::Blob{row.seal}));
  MBF_CHECK(db.run("UPDATE audit_head SET seal = $1", typename Db::Blob{row.seal}));
  return row;
}
template <class Db>
Result<std::vector<AuditRow>> list_audit(Db& db, std::optional<TenantId> tenant, std::uint64_t before, int limit) {
  static const auto of_all = select_audit + "WHERE number < $1 ORDER BY number DESC LIMIT $2";
  static const auto of_one = select_audit + "WHERE tenant_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
  const auto end = before > 0 ? static_cast<std::int64_t>(before) : std::numeric_limits<std::int64_t>::max();
  auto rows = tenant ? db.query(of_one.c_str(), *tenant, end, page_size(limit)) : db.query(of_all.c_str(), end, page_size(limit));
  return all_of(rows, audit_row_of);
}
template <class Db>
Result<std::vector<AuditRow>> list_audit_after(Db& db, std::uint64_t after, int limit) {
  static const auto sql = select_audit + "WHERE number > $1 ORDER BY number LIMIT $2";
  auto rows = db.query(sql.c_str(), static_cast<std::int64_t>(after), page_size(limit));
  return all_of(rows, audit_row_of);
}

}  // namespace mbflow::store::sql
