// Executions and their journals in SQL. Called on a database thread; the writing ones inside a transaction.
#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace mbflow::store::sqlite {

// The columns that record_of reads, in its order.
inline constexpr const char* execution_columns =
    "tenant_id, id, workflow_id, version, status, trigger, created_at, started_at, finished_at, wake_at, error_code, "
    "error_message, last_seq, owner, epoch, deaths, lane, lane_limit";
[[nodiscard]] ExecutionRecord record_of(const Query& row);
[[nodiscard]] Result<std::vector<ExecutionRecord>> records_of(Query& rows);

[[nodiscard]] Result<void> append_commit(Connection& db, const Commit& commit);
[[nodiscard]] Result<ExecutionRecord> find_execution(Connection& db, TenantId tenant, ExecutionId id);
[[nodiscard]] Result<std::vector<ExecutionRecord>> list_executions(Connection& db, TenantId tenant, const ExecutionFilter& filter);
[[nodiscard]] Result<std::vector<std::string>> read_journal(Connection& db, TenantId tenant, ExecutionId id, std::uint32_t from_seq);
[[nodiscard]] Result<int> expire_executions(Connection& db, const Expiry& expiry);
[[nodiscard]] Result<void> delete_execution(Connection& db, TenantId tenant, ExecutionId id);

}  // namespace mbflow::store::sqlite
