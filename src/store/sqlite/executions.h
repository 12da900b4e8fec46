// Executions and their journals in SQL. Called on a database thread; the writing ones inside a transaction.
#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace mbflow::store::sqlite {

[[nodiscard]] Result<void> append_commit(Connection& db, const Commit& commit);
[[nodiscard]] Result<ExecutionRecord> find_execution(Connection& db, TenantId tenant, ExecutionId id);
[[nodiscard]] Result<std::vector<ExecutionRecord>> list_executions(Connection& db, TenantId tenant, const ExecutionFilter& filter);
[[nodiscard]] Result<std::vector<std::string>> read_journal(Connection& db, TenantId tenant, ExecutionId id, std::uint32_t from_seq);
[[nodiscard]] Result<std::vector<ExecutionRecord>> list_unfinished(Connection& db, ExecutionId after, int limit);
[[nodiscard]] Result<std::vector<ExecutionRecord>> list_due(Connection& db, Timestamp until, int limit);
[[nodiscard]] Result<void> delete_execution(Connection& db, TenantId tenant, ExecutionId id);

}  // namespace mbflow::store::sqlite
