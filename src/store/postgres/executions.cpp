#include "store/postgres/executions.h"

#include "store/faults.h"
#include "store/filter.h"
#include "store/started_by.h"
#include "store/postgres/messages.h"
#include "store/postgres/workflows.h"

#include <algorithm>
#include <set>

namespace mbflow::store::postgres {

namespace {

// A first chunk of up to this size stays in the execution's row, where every later commit writes it again; one that is
// also the last may be of any size.
constexpr std::size_t inline_limit = 2048;
constexpr int blobs_at_once = 200;  // removed in one transaction

int number_of(ExecutionStatus status) { return static_cast<int>(status); }
// What is final wants nothing any more.
Timestamp wake_of(const ExecutionRecord& record) { return is_final(record.status) ? Timestamp{} : record.wake_at; }
WorkerNumber owner_of(const ExecutionRecord& record) { return is_final(record.status) ? 0 : record.owner; }

std::optional<Bytes> chunk_if(bool wanted, const Commit& commit) {
  if (!wanted || commit.chunk.empty()) return std::nullopt;
  return Bytes{commit.chunk};
}

const std::string select = std::string("SELECT ") + execution_columns + " FROM executions ";

}  // namespace

ExecutionRecord record_of(const Rows& row) {
  ExecutionRecord record;
  record.tenant = row.id<TenantId>(0);
  record.id = row.id<ExecutionId>(1);
  record.workflow = row.id<WorkflowId>(2);
  record.version = row.small(3);
  record.status = static_cast<ExecutionStatus>(row.small(4));
  read_started_by(row.text(5), record);
  record.created_at = row.time(6);
  record.started_at = row.time(7);
  record.finished_at = row.time(8);
  record.wake_at = row.time(9);
  record.error_code = row.text(10);
  record.error_message = row.text(11);
  record.last_seq = static_cast<std::uint32_t>(row.integer(12));
  record.owner = static_cast<WorkerNumber>(row.integer(13));
  record.epoch = static_cast<std::uint32_t>(row.integer(14));
  record.deaths = row.small(15);
  record.lane = row.integer(16);
  record.lane_limit = row.small(17);
  return record;
}

Result<std::vector<ExecutionRecord>> records_of(Rows& rows) {
  std::vector<ExecutionRecord> records;
  while (rows.next()) records.push_back(record_of(rows));
  MBF_CHECK(rows.status());
  return records;
}

namespace {

std::string numbered(int first, int last) {
  std::string list;
  for (int i = first; i <= last; ++i) list += (i > first ? ", $" : "$") + std::to_string(i);
  return list;
}

// A call of a function with so many parameters, alone or with a message that is added when it has gone well.
struct Statements {
  Statements(const std::string& function, int count)
      : alone("SELECT " + function + "(" + numbered(1, count) + ")"),
        telling("WITH done AS MATERIALIZED (" + alone + " AS code), told AS (INSERT INTO messages(tenant_id, name, source, key, data, at, handed_on) SELECT " +
                numbered(count + 1, count + 6) + ", 0 FROM done WHERE code = 0) SELECT code FROM done") {}
  std::string alone, telling;
};

}  // namespace

const char* CommitStep::statement() const {
  static const Statements creation("create_execution", 27), continuation("continue_execution", 17);
  const auto& statements = commit_.create ? creation : continuation;
  return (commit_.message ? statements.telling : statements.alone).c_str();
}

Parameters CommitStep::parameters() const {
  auto parameters = commit_.create ? creation() : continuation();
  if (commit_.message) add_to(parameters, *commit_.message);
  return parameters;
}

Parameters CommitStep::creation() const {
  static const Tick no_tick;
  const auto& record = commit_.record;
  const auto& tick = commit_.tick ? *commit_.tick : no_tick;
  const bool is_inline = commit_.chunk.size() <= inline_limit || is_final(record.status);
  return Parameters::of(record.tenant, record.id, record.workflow, record.version, number_of(record.status),
                        started_by_, record.created_at, record.started_at, record.finished_at, wake_of(record),
                        record.error_code, record.error_message, record.last_seq, owner_of(record), record.epoch,
                        record.deaths, chunk_if(is_inline, commit_), chunk_if(!is_inline, commit_), tick.tenant,
                        tick.workflow, tick.node_id, commit_.tick ? std::optional(tick.at) : std::nullopt, tick.outcome,
                        tick.execution, record.lane, record.lane_limit, blobs());
}

Parameters CommitStep::continuation() const {
  const auto& record = commit_.record;
  const bool follows = check_sequence(commit_, commit_.first_seq - 1).ok();  // in itself; the database knows the rest
  return Parameters::of(record.tenant, record.id, record.epoch, commit_.first_seq, follows, number_of(record.status),
                        record.started_at, record.finished_at, wake_of(record), record.error_code, record.error_message,
                        record.last_seq, owner_of(record), record.deaths, chunk_if(true, commit_), commit_.signals, blobs());
}

std::optional<Bytes> CommitStep::blobs() const {
  if (commit_.blobs.empty()) return std::nullopt;
  return Bytes{blobs_};
}

CommitStep::CommitStep(Commit commit) : commit_(std::move(commit)), started_by_(started_by(commit_.record)) {
  for (const auto& use : commit_.blobs) blobs_ += use.id.raw();
}

Result<void> CommitStep::answer(std::int64_t number) const {
  if (number == 0) return {};
  if (commit_.create) {
    if (number == 1) return execution_exists();
    if (number == 4) return blob_missing(commit_.blobs.front().id);
    return number == 2 ? lease_over() : tick_exists();
  }
  if (number == -1) return execution_missing();
  if (number == -2) return taken_over();
  if (number == -3) return blob_missing(commit_.blobs.front().id);
  return journal_gap(static_cast<std::uint32_t>(number - 1), commit_.first_seq);
}

Result<ExecutionRecord> find_execution(Connection& db, TenantId tenant, ExecutionId id) {
  static const auto sql = select + "WHERE tenant_id = $1 AND id = $2";
  auto row = db.query(sql.c_str(), tenant, id);
  if (row.next()) return record_of(row);
  MBF_CHECK(row.status());
  return execution_missing();
}

namespace {

// A statement of its own for each way to ask. The conditions that are written out are those of the partial indexes: a
// parameter alone would not let the planner use them.
enum class Listed : std::uint8_t { all, succeeded, ended_badly, open };

Listed listed_by(std::optional<ExecutionStatus> status) {
  if (!status) return Listed::all;
  if (*status == ExecutionStatus::succeeded) return Listed::succeeded;
  return is_final(*status) ? Listed::ended_badly : Listed::open;
}

std::string list_statement(bool by_workflow, Listed listed, bool oldest_first) {
  static constexpr const char* conditions[] = {" AND $5::bigint >= 0", " AND status = $5",
                                               " AND status = $5 AND status IN (4, 5)",
                                               " AND status = $5 AND status IN (0, 1, 2, 6)"};
  return select + "WHERE tenant_id = $1 AND id BETWEEN $2 AND $3" +
         (by_workflow ? " AND workflow_id = $6" : " AND $6::uuid IS NOT NULL") +
         conditions[static_cast<std::size_t>(listed)] + " ORDER BY id " + (oldest_first ? "ASC" : "DESC") + " LIMIT $4";
}

const char* statement_of(bool by_workflow, Listed listed, bool oldest_first) {
  static const auto statements = [] {
    std::vector<std::string> list;
    for (bool upwards : {false, true})
      for (bool workflow : {false, true})
        for (auto wanted : {Listed::all, Listed::succeeded, Listed::ended_badly, Listed::open})
          list.push_back(list_statement(workflow, wanted, upwards));
    return list;
  }();
  return statements[(oldest_first ? 8U : 0U) + (by_workflow ? 4U : 0U) + static_cast<std::size_t>(listed)].c_str();
}

Result<std::vector<ExecutionRecord>> list_page(Connection& db, TenantId tenant, const ExecutionFilter& filter,
                                               const IdRange& range, std::optional<ExecutionStatus> status) {
  auto rows = db.query(statement_of(filter.workflow.has_value(), listed_by(status), filter.oldest_first), tenant,
                       range.first, range.last, page_size(filter.limit), status ? number_of(*status) : 0,
                       filter.workflow.value_or(WorkflowId{}));
  return records_of(rows);
}

}  // namespace

Result<std::vector<ExecutionRecord>> list_executions(Connection& db, TenantId tenant, const ExecutionFilter& filter) {
  const auto range = id_range(filter);
  if (!range) return std::vector<ExecutionRecord>();
  if (filter.statuses.empty()) return list_page(db, tenant, filter, *range, std::nullopt);
  std::vector<ExecutionRecord> pages;
  for (const auto status : std::set(filter.statuses.begin(), filter.statuses.end())) {
    MBF_TRY(auto page, list_page(db, tenant, filter, *range, status));
    std::ranges::move(page, std::back_inserter(pages));
  }
  return merge_pages(std::move(pages), filter);
}

Result<std::vector<std::string>> read_journal(Connection& db, TenantId tenant, ExecutionId id, std::uint32_t from_seq) {
  // One statement, so one moment. The execution's own row is always there, and comes first.
  auto rows = db.query(
      "WITH execution AS (SELECT number, last_seq, chunk FROM executions WHERE tenant_id = $1 AND id = $2), "
      "holder AS (SELECT coalesce(max(first_seq), 0) AS seq FROM journal, execution WHERE execution = number AND "
      "first_seq <= $3) "
      "SELECT 0 AS seq, last_seq, CASE WHEN (SELECT seq FROM holder) = 0 AND last_seq >= $3 THEN chunk END FROM "
      "execution "
      "UNION ALL SELECT first_seq, 0, journal.chunk FROM journal, execution WHERE execution = number AND last_seq >= "
      "$3 "
      "AND first_seq >= (SELECT seq FROM holder) ORDER BY seq",
      tenant, id, from_seq);
  if (!rows.next()) {
    MBF_CHECK(rows.status());
    return execution_missing();
  }
  std::vector<std::string> chunks;
  if (!rows.is_null(2)) chunks.emplace_back(rows.bytes(2));
  while (rows.next()) chunks.emplace_back(rows.bytes(2));
  return chunks;
}

Result<void> delete_execution(Connection& db, TenantId tenant, ExecutionId id) {
  auto row = db.query("SELECT number, status, workflow_id FROM executions WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
                      tenant, id);
  if (!row.next()) {
    MBF_CHECK(row.status());
    return execution_missing();
  }
  const auto status = static_cast<ExecutionStatus>(row.small(1));
  if (!is_final(status)) return not_final(status);
  MBF_CHECK(db.run("DELETE FROM journal WHERE execution = $1", row.integer(0)));
  MBF_CHECK(db.run("DELETE FROM blob_uses WHERE execution = $1", row.integer(0)));
  MBF_CHECK(db.run("DELETE FROM executions WHERE tenant_id = $1 AND id = $2", tenant, id));
  MBF_CHECK(db.run("DELETE FROM signals WHERE tenant_id = $1 AND execution_id = $2", tenant, id));
  return forget_unused_workflow(db, tenant, row.id<WorkflowId>(2));
}

namespace {

// Ids less than this are beyond expiry.bytes: the newest that still fits. A length is read without the content.
Result<ExecutionId> bound_by_bytes(Connection& db, const Expiry& expiry) {
  auto row = db.query(
      "SELECT id FROM (SELECT id, sum(coalesce(octet_length(chunk), 0) "
      "+ (SELECT coalesce(sum(octet_length(journal.chunk)), 0) FROM journal WHERE execution = number) "
      "+ (SELECT coalesce(sum(size), 0) FROM blob_uses JOIN blobs ON blobs.id = blob WHERE execution = number)) "
      "OVER (ORDER BY id DESC ROWS UNBOUNDED PRECEDING) AS total FROM executions WHERE tenant_id = $1 AND ($3 OR workflow_id = $2)) "
      "AS sums WHERE total > $4 ORDER BY id DESC LIMIT 1",
      expiry.tenant, expiry.workflow.value_or(WorkflowId()), !expiry.workflow, expiry.bytes);
  ExecutionId newest;
  if (row.next()) newest = row.id<ExecutionId>(0);
  MBF_CHECK(row.status());
  return newest.is_nil() ? newest : id_after(newest);
}

}  // namespace

Result<void> save_blob(Connection& db, const BlobId& id, std::string_view bytes) {
  return db.run("INSERT INTO blobs(id, bytes, size, saved_at) VALUES($1, $2, $3, clock_timestamp()) "
                "ON CONFLICT(id) DO UPDATE SET saved_at = excluded.saved_at",
                Bytes{id.raw()}, Bytes{bytes}, static_cast<std::int64_t>(bytes.size()));
}

Result<std::string> find_blob(Connection& db, const BlobId& id) {
  auto row = db.query("SELECT bytes FROM blobs WHERE id = $1", Bytes{id.raw()});
  if (!row.next()) {
    MBF_CHECK(row.status());
    return blob_missing(id);
  }
  std::string bytes(row.bytes(0));
  if (BlobId::of(bytes) != id) return blob_damaged(id);
  return bytes;
}

// What a commit holds at this moment is passed over; what it has just begun to refer to, the foreign key protects.
Result<Store::Collected> collect_blobs(Connection& db, Duration grace) {
  auto rows = db.query(
      "DELETE FROM blobs WHERE id IN (SELECT id FROM blobs WHERE saved_at < clock_timestamp() - $1 * interval '1 microsecond' "
      "AND NOT EXISTS(SELECT 1 FROM blob_uses WHERE blob = id) LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1",
      static_cast<std::int64_t>(grace.count()), blobs_at_once);
  MBF_CHECK(rows.status());
  const auto gone = static_cast<int>(rows.changes());
  return Store::Collected{gone, gone == blobs_at_once};
}

Result<int> expire_executions(Connection& db, const Expiry& expiry) {
  auto last_kept = db.query(
      "SELECT id FROM executions WHERE tenant_id = $1 AND ($3 OR workflow_id = $2) ORDER BY id DESC LIMIT 1 OFFSET $4", expiry.tenant,
      expiry.workflow.value_or(WorkflowId()), !expiry.workflow, std::max(expiry.keep - 1, 0));
  ExecutionId bound = first_id_at(expiry.before);
  if (last_kept.next() && expiry.keep > 0) bound = std::max(bound, last_kept.id<ExecutionId>(0));
  MBF_CHECK(last_kept.status());
  if (expiry.bytes > 0) {
    MBF_TRY(const auto beyond, bound_by_bytes(db, expiry));
    bound = std::max(bound, beyond);
  }
  auto rows = db.query(
      "SELECT id FROM executions WHERE tenant_id = $1 AND ($3 OR workflow_id = $2) AND id < $4 AND status IN (3, 4, 5) "
      "ORDER BY id LIMIT $5",
      expiry.tenant, expiry.workflow.value_or(WorkflowId()), !expiry.workflow, bound, static_cast<std::int64_t>(page_size(expiry.limit)));
  std::vector<ExecutionId> ids;
  while (rows.next()) ids.push_back(rows.id<ExecutionId>(0));
  MBF_CHECK(rows.status());
  for (const auto& id : ids) MBF_CHECK(delete_execution(db, expiry.tenant, id));
  return static_cast<int>(ids.size());
}

}  // namespace mbflow::store::postgres
