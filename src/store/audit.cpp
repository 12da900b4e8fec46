#include "store/audit.h"

#include "base/hash.h"
#include "base/utf8.h"

#include <mbflow/json.h>

#include <algorithm>

namespace mbflow::store {
namespace {

constexpr int rows_at_once = 1000;

void make_plain(std::string& text) {
  std::ranges::replace(text, '\0', ' ');
  if (!utf8_valid(text)) text = to_hex(text);
}

Error broken(std::uint64_t number, const std::string& what) {
  return fail(Kind::internal, "audit.broken",
              "the audit log is not as it was written: row " + std::to_string(number) + " " + what + "; compare it with a backup");
}

}  // namespace

std::string seal_of(std::string_view previous, const AuditRow& row) {
  const Value content = Value::array({static_cast<std::int64_t>(row.number), static_cast<std::int64_t>(row.at.time_since_epoch().count()), row.tenant.to_string(), row.actor, row.action,
                                      row.target, row.detail, row.address});
  return sha256(std::string(previous) + write_json(content));
}

AuditRow plain_row(AuditRow row) {
  for (auto* text : {&row.actor, &row.action, &row.target, &row.address}) make_plain(*text);
  return row;
}

Task<Result<AuditRow>> check_audit(Directory& directory) {
  MBF_CO_TRY(const auto head, co_await directory.audit_head());
  AuditRow last;
  for (bool more = true; more;) {
    MBF_CO_TRY(auto rows, co_await directory.audit_after(last.number, rows_at_once));
    for (auto& row : rows) {
      if (row.number != last.number + 1) co_return broken(last.number + 1, "is missing");
      if (row.seal != seal_of(last.seal, row)) co_return broken(row.number, "does not fit its seal");
      last = std::move(row);
    }
    more = rows.size() == static_cast<std::size_t>(rows_at_once);
  }
  // Others may have added some meanwhile.
  if (last.number < head.number) co_return broken(last.number + 1, "is missing");
  co_return last;
}

}  // namespace mbflow::store
