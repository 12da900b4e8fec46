// Executions and their journals in SQL. Called on a database thread; the writing ones inside a transaction.
#pragma once

#include "store/sqlite/blob_files.h"
#include "store/sqlite/connection.h"
#include "store/store.h"

namespace mbflow::store::sqlite {

// The columns that record_of reads, in its order.
inline constexpr const char* execution_columns =
    "tenant_id, id, workflow_id, version, status, trigger, created_at, started_at, finished_at, wake_at, error_code, "
    "error_message, last_seq, owner, epoch, deaths, lane, lane_limit";
[[nodiscard]] ExecutionRecord record_of(const Query& row);
[[nodiscard]] Result<std::vector<ExecutionRecord>> records_of(Query& rows);

// `chunk_apart`: the chunk is kept as a blob; commit.chunk is its name, and commit.blobs has it.
[[nodiscard]] Result<void> append_commit(Connection& db, const BlobFiles& blobs, const Commit& commit, bool chunk_apart);
[[nodiscard]] Result<ExecutionRecord> find_execution(Connection& db, TenantId tenant, ExecutionId id);
[[nodiscard]] Result<std::vector<ExecutionRecord>> list_executions(Connection& db, TenantId tenant, const ExecutionFilter& filter);
[[nodiscard]] Result<std::vector<std::string>> read_journal(Connection& db, const BlobFiles& blobs, TenantId tenant, ExecutionId id, std::uint32_t from_seq);
// The newest execution that is beyond expiry.bytes; nil: none is. Reads every newer one: not for the thread that writes.
[[nodiscard]] Result<ExecutionId> newest_beyond(Connection& db, const Expiry& expiry);
// Also whatever is not newer than `beyond`.
[[nodiscard]] Result<int> expire_executions(Connection& db, const Expiry& expiry, ExecutionId beyond);
[[nodiscard]] Result<bool> is_used(Connection& db, const BlobId& blob);
[[nodiscard]] Result<void> delete_execution(Connection& db, TenantId tenant, ExecutionId id);

}  // namespace mbflow::store::sqlite
