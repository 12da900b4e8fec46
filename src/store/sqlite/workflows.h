// Workflows, their versions, routes and the keys of the API in SQL. Called on a database thread; the writing ones inside a
// transaction that is taken back when they fail.
#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace mbflow::store::sqlite {

// `record.id` is set; gives what was saved.
[[nodiscard]] Result<WorkflowRecord> save_workflow(Connection& db, WorkflowRecord record, std::optional<int> expected, Timestamp now);
[[nodiscard]] Result<WorkflowRecord> find_workflow(Connection& db, TenantId tenant, WorkflowId id, int version);
[[nodiscard]] Result<std::vector<WorkflowRecord>> list_workflows(Connection& db, TenantId tenant, const WorkflowFilter& filter);
[[nodiscard]] Result<std::vector<WorkflowVersion>> list_versions(Connection& db, TenantId tenant, WorkflowId id, int before, int limit);
[[nodiscard]] Result<std::vector<std::string>> list_names(Connection& db, TenantId tenant, const std::vector<WorkflowId>& ids);
[[nodiscard]] Result<void> publish(Connection& db, TenantId tenant, WorkflowId id, int version, const LiveTriggers& triggers,
                                   Timestamp now);
[[nodiscard]] Result<void> delete_workflow(Connection& db, TenantId tenant, WorkflowId id, Timestamp now);
// A deleted workflow goes for good with the last execution that refers to it.
[[nodiscard]] Result<void> forget_unused_workflow(Connection& db, TenantId tenant, WorkflowId id);
[[nodiscard]] Result<void> switch_trigger(Connection& db, TenantId tenant, WorkflowId id, std::string_view node_id, bool on, Timestamp now);
[[nodiscard]] Result<std::vector<WebhookRoute>> list_routes(Connection& db);


}  // namespace mbflow::store::sqlite
