// The switches of triggers in SQL; as people.h. Who reads triggers joins this table.
#pragma once

#include "store/store.h"

namespace mbflow::store::sql {

// A trigger that was never switched off has no row.
template <class Db>
Result<void> turn_switch(Db& db, TenantId tenant, WorkflowId workflow, std::string_view node, bool on, Timestamp now) {
  if (on) {
    return db.run("UPDATE switches SET enabled = 1, at = $1 WHERE tenant_id = $2 AND workflow_id = $3 AND node_id = $4 AND enabled = 0", now, tenant,
                  workflow, node);
  }
  return db.run(
      "INSERT INTO switches(tenant_id, workflow_id, node_id, enabled, at) VALUES($1, $2, $3, 0, $4) "
      "ON CONFLICT(tenant_id, workflow_id, node_id) DO UPDATE SET enabled = 0, at = excluded.at WHERE switches.enabled = 1",
      tenant, workflow, node, now);
}

template <class Db>
Result<void> forget_switches(Db& db, TenantId tenant, WorkflowId workflow) {
  return db.run("DELETE FROM switches WHERE tenant_id = $1 AND workflow_id = $2", tenant, workflow);
}

}  // namespace mbflow::store::sql
