#include "store/postgres/receipts.h"

#include "store/filter.h"

namespace mbflow::store::postgres {

Result<Receipt> reserve(Connection& db, const Receipt& receipt) {
  MBF_CHECK(db.run(
      "INSERT INTO receipts(tenant_id, key, request, subject, created_at) VALUES($1, $2, $3, $4, $5) "
      "ON CONFLICT(tenant_id, key) DO NOTHING",
      receipt.tenant, std::string_view(receipt.key), Bytes{receipt.request}, receipt.subject, receipt.created_at));
  auto row = db.query("SELECT request, subject, created_at, answer FROM receipts WHERE tenant_id = $1 AND key = $2",
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
  return db.run("UPDATE receipts SET answer = $1 WHERE tenant_id = $2 AND key = $3", answer, tenant, key);
}

Result<int> expire_receipts(Connection& db, Timestamp before, int limit) {
  auto deleted = db.query(
      "DELETE FROM receipts WHERE (tenant_id, key) IN (SELECT tenant_id, key FROM receipts WHERE created_at < $1 LIMIT $2)", before,
      page_size(limit));
  MBF_CHECK(deleted.status());
  return static_cast<int>(deleted.changes());
}

}  // namespace mbflow::store::postgres
