#include "store/sqlite/receipts.h"

#include "store/filter.h"

namespace mbflow::store::sqlite {

Result<Receipt> reserve(Connection& db, const Receipt& receipt) {
  MBF_CHECK(db.run(
      "INSERT INTO receipts(tenant_id, key, request, subject, created_at) VALUES(?, ?, ?, ?, ?) "
      "ON CONFLICT(tenant_id, key) DO NOTHING",
      receipt.tenant, std::string_view(receipt.key), Bytes{receipt.request}, receipt.subject, receipt.created_at));
  auto row = db.query("SELECT request, subject, created_at, answer FROM receipts WHERE tenant_id = ? AND key = ?",
                      receipt.tenant, std::string_view(receipt.key));
  if (!row.next()) {
    MBF_CHECK(row.status());
    return receipt;  // it was just deleted for its age
  }
  Receipt kept = receipt;
  kept.request = row.bytes(0);
  kept.subject = row.id<Uuid>(1);
  kept.created_at = row.time(2);
  kept.answer = row.text(3);
  return kept;
}

Result<void> settle(Connection& db, TenantId tenant, std::string_view key, std::string_view answer) {
  return db.run("UPDATE receipts SET answer = ? WHERE tenant_id = ? AND key = ?", answer, tenant, key);
}

Result<int> expire_receipts(Connection& db, Timestamp before, int limit) {
  MBF_CHECK(db.run("DELETE FROM receipts WHERE rowid IN (SELECT rowid FROM receipts WHERE created_at < ? LIMIT ?)", before,
                   page_size(limit)));
  return db.changes();
}

}  // namespace mbflow::store::sqlite
