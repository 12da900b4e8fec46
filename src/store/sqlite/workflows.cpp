#include "store/sqlite/workflows.h"

#include "store/faults.h"
#include "store/filter.h"
#include "store/sql/switches.h"
#include "store/sqlite/messages.h"
#include "store/sqlite/schedules.h"

#include <mbflow/json.h>

#include <limits>

namespace mbflow::store::sqlite {

namespace {

const std::string select =
    "SELECT tenant_id, id, name, tags, version, published_version, created_at, updated_at, deleted_at FROM workflows ";

std::string tags_to_json(const std::vector<std::string>& tags) {
  return write_json(Value::array(std::vector<Value>(tags.begin(), tags.end())));
}

Result<Value> parse(std::string_view json) {
  auto value = parse_json(json);
  if (value) return value;
  return fail(Kind::internal, "store.damaged",
              "a stored document is damaged (" + value.error().message + "); restore the database from a backup");
}

Result<WorkflowRecord> record_of(const Query& row) {
  WorkflowRecord record;
  record.tenant = row.id<TenantId>(0);
  record.id = row.id<WorkflowId>(1);
  record.name = row.text(2);
  record.version = row.small(4);
  record.published_version = row.small(5);
  record.created_at = row.time(6);
  record.updated_at = row.time(7);
  MBF_TRY(auto tags, parse(row.text(3)));
  for (const auto& tag : tags.elements()) record.tags.emplace_back(tag.as_string());
  return record;
}

struct Found {
  WorkflowRecord record;
  bool deleted;
};

Result<std::optional<Found>> look_up(Connection& db, TenantId tenant, WorkflowId id) {
  static const auto sql = select + "WHERE tenant_id = ? AND id = ?";
  auto row = db.query(sql.c_str(), tenant, id);
  if (row.next()) {
    MBF_TRY(auto record, record_of(row));
    return std::optional(Found{std::move(record), row.integer(8) != 0});
  }
  MBF_CHECK(row.status());
  return std::optional<Found>();
}

Result<WorkflowRecord> find_live(Connection& db, TenantId tenant, WorkflowId id) {
  MBF_TRY(auto found, look_up(db, tenant, id));
  if (!found || found->deleted) return workflow_missing();
  return std::move(found->record);
}

Result<void> put_workflow(Connection& db, const WorkflowRecord& record) {
  return db.run(
      "INSERT INTO workflows(tenant_id, id, name, tags, version, created_at, updated_at) VALUES(?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT(tenant_id, id) DO UPDATE SET name = excluded.name, tags = excluded.tags, version = excluded.version, "
      "updated_at = excluded.updated_at",
      record.tenant, record.id, std::string_view(record.name), tags_to_json(record.tags), record.version, record.created_at,
      record.updated_at);
}

// Which other workflow has a route that would answer the same requests.
Result<void> check_free(Connection& db, TenantId tenant, WorkflowId id, const WebhookRoute& route) {
  auto rows = db.query(
      "SELECT routes.method, workflows.tenant_id, workflows.name FROM routes JOIN workflows ON workflows.tenant_id = "
      "routes.tenant_id AND workflows.id = routes.workflow_id WHERE path = ? AND NOT (routes.tenant_id = ? AND workflow_id = ?)",
      std::string_view(route.path), tenant, id);
  while (rows.next()) {
    WebhookRoute other{.path = route.path, .method = std::string(rows.text(0))};
    if (!overlap(route, other)) continue;
    bool own = rows.id<TenantId>(1) == tenant;
    return route_taken(route, own ? rows.text(2) : std::string_view());
  }
  return rows.status();
}

}  // namespace

Result<WorkflowRecord> save_workflow(Connection& db, WorkflowRecord record, std::optional<int> expected, Timestamp now) {
  MBF_TRY(auto found, look_up(db, record.tenant, record.id));
  if (!found && (record.version != 0 || expected.value_or(0) != 0)) return workflow_missing();
  if (found && found->deleted) return workflow_missing();
  int newest = found ? found->record.version : 0;
  if (expected && *expected != newest) return newer_version(newest);
  record.version = newest + 1;
  record.published_version = found ? found->record.published_version : 0;
  record.created_at = found ? found->record.created_at : now;
  record.updated_at = now;
  MBF_CHECK(put_workflow(db, record));
  MBF_CHECK(db.run("INSERT INTO workflow_versions(tenant_id, workflow_id, version, created_at, document) VALUES(?, ?, ?, ?, ?)",
                   record.tenant, record.id, record.version, now, write_json(record.document)));
  return record;
}

Result<WorkflowRecord> find_workflow(Connection& db, TenantId tenant, WorkflowId id, int version) {
  // A version may be added between the two statements; the newest is then the one of the first.
  MBF_TRY(auto found, look_up(db, tenant, id));
  if (!found || (version == 0 && found->deleted)) return workflow_missing();
  auto row = db.query("SELECT document FROM workflow_versions WHERE tenant_id = ? AND workflow_id = ? AND version = ?", tenant, id,
                      version == 0 ? found->record.version : version);
  if (!row.next()) {
    MBF_CHECK(row.status());
    return version_missing();
  }
  MBF_TRY(found->record.document, parse(row.text(0)));
  return std::move(found->record);
}

Result<std::vector<WorkflowVersion>> list_versions(Connection& db, TenantId tenant, WorkflowId id, int before, int limit) {
  MBF_TRY(auto found, look_up(db, tenant, id));
  if (!found || found->deleted) return workflow_missing();
  auto rows = db.query(
      "SELECT version, created_at FROM workflow_versions WHERE tenant_id = ? AND workflow_id = ? AND version < ? "
      "ORDER BY version DESC LIMIT ?",
      tenant, id, before > 0 ? before : std::numeric_limits<int>::max(), page_size(limit));
  std::vector<WorkflowVersion> versions;
  while (rows.next()) versions.push_back({rows.small(0), rows.time(1)});
  MBF_CHECK(rows.status());
  return versions;
}

Result<std::vector<std::string>> list_names(Connection& db, TenantId tenant, const std::vector<WorkflowId>& ids) {
  std::vector<std::string> names;
  for (const auto& id : ids) {
    auto row = db.query("SELECT name FROM workflows WHERE tenant_id = ? AND id = ?", tenant, id);
    names.emplace_back(row.next() ? row.text(0) : std::string_view());
    MBF_CHECK(row.status());
  }
  return names;
}

Result<std::vector<WorkflowRecord>> list_workflows(Connection& db, TenantId tenant, const WorkflowFilter& filter) {
  static const std::string after_all(17, '\xff');
  static const auto sql = select + "WHERE tenant_id = ? AND id < ? AND (deleted_at <> 0) = ? ORDER BY id DESC";
  Bytes before{filter.before ? filter.before->raw() : std::string_view(after_all)};
  WorkflowMatch match(filter);
  std::vector<WorkflowRecord> records;
  auto rows = db.query(sql.c_str(), tenant, before, filter.deleted ? 1 : 0);
  while (records.size() < page_size(filter.limit) && rows.next()) {
    MBF_TRY(auto record, record_of(rows));
    if (match(record)) records.push_back(std::move(record));
  }
  MBF_CHECK(rows.status());
  return records;
}

Result<void> publish(Connection& db, TenantId tenant, WorkflowId id, int version, const LiveTriggers& triggers, Timestamp now) {
  MBF_TRY(auto record, find_live(db, tenant, id));
  if (version < 0 || version > record.version) return version_missing();
  MBF_CHECK(db.run("DELETE FROM routes WHERE tenant_id = ? AND workflow_id = ?", tenant, id));
  MBF_CHECK(db.run("UPDATE workflows SET published_version = ? WHERE tenant_id = ? AND id = ?", version, tenant, id));
  const LiveTriggers none;
  const auto& [routes, schedules, subscriptions] = version == 0 ? none : triggers;
  MBF_CHECK(replace_schedules(db, tenant, id, version, schedules, now));
  MBF_CHECK(replace_subscriptions(db, tenant, id, version, subscriptions));
  MBF_CHECK(check_routes(routes));
  for (const auto& route : routes) {
    MBF_CHECK(check_free(db, tenant, id, route));
    MBF_CHECK(db.run("INSERT INTO routes(path, method, tenant_id, workflow_id, version, node_id) VALUES(?, ?, ?, ?, ?, ?)",
                     std::string_view(route.path), std::string_view(route.method), tenant, id, version,
                     std::string_view(route.node_id)));
  }
  return {};
}

Result<void> delete_workflow(Connection& db, TenantId tenant, WorkflowId id, Timestamp now) {
  MBF_CHECK(find_live(db, tenant, id));
  MBF_CHECK(db.run("DELETE FROM routes WHERE tenant_id = ? AND workflow_id = ?", tenant, id));
  MBF_CHECK(db.run("DELETE FROM schedules WHERE tenant_id = ? AND workflow_id = ?", tenant, id));
  MBF_CHECK(replace_subscriptions(db, tenant, id, 0, {}));
  MBF_CHECK(sql::forget_switches(db, tenant, id));
  MBF_CHECK(db.run("UPDATE workflows SET deleted_at = ?, published_version = 0 WHERE tenant_id = ? AND id = ?", now, tenant, id));
  return forget_unused_workflow(db, tenant, id);
}

Result<void> forget_unused_workflow(Connection& db, TenantId tenant, WorkflowId id) {
  return db.run(
      "DELETE FROM workflows WHERE tenant_id = ?1 AND id = ?2 AND deleted_at <> 0 "
      "AND NOT EXISTS(SELECT 1 FROM executions WHERE tenant_id = ?1 AND workflow_id = ?2)",
      tenant, id);
}

Result<void> switch_trigger(Connection& db, TenantId tenant, WorkflowId id, std::string_view node_id, bool on, Timestamp now) {
  MBF_CHECK(find_live(db, tenant, id));
  return sql::turn_switch(db, tenant, id, node_id, on, now);
}

Result<std::vector<WebhookRoute>> list_routes(Connection& db) {
  std::vector<WebhookRoute> routes;
  auto rows = db.query(
      "SELECT path, method, tenant_id, workflow_id, version, node_id, coalesce(enabled, 1) FROM routes "
      "LEFT JOIN switches USING (tenant_id, workflow_id, node_id) ORDER BY path, method");
  while (rows.next()) {
    routes.push_back({std::string(rows.text(0)), std::string(rows.text(1)), rows.id<TenantId>(2), rows.id<WorkflowId>(3),
                      rows.small(4), std::string(rows.text(5)), rows.integer(6) != 0});
  }
  MBF_CHECK(rows.status());
  return routes;
}

}  // namespace mbflow::store::sqlite
