// Executions and their journals in SQL. Called on a database thread.
#pragma once

#include "store/postgres/connection.h"
#include "store/store.h"

namespace mbflow::store::postgres {

// The columns that record_of reads, in its order.
inline constexpr const char* execution_columns =
    "tenant_id, id, workflow_id, version, status, trigger, created_at, started_at, finished_at, wake_at, error_code, "
    "error_message, last_seq, owner, epoch, deaths, lane, lane_limit";
[[nodiscard]] ExecutionRecord record_of(const Rows& row);
[[nodiscard]] Result<std::vector<ExecutionRecord>> records_of(Rows& rows);

// One commit as one statement of a group (see StepCall).
class CommitStep {
 public:
  explicit CommitStep(Commit commit);
  [[nodiscard]] const char* statement() const;
  [[nodiscard]] Parameters parameters() const;
  [[nodiscard]] Result<void> answer(std::int64_t number) const;

 private:
  [[nodiscard]] Parameters creation() const;
  [[nodiscard]] Parameters continuation() const;
  [[nodiscard]] std::optional<Bytes> blobs() const;

  Commit commit_;
  std::string started_by_;
  std::string blobs_;  // the names of commit_.blobs
};

[[nodiscard]] Result<ExecutionRecord> find_execution(Connection& db, TenantId tenant, ExecutionId id);
[[nodiscard]] Result<std::vector<ExecutionRecord>> list_executions(Connection& db, TenantId tenant,
                                                                   const ExecutionFilter& filter);
[[nodiscard]] Result<std::vector<std::string>> read_journal(Connection& db, TenantId tenant, ExecutionId id,
                                                            std::uint32_t from_seq);
[[nodiscard]] Result<void> save_blob(Connection& db, const BlobId& id, std::string_view bytes);
[[nodiscard]] Result<std::string> find_blob(Connection& db, const BlobId& id);
[[nodiscard]] Result<Store::Collected> collect_blobs(Connection& db, Duration grace);
[[nodiscard]] Result<int> expire_executions(Connection& db, const Expiry& expiry);
[[nodiscard]] Result<void> delete_execution(Connection& db, TenantId tenant, ExecutionId id);

}  // namespace mbflow::store::postgres
