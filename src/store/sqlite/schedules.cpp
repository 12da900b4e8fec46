#include "store/sqlite/schedules.h"

#include "store/faults.h"
#include "store/filter.h"

#include <algorithm>
#include <limits>

namespace mbflow::store::sqlite {

namespace {

// Whether it was not there yet.
Result<bool> add_tick(Connection& db, const Tick& tick) {
  MBF_CHECK(db.run("INSERT INTO ticks(tenant_id, workflow_id, node_id, at, outcome, execution_id) VALUES(?, ?, ?, ?, ?, ?) "
                   "ON CONFLICT DO UPDATE SET outcome = excluded.outcome, execution_id = excluded.execution_id "
                   "WHERE outcome = 'queued'",
                   tick.tenant, tick.workflow, std::string_view(tick.node_id), tick.at, std::string_view(tick.outcome),
                   tick.execution));
  return db.changes() > 0;
}

}  // namespace

Result<void> replace_schedules(Connection& db, TenantId tenant, WorkflowId id, int version, const std::vector<Schedule>& schedules,
                               Timestamp now) {
  std::vector<std::pair<std::string, Timestamp>> live;
  auto rows = db.query("SELECT node_id, since FROM schedules WHERE tenant_id = ? AND workflow_id = ?", tenant, id);
  while (rows.next()) live.emplace_back(rows.text(0), rows.time(1));
  MBF_CHECK(rows.status());
  MBF_CHECK(db.run("DELETE FROM schedules WHERE tenant_id = ? AND workflow_id = ?", tenant, id));
  for (const auto& schedule : schedules) {
    const auto earlier = std::ranges::find(live, schedule.node_id, &std::pair<std::string, Timestamp>::first);
    Timestamp since = schedule.since;
    if (since == Timestamp{}) since = earlier == live.end() ? now : earlier->second;
    MBF_CHECK(db.run("INSERT INTO schedules(tenant_id, workflow_id, node_id, version, since) VALUES(?, ?, ?, ?, ?)", tenant, id,
                     std::string_view(schedule.node_id), version, since));
  }
  return {};
}

Result<std::vector<Schedule>> list_schedules(Connection& db) {
  std::vector<Schedule> schedules;
  auto rows = db.query(
      "SELECT tenant_id, workflow_id, version, node_id, since, coalesce((SELECT max(at) FROM ticks WHERE ticks.tenant_id = "
      "schedules.tenant_id AND ticks.workflow_id = schedules.workflow_id AND ticks.node_id = schedules.node_id), 0)"
      ", coalesce(enabled, 1), coalesce(switches.at, 0) FROM schedules LEFT JOIN switches USING (tenant_id, workflow_id, node_id) "
      "ORDER BY tenant_id, workflow_id, node_id");
  while (rows.next()) {
    schedules.push_back({rows.id<TenantId>(0), rows.id<WorkflowId>(1), rows.small(2), std::string(rows.text(3)), rows.time(4),
                         rows.time(5), rows.integer(6) != 0, rows.time(7)});
  }
  MBF_CHECK(rows.status());
  return schedules;
}

Result<void> add_first_tick(Connection& db, const Tick& tick) {
  auto off = db.query("SELECT 1 FROM switches WHERE tenant_id = ? AND workflow_id = ? AND node_id = ? AND (enabled = 0 OR at >= ?)", tick.tenant,
                      tick.workflow, std::string_view(tick.node_id), tick.at);
  if (off.next()) return tick_exists();
  MBF_CHECK(off.status());
  MBF_TRY(bool added, add_tick(db, tick));
  if (!added) return tick_exists();
  return {};
}

Result<void> add_ticks(Connection& db, const std::vector<Tick>& ticks) {
  for (const auto& tick : ticks) MBF_CHECK(add_tick(db, tick));
  return {};
}

Result<std::vector<Tick>> list_ticks(Connection& db, TenantId tenant, WorkflowId workflow, std::string_view node_id,
                                     Timestamp before, int limit) {
  constexpr Timestamp always{Duration(std::numeric_limits<std::int64_t>::max())};
  std::vector<Tick> ticks;
  auto rows = db.query(
      "SELECT at, outcome, execution_id FROM ticks WHERE tenant_id = ? AND workflow_id = ? AND node_id = ? AND at < ? "
      "ORDER BY at DESC LIMIT ?",
      tenant, workflow, node_id, before == Timestamp{} ? always : before, page_size(limit));
  while (rows.next()) {
    ticks.push_back({tenant, workflow, std::string(node_id), rows.time(0), std::string(rows.text(1)), rows.id<ExecutionId>(2)});
  }
  MBF_CHECK(rows.status());
  return ticks;
}

}  // namespace mbflow::store::sqlite
