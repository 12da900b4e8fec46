#include "store/sqlite/workers.h"

#include "store/faults.h"
#include "store/filter.h"
#include "store/lanes.h"
#include "store/sqlite/executions.h"

#include <mbflow/json.h>

#include <algorithm>
#include <limits>

namespace mbflow::store::sqlite {

namespace {

std::int64_t sql(WorkerNumber worker) { return static_cast<std::int64_t>(worker); }

Result<void> check_alive(Connection& db, WorkerNumber worker) {
  auto row = db.query("SELECT 1 FROM workers WHERE number = ?", sql(worker));
  if (row.next()) return {};
  MBF_CHECK(row.status());
  return lease_over();
}

// `free` is written as in the index over it.
const std::string free_ones =
    "INDEXED BY executions_free WHERE owner = 0 AND (status = 1 OR (status = 2 AND wake_at > 0)) "
    "AND iif(status = 2, wake_at, 0) < ?1 ";
// A dead worker may have held something final only to hear a signal.
const std::string told_ones =
    "FROM executions JOIN (SELECT DISTINCT tenant_id AS told_tenant, execution_id FROM signals) "
    "ON tenant_id = told_tenant AND id = execution_id WHERE owner <> ?1 ";

Result<int> room_of(Connection& db, std::int64_t lane, int most, int limit) {
  if (most == 0) return limit;
  auto row = db.query(
      "SELECT count(*) FROM (SELECT 1 FROM executions INDEXED BY executions_under_way WHERE lane = ?1 AND lane <> 0 AND "
      "(status IN (1, 2) OR (status = 0 AND owner <> 0)) LIMIT ?2)",
      lane, most);
  const int under_way = row.next() ? row.small(0) : 0;
  MBF_CHECK(row.status());
  return most - under_way;
}

// The lanes in which something waits, from a random one on, with their room.
Result<std::vector<Lane>> look_at_lanes(Connection& db, int limit) {
  std::vector<Lane> lanes;
  const std::int64_t begin = random_lane();
  bool wrapped = false;
  for (std::int64_t last = begin; lanes.size() < lanes_a_look;) {
    auto head = db.query(
        "SELECT lane, tenant_id, workflow_id, lane_limit FROM executions INDEXED BY executions_queued "
        "WHERE status = 0 AND owner = 0 AND lane > ? ORDER BY lane, id LIMIT 1",
        last);
    const bool found = head.next();
    MBF_CHECK(head.status());
    if (found && !(wrapped && head.integer(0) > begin)) {
      last = head.integer(0);
      Lane lane{last, head.id<TenantId>(1), head.id<WorkflowId>(2), 0};
      MBF_TRY(lane.room, room_of(db, last, head.small(3), limit));
      lanes.push_back(lane);
    } else if (wrapped) {
      break;
    } else {
      wrapped = true;
      last = std::numeric_limits<std::int64_t>::min();
    }
  }
  return lanes;
}

Result<void> choose_queued(Connection& db, std::size_t limit, std::vector<ExecutionRecord>& chosen) {
  static const auto queued_sql = std::string("SELECT ") + execution_columns +
                                 " FROM executions INDEXED BY executions_queued WHERE status = 0 AND owner = 0 AND lane = ? "
                                 "ORDER BY id LIMIT ?";
  if (limit == 0) return {};
  MBF_TRY(const auto lanes, look_at_lanes(db, static_cast<int>(limit)));
  const auto shares = share_out(lanes, limit);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (shares[i] == 0) continue;
    auto rows = db.query(queued_sql.c_str(), lanes[i].number, shares[i]);
    MBF_TRY(auto oldest, records_of(rows));
    std::ranges::move(oldest, std::back_inserter(chosen));
  }
  return {};
}

bool any_room(const std::vector<Lane>& lanes) {
  return std::ranges::any_of(lanes, [](const Lane& lane) { return lane.room > 0; });
}

// What has ended is held only while it is told something.
constexpr const char* free_told_sql =
    "UPDATE executions SET owner = 0, epoch = epoch + 1 WHERE owner <> 0 AND status NOT IN (0, 1, 2, 6) AND "
    "(tenant_id, id) IN (SELECT tenant_id, execution_id FROM signals)";

}  // namespace

Result<WorkerNumber> join(Connection& db) {
  MBF_CHECK(db.run("DELETE FROM workers"));
  MBF_CHECK(db.run(free_told_sql));
  MBF_CHECK(db.run("UPDATE executions INDEXED BY executions_open SET owner = 0, epoch = epoch + 1, deaths = deaths + 1 "
                   "WHERE status IN (0, 1, 2, 6) AND owner <> 0"));
  MBF_CHECK(db.run("INSERT INTO workers DEFAULT VALUES"));
  return static_cast<WorkerNumber>(db.last_rowid());
}

Result<void> beat(Connection& db, WorkerNumber worker) { return check_alive(db, worker); }

Result<void> leave(Connection& db, WorkerNumber worker) {
  MBF_CHECK(db.run("DELETE FROM workers WHERE number = ?", sql(worker)));
  MBF_CHECK(db.run(free_told_sql));  // there is one worker at a time
  return db.run("UPDATE executions INDEXED BY executions_open SET owner = 0, epoch = epoch + 1 "
                "WHERE status IN (0, 1, 2, 6) AND owner = ?",
                sql(worker));
}

Result<bool> anything_to_claim(Connection& db, WorkerNumber worker, Timestamp until) {
  static const auto free_sql = "SELECT 1 FROM executions " + free_ones + "LIMIT 1";
  static const auto told_sql = "SELECT 1 " + told_ones + "LIMIT 1";
  MBF_CHECK(check_alive(db, worker));
  auto free = db.query(free_sql.c_str(), until);
  if (free.next()) return true;
  MBF_CHECK(free.status());
  auto told = db.query(told_sql.c_str(), sql(worker));
  const bool found = told.next();
  MBF_CHECK(told.status());
  if (found) return true;
  MBF_TRY(const auto lanes, look_at_lanes(db, 1));
  return any_room(lanes);
}

Result<std::vector<ExecutionRecord>> claim(Connection& db, WorkerNumber worker, Timestamp until, int limit) {
  static const auto told_sql = std::string("SELECT ") + execution_columns + " " + told_ones + "LIMIT ?2";
  static const auto free_sql =
      std::string("SELECT ") + execution_columns + " FROM executions " + free_ones + "ORDER BY iif(status = 2, wake_at, 0), id LIMIT ?2";
  MBF_CHECK(check_alive(db, worker));
  auto told = db.query(told_sql.c_str(), sql(worker), page_size(limit));
  MBF_TRY(auto records, records_of(told));
  auto take = [&](ExecutionRecord& record) {
    record.owner = worker;
    ++record.epoch;
    return db.run("UPDATE executions SET owner = ?, epoch = ? WHERE tenant_id = ? AND id = ?", sql(worker), record.epoch,
                  record.tenant, record.id);
  };
  for (auto& record : records) MBF_CHECK(take(record));
  if (records.size() >= page_size(limit)) return records;
  auto rows = db.query(free_sql.c_str(), until, page_size(limit) - records.size());
  MBF_TRY(auto chosen, records_of(rows));
  MBF_CHECK(choose_queued(db, page_size(limit) - records.size() - chosen.size(), chosen));
  for (auto& record : chosen) {
    MBF_CHECK(take(record));
    records.push_back(std::move(record));
  }
  return records;
}

Result<std::vector<QueuedOf>> count_queued(Connection& db, int most) {
  auto rows = db.query(
      "SELECT tenant_id, workflow_id, count(*) FROM (SELECT tenant_id, workflow_id FROM executions INDEXED BY executions_queued "
      "WHERE status = 0 AND owner = 0 LIMIT ?) GROUP BY tenant_id, workflow_id",
      most);
  std::vector<QueuedOf> all;
  while (rows.next()) all.push_back({rows.id<TenantId>(0), rows.id<WorkflowId>(1), rows.small(2)});
  MBF_CHECK(rows.status());
  return all;
}

Result<void> send(Connection& db, const Signal& signal) {
  MBF_CHECK(db.run("INSERT INTO signals(tenant_id, execution_id, body) SELECT ?1, ?2, ?3 "
                   "WHERE EXISTS(SELECT 1 FROM executions WHERE tenant_id = ?1 AND id = ?2)",
                   signal.tenant, signal.execution, write_json(signal.body)));
  if (db.changes() == 0) return execution_missing();
  return {};
}

Result<std::vector<Signal>> list_signals(Connection& db, WorkerNumber worker, std::uint64_t after, int limit) {
  std::vector<Signal> signals;
  auto rows = db.query(
      "SELECT number, signals.tenant_id, execution_id, body FROM signals JOIN executions ON executions.tenant_id = "
      "signals.tenant_id AND id = execution_id WHERE number > ? AND owner = ? ORDER BY number LIMIT ?",
      static_cast<std::int64_t>(after), sql(worker), page_size(limit));
  while (rows.next()) {
    MBF_TRY(auto body, parse_json(rows.text(3)));
    signals.push_back({static_cast<std::uint64_t>(rows.integer(0)), rows.id<TenantId>(1), rows.id<ExecutionId>(2), std::move(body)});
  }
  MBF_CHECK(rows.status());
  return signals;
}

}  // namespace mbflow::store::sqlite
