// The chain of the audit log: each row is sealed with the one before it, so that none can be changed, removed or put in between
// without all that follow being made anew. Pure.
#pragma once

#include "store/directory.h"

namespace mbflow::store {

// What the row's seal must be. Text that a database cannot hold is made plain first (plain_row).
[[nodiscard]] std::string seal_of(std::string_view previous, const AuditRow& row);
// Without NUL and what is not UTF-8, in every text.
[[nodiscard]] AuditRow plain_row(AuditRow row);
// Reads the whole chain in steps. Error audit.broken: names the first row that is not as it was written, or what is missing at the
// end. The newest row else: noted elsewhere it shows later whether the log was made anew.
[[nodiscard]] Task<Result<AuditRow>> check_audit(Directory& directory);

}  // namespace mbflow::store
