// Who holds which execution, and what executions are told, in SQL. One process has the file to itself: whoever joins finds all
// earlier workers dead. Called on a database thread; the writing ones inside a transaction.
#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace mbflow::store::sqlite {

[[nodiscard]] Result<WorkerNumber> join(Connection& db);
[[nodiscard]] Result<void> beat(Connection& db, WorkerNumber worker);
[[nodiscard]] Result<void> leave(Connection& db, WorkerNumber worker);
[[nodiscard]] Result<bool> anything_to_claim(Connection& db, WorkerNumber worker, Timestamp until);
[[nodiscard]] Result<std::vector<QueuedOf>> count_queued(Connection& db, int most);
[[nodiscard]] Result<std::vector<ExecutionRecord>> claim(Connection& db, WorkerNumber worker, Timestamp until, int limit);

[[nodiscard]] Result<void> send(Connection& db, const Signal& signal);
[[nodiscard]] Result<std::vector<Signal>> list_signals(Connection& db, WorkerNumber worker, std::uint64_t after, int limit);

}  // namespace mbflow::store::sqlite
