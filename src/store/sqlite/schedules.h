// What starts by the clock, in SQL. Called on a database thread; the writing ones inside a transaction.
#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace mbflow::store::sqlite {

// Puts these in place of the workflow's schedules.
[[nodiscard]] Result<void> replace_schedules(Connection& db, TenantId tenant, WorkflowId id, int version,
                                             const std::vector<Schedule>& schedules, Timestamp now);
[[nodiscard]] Result<std::vector<Schedule>> list_schedules(Connection& db);
// Error store.exists: it is there already, or was due while its trigger is or was switched off.
[[nodiscard]] Result<void> add_first_tick(Connection& db, const Tick& tick);
[[nodiscard]] Result<void> add_ticks(Connection& db, const std::vector<Tick>& ticks);
[[nodiscard]] Result<std::vector<Tick>> list_ticks(Connection& db, TenantId tenant, WorkflowId workflow, std::string_view node_id,
                                                   Timestamp before, int limit);

}  // namespace mbflow::store::sqlite
