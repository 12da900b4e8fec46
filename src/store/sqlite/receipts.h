// What was answered to writes that named an idempotency key. As in workflows.h.
#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace mbflow::store::sqlite {

[[nodiscard]] Result<Receipt> reserve(Connection& db, const Receipt& receipt);
[[nodiscard]] Result<void> settle(Connection& db, TenantId tenant, std::string_view key, std::string_view answer);
[[nodiscard]] Result<int> expire_receipts(Connection& db, Timestamp before, int limit);

}  // namespace mbflow::store::sqlite
