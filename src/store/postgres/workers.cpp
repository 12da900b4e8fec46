#include "store/postgres/workers.h"

#include "store/faults.h"
#include "store/filter.h"
#include "store/lanes.h"
#include "store/postgres/executions.h"
#include "store/postgres/schema.h"

#include <mbflow/json.h>

#include <algorithm>
#include <limits>

namespace mbflow::store::postgres {

namespace {

std::int64_t microseconds(Duration lease) { return static_cast<std::int64_t>(lease.count()); }

// The conditions are written as in the index over them. What runs is due at any time.
const std::string due = "(CASE WHEN status = 2 THEN wake_at ELSE 0 END)";
const std::string free_ones =
    "owner = 0 AND (status = 1 OR (status = 2 AND wake_at > 0)) AND " + due + " < greatest($2, 1) ";
// OFFSET 0 keeps the planner to one look by the key for each signal: it would read all that nobody holds.
const std::string told_ones =
    "ctid = ANY(ARRAY(SELECT told.place FROM signals, LATERAL (SELECT ctid AS place FROM executions WHERE owner = 0 AND "
    "tenant_id = signals.tenant_id AND id = signals.execution_id OFFSET 0) AS told)) AND owner = 0 ";

// While the database was away nobody could renew a lease: who lives has so long to come back. Of some it is known that they do not live.
const std::string is_dead =
    "(lease_until = '-infinity' OR (lease_until <= clock_timestamp() AND pg_postmaster_start_time() < clock_timestamp() - interval '5 seconds'))";
const std::string expired_sql = "SELECT count(*) FROM workers WHERE " + is_dead;

// Each owner once, by the index, however many executions it holds: not only those whose lease is over, but also those
// who created something while they were being buried.
const std::string owners =
    "WITH RECURSIVE owners AS (SELECT min(owner) AS number FROM executions WHERE owner <> 0 UNION ALL "
    "SELECT (SELECT min(owner) FROM executions WHERE owner <> 0 AND owner > owners.number) FROM owners WHERE number IS "
    "NOT NULL) ";
const std::string gone = "number IS NOT NULL AND number NOT IN (SELECT number FROM workers)";

std::string take(const std::string& which, const std::string& order) {
  return "UPDATE executions SET owner = $1, epoch = epoch + 1 WHERE ctid = ANY(ARRAY(SELECT ctid FROM executions "
         "WHERE " +
         which + order + "LIMIT $3 FOR UPDATE SKIP LOCKED)) RETURNING " + execution_columns;
}

// The lanes in which something waits, from one on, each by its oldest, with their room.
const std::string heads =
    "WITH RECURSIVE heads AS ((SELECT lane, tenant_id, workflow_id, lane_limit FROM executions WHERE status = 0 AND owner = 0 "
    "AND lane > $1 ORDER BY lane, id LIMIT 1) UNION ALL SELECT next.* FROM heads, LATERAL (SELECT lane, tenant_id, "
    "workflow_id, lane_limit FROM executions WHERE status = 0 AND owner = 0 AND lane > heads.lane ORDER BY lane, id LIMIT 1) "
    "AS next) SELECT lane, tenant_id, workflow_id, CASE WHEN lane_limit = 0 THEN $2 ELSE lane_limit - (SELECT count(*) FROM "
    "executions WHERE lane = heads.lane AND lane <> 0 AND (status IN (1, 2) OR (status = 0 AND owner <> 0))) END FROM heads "
    "LIMIT $3";

Result<void> add_lanes(Connection& db, std::int64_t after, int limit, std::vector<Lane>& lanes) {
  if (lanes.size() >= lanes_a_look) return {};
  auto rows = db.query(heads.c_str(), after, static_cast<std::int64_t>(limit), lanes_a_look - lanes.size());
  while (rows.next()) {
    const bool known = !lanes.empty() && lanes.front().number == rows.integer(0);
    if (known) break;  // once around
    lanes.push_back({rows.integer(0), rows.id<TenantId>(1), rows.id<WorkflowId>(2), rows.small(3)});
  }
  return rows.status();
}

Result<std::vector<Lane>> look_at_lanes(Connection& db, int limit) {
  std::vector<Lane> lanes;
  MBF_CHECK(add_lanes(db, random_lane(), limit, lanes));
  MBF_CHECK(add_lanes(db, std::numeric_limits<std::int64_t>::min(), limit, lanes));
  return lanes;
}

// Those who fill a lane take turns until their transaction ends: two that counted at once would both find room.
Result<std::vector<ExecutionRecord>> claim_queued(Connection& db, WorkerNumber worker, std::size_t limit) {
  static const auto sql = take("status = 0 AND owner = 0 AND lane = $2 ", "ORDER BY id ");
  std::vector<ExecutionRecord> records;
  if (limit == 0) return records;
  MBF_TRY(const auto waiting, db.number("SELECT count(*) FROM (SELECT 1 FROM executions WHERE status = 0 AND owner = 0 LIMIT 1) AS one"));
  if (waiting == 0) return records;
  MBF_CHECK(db.run("SELECT pg_advisory_xact_lock(hashtext(current_schema()), $1::int)", static_cast<int>(Lock::lanes)));
  MBF_TRY(const auto lanes, look_at_lanes(db, static_cast<int>(limit)));
  const auto shares = share_out(lanes, limit);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (shares[i] == 0) continue;
    auto rows = db.query(sql.c_str(), worker, lanes[i].number, shares[i]);
    MBF_TRY(auto oldest, records_of(rows));
    std::ranges::sort(oldest, {}, &ExecutionRecord::id);
    std::ranges::move(oldest, std::back_inserter(records));
  }
  return records;
}

Timestamp due_of(const ExecutionRecord& record) {
  return record.status == ExecutionStatus::waiting ? record.wake_at : Timestamp{};
}

// Alive until the end of this transaction: nobody buries it before.
Result<void> check_alive(Connection& db, WorkerNumber worker) {
  auto row =
      db.query("SELECT 1 FROM workers WHERE number = $1 AND lease_until > clock_timestamp() FOR KEY SHARE", worker);
  if (row.next()) return {};
  MBF_CHECK(row.status());
  return lease_over();
}

// One worker at a time does this for all; the others do without. What a frozen process has locked is left for a later burial:
// its transaction ends by itself (idle_in_transaction_session_timeout), and nobody waits for that.
Result<void> bury_the_dead(Connection& db, Look look) {
  static const auto sql = owners +
                          "UPDATE executions SET owner = 0, epoch = epoch + 1, deaths = deaths + CASE WHEN status IN (0, 1, 2, 6) THEN 1 ELSE 0 END WHERE number = ANY(ARRAY("
                          "SELECT number FROM executions WHERE owner = ANY(ARRAY(SELECT number FROM owners WHERE " +
                          gone + ")) FOR UPDATE SKIP LOCKED))";
  MBF_TRY(const auto expired, db.number(expired_sql.c_str()));
  if (expired == 0 && look == Look::quick) return {};
  MBF_TRY(auto mine, db.number("SELECT pg_try_advisory_xact_lock(hashtext(current_schema()), $1::int)",
                               static_cast<int>(Lock::burial)));
  if (mine == 0) return {};
  static const auto bury_sql = "DELETE FROM workers WHERE number IN (SELECT number FROM workers WHERE " + is_dead + " FOR UPDATE SKIP LOCKED)";
  MBF_CHECK(db.run(bury_sql.c_str()));
  return db.run(sql.c_str());
}

}  // namespace

Result<WorkerNumber> join(Connection& db, Duration lease, const std::string& process) {
  MBF_TRY(auto number,
          db.number("INSERT INTO workers(lease_until, process) VALUES(clock_timestamp() + $1 * interval '1 microsecond', $2) "
                    "RETURNING number",
                    microseconds(lease), process));
  return static_cast<WorkerNumber>(number);
}

Result<void> tell_ended(Connection& db, const std::string& process) {
  return db.run("UPDATE workers SET lease_until = '-infinity' WHERE process = $1", process);
}

Result<void> beat(Connection& db, WorkerNumber worker, Duration lease) {
  auto rows = db.query(
      "UPDATE workers SET lease_until = clock_timestamp() + $2 * interval '1 microsecond' "
      "WHERE number = $1 AND lease_until > clock_timestamp()",
      worker, microseconds(lease));
  MBF_CHECK(rows.status());
  if (rows.changes() == 0) return lease_over();
  return {};
}

Result<void> leave(Connection& db, WorkerNumber worker) {
  MBF_CHECK(db.run("DELETE FROM workers WHERE number = $1", worker));
  return db.run("UPDATE executions SET owner = 0, epoch = epoch + 1 WHERE owner = $1 AND owner <> 0", worker);
}

Result<bool> anything_to_claim(Connection& db, WorkerNumber worker, Timestamp until, Look look) {
  static const auto sql = owners +
                          "SELECT EXISTS(SELECT 1 FROM workers WHERE number = $1 AND lease_until > clock_timestamp()), "
                          "EXISTS(SELECT 1 FROM executions WHERE " +
                          free_ones +
                          ") OR "
                          "EXISTS(SELECT 1 FROM executions WHERE " +
                          told_ones +
                          ") OR EXISTS(SELECT 1 FROM executions WHERE status = 0 AND owner = 0) OR "
                          "EXISTS(SELECT 1 FROM workers WHERE " + is_dead + ") OR "
                          "CASE WHEN $3 = 1 THEN EXISTS(SELECT 1 FROM owners WHERE " +
                          gone + ") ELSE false END";
  auto row = db.query(sql.c_str(), worker, until, look == Look::thorough ? 1 : 0);
  const bool found = row.next();
  MBF_CHECK(row.status());
  if (!found || !row.flag(0)) return lease_over();
  return row.flag(1);
}

Result<std::vector<ExecutionRecord>> claim(Connection& db, WorkerNumber worker, Timestamp until, int limit, Look look) {
  static const auto told_sql = take(told_ones + "AND $2::bigint IS NOT NULL ", "");
  static const auto free_sql = take(free_ones, "ORDER BY " + due + ", id ");
  MBF_CHECK(check_alive(db, worker));
  MBF_CHECK(bury_the_dead(db, look));
  auto told = db.query(told_sql.c_str(), worker, until, page_size(limit));
  MBF_TRY(auto records, records_of(told));
  if (records.size() >= page_size(limit)) return records;
  auto rows = db.query(free_sql.c_str(), worker, until, page_size(limit) - records.size());
  MBF_TRY(auto free, records_of(rows));
  std::ranges::sort(free, {}, [](const ExecutionRecord& record) { return std::pair(due_of(record), record.id); });
  std::ranges::move(free, std::back_inserter(records));
  MBF_TRY(auto queued, claim_queued(db, worker, page_size(limit) - records.size()));
  std::ranges::move(queued, std::back_inserter(records));
  return records;
}

Result<std::vector<QueuedOf>> count_queued(Connection& db, int most) {
  auto rows = db.query(
      "SELECT tenant_id, workflow_id, count(*) FROM (SELECT tenant_id, workflow_id FROM executions WHERE status = 0 AND owner = 0 "
      "LIMIT $1) AS waiting GROUP BY tenant_id, workflow_id",
      most);
  std::vector<QueuedOf> all;
  while (rows.next()) all.push_back({rows.id<TenantId>(0), rows.id<WorkflowId>(1), rows.small(2)});
  MBF_CHECK(rows.status());
  return all;
}

SendStep::SendStep(const Signal& signal)
    : tenant_(signal.tenant), execution_(signal.execution), body_(write_json(signal.body)) {}

Parameters SendStep::parameters() const {
  return Parameters::of(static_cast<int>(Lock::sending), tenant_, execution_, body_);
}

Result<void> SendStep::answer(std::int64_t sent) const {
  if (sent == 0) return execution_missing();
  return {};
}

Result<std::vector<Signal>> list_signals(Connection& db, WorkerNumber worker, std::uint64_t after, int limit) {
  std::vector<Signal> signals;
  auto rows = db.query(
      "SELECT signals.number, signals.tenant_id, execution_id, body FROM signals JOIN executions ON "
      "executions.tenant_id = "
      "signals.tenant_id AND executions.id = execution_id WHERE signals.number > $1 AND owner = $2 ORDER BY "
      "signals.number LIMIT $3",
      after, worker, page_size(limit));
  while (rows.next()) {
    MBF_TRY(auto body, parse_json(rows.text(3)));
    signals.push_back(
        {static_cast<std::uint64_t>(rows.integer(0)), rows.id<TenantId>(1), rows.id<ExecutionId>(2), std::move(body)});
  }
  MBF_CHECK(rows.status());
  return signals;
}

}  // namespace mbflow::store::postgres
