// Who drives what, and what executions are told, in SQL. Leases are on the server's clock alone. Called on a database
// thread; the writing ones inside a transaction.
#pragma once

#include "store/postgres/connection.h"
#include "store/store.h"

namespace mbflow::store::postgres {

[[nodiscard]] Result<WorkerNumber> join(Connection& db, Duration lease, const std::string& process);
// All that joined as this process, which has ended, are buried by the next claim.
[[nodiscard]] Result<void> tell_ended(Connection& db, const std::string& process);
[[nodiscard]] Result<void> beat(Connection& db, WorkerNumber worker, Duration lease);
[[nodiscard]] Result<void> leave(Connection& db, WorkerNumber worker);
// Thorough: also for what belongs to a worker that was buried before. That reads the owners of all that is under way, among the
// dead rows of what was, so it is for once in a while.
enum class Look : std::uint8_t { quick, thorough };

// Reads only. Error store.fenced.
[[nodiscard]] Result<bool> anything_to_claim(Connection& db, WorkerNumber worker, Timestamp until, Look look);
[[nodiscard]] Result<std::vector<QueuedOf>> count_queued(Connection& db, int most);
[[nodiscard]] Result<std::vector<ExecutionRecord>> claim(Connection& db, WorkerNumber worker, Timestamp until,
                                                         int limit, Look look);

// One signal as one statement of a group (see StepCall).
class SendStep {
 public:
  explicit SendStep(const Signal& signal);
  [[nodiscard]] const char* statement() const { return "SELECT send_signal($1, $2, $3, $4)"; }
  [[nodiscard]] Parameters parameters() const;
  [[nodiscard]] Result<void> answer(std::int64_t sent) const;

 private:
  TenantId tenant_;
  ExecutionId execution_;
  std::string body_;
};

[[nodiscard]] Result<std::vector<Signal>> list_signals(Connection& db, WorkerNumber worker, std::uint64_t after,
                                                       int limit);

}  // namespace mbflow::store::postgres
