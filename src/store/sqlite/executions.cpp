#include "store/sqlite/executions.h"

#include "store/faults.h"
#include "store/filter.h"
#include "store/started_by.h"
#include "store/sqlite/messages.h"
#include "store/sqlite/schedules.h"
#include "store/sqlite/workflows.h"

#include <algorithm>
#include <set>
#include <string>

namespace mbflow::store::sqlite {

namespace {

// A first chunk of up to this size stays in the execution's row, where every later commit writes it again; one that is
// also the last may be of any size.
constexpr std::size_t inline_limit = 2048;

// A chunk's place in the journal: the execution's rowid, then its first event.
constexpr int seq_bits = 27;
constexpr std::int64_t seq_limit = std::int64_t{1} << seq_bits;
constexpr std::int64_t rowid_limit = std::int64_t{1} << (63 - seq_bits);
std::int64_t journal_place(std::int64_t rowid, std::int64_t seq) { return rowid << seq_bits | seq; }

int number_of(ExecutionStatus status) { return static_cast<int>(status); }
// What is final wants nothing any more.
Timestamp wake_of(const ExecutionRecord& record) { return is_final(record.status) ? Timestamp{} : record.wake_at; }
std::int64_t owner_of(const ExecutionRecord& record) {
  return is_final(record.status) ? 0 : static_cast<std::int64_t>(record.owner);
}

const std::string select = std::string("SELECT ") + execution_columns + " FROM executions ";

}  // namespace

ExecutionRecord record_of(const Query& row) {
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

Result<std::vector<ExecutionRecord>> records_of(Query& rows) {
  std::vector<ExecutionRecord> records;
  while (rows.next()) records.push_back(record_of(rows));
  MBF_CHECK(rows.status());
  return records;
}

namespace {

Result<void> check_length(std::int64_t rowid, const Commit& commit) {
  if (rowid >= rowid_limit || commit.record.last_seq >= seq_limit)
    return fail(Kind::invalid, "store.full", "the journal of this execution is too long; split the work over several executions");
  return {};
}

Result<void> add_chunk(Connection& db, std::int64_t rowid, const Commit& commit, bool apart) {
  MBF_CHECK(check_length(rowid, commit));
  const auto place = journal_place(rowid, commit.first_seq);
  if (apart) return db.run("INSERT INTO journal(place, chunk, blob) VALUES(?, x'', ?)", place, Bytes{commit.chunk});
  return db.run("INSERT INTO journal(place, chunk) VALUES(?, ?)", place, Bytes{commit.chunk});
}

Result<void> add_uses(Connection& db, std::int64_t rowid, const Commit& commit) {
  MBF_CHECK(check_length(rowid, commit));
  for (const auto& use : commit.blobs) {
    MBF_CHECK(db.run("INSERT INTO blob_uses(place, blob, bytes) VALUES(?, ?, ?) ON CONFLICT DO NOTHING",
                     journal_place(rowid, commit.first_seq), Bytes{use.id.raw()}, static_cast<std::int64_t>(use.bytes)));
  }
  return {};
}

Result<void> create(Connection& db, const Commit& commit, bool apart) {
  static constexpr const char* with_chunk =
      "INSERT INTO executions(tenant_id, id, workflow_id, version, status, trigger, created_at, started_at, finished_at, "
      "wake_at, error_code, error_message, last_seq, owner, epoch, deaths, lane, lane_limit, chunk) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT(tenant_id, id) DO NOTHING";
  static constexpr const char* without_chunk =
      "INSERT INTO executions(tenant_id, id, workflow_id, version, status, trigger, created_at, started_at, finished_at, "
      "wake_at, error_code, error_message, last_seq, owner, epoch, deaths, lane, lane_limit) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT(tenant_id, id) DO NOTHING";
  const auto& record = commit.record;
  bool is_inline = !apart && (commit.chunk.size() <= inline_limit || is_final(record.status));
  auto insert = [&](const char* sql, const auto&... chunk) {
    return db.run(sql, record.tenant, record.id, record.workflow, record.version, number_of(record.status),
                  started_by(record), record.created_at, record.started_at, record.finished_at, wake_of(record),
                  std::string_view(record.error_code), std::string_view(record.error_message), record.last_seq, owner_of(record),
                  record.epoch, record.deaths, record.lane, record.lane_limit, chunk...);
  };
  bool has_chunk = is_inline && !commit.chunk.empty();
  MBF_CHECK(has_chunk ? insert(with_chunk, Bytes{commit.chunk}) : insert(without_chunk));
  if (db.changes() == 0) return execution_exists();
  const auto rowid = db.last_rowid();
  if (!commit.blobs.empty()) MBF_CHECK(add_uses(db, rowid, commit));
  if (has_chunk || commit.chunk.empty()) return {};
  return add_chunk(db, rowid, commit, apart);
}

struct Place {
  std::int64_t rowid;
  ExecutionStatus status;
  Timestamp wake_at;
  std::uint32_t last_seq;
  WorkflowId workflow;
  std::int64_t owner;
  std::uint32_t epoch;
  int deaths;
};

Result<Place> place_of(Connection& db, TenantId tenant, ExecutionId id) {
  auto row = db.query(
      "SELECT rowid, status, wake_at, last_seq, workflow_id, owner, epoch, deaths FROM executions WHERE tenant_id = ? AND id = ?",
      tenant, id);
  if (row.next()) {
    return Place{row.integer(0), static_cast<ExecutionStatus>(row.small(1)), row.time(2),
                 static_cast<std::uint32_t>(row.integer(3)), row.id<WorkflowId>(4), row.integer(5),
                 static_cast<std::uint32_t>(row.integer(6)), row.small(7)};
  }
  MBF_CHECK(row.status());
  return execution_missing();
}

Result<void> update(Connection& db, const Commit& commit, bool apart) {
  const auto& record = commit.record;
  MBF_TRY(auto place, place_of(db, record.tenant, record.id));
  if (place.epoch != record.epoch) return taken_over();
  MBF_CHECK(check_sequence(commit, place.last_seq));
  auto write = [&](const char* sql, const auto&... indexed) {
    return db.run(sql, record.started_at, record.finished_at, std::string_view(record.error_code),
                  std::string_view(record.error_message), record.last_seq, indexed..., place.rowid);
  };
  // Indexes are touched only when what they are over changes.
  bool same = place.status == record.status && place.wake_at == wake_of(record) && place.owner == owner_of(record) &&
              place.deaths == record.deaths;
  MBF_CHECK(same ? write("UPDATE executions SET started_at = ?, finished_at = ?, error_code = ?, error_message = ?, "
                         "last_seq = ? WHERE rowid = ?")
                 : write("UPDATE executions SET started_at = ?, finished_at = ?, error_code = ?, error_message = ?, "
                         "last_seq = ?, status = ?, wake_at = ?, owner = ?, deaths = ? WHERE rowid = ?",
                         number_of(record.status), wake_of(record), owner_of(record), record.deaths));
  for (const auto number : commit.signals) {
    MBF_CHECK(db.run("DELETE FROM signals WHERE number = ? AND tenant_id = ? AND execution_id = ?",
                     static_cast<std::int64_t>(number), record.tenant, record.id));
  }
  if (!commit.blobs.empty()) MBF_CHECK(add_uses(db, place.rowid, commit));
  if (commit.chunk.empty()) return {};
  return add_chunk(db, place.rowid, commit, apart);
}

// What a list asks for decides which index serves it. `INDEXED BY` makes a list that none serves an error, not a slow list.
enum class Listed : std::uint8_t { all, succeeded, ended_badly, open };

Listed listed_by(std::optional<ExecutionStatus> status) {
  if (!status) return Listed::all;
  if (*status == ExecutionStatus::succeeded) return Listed::succeeded;
  return is_final(*status) ? Listed::ended_badly : Listed::open;
}

std::string list_statement(bool by_workflow, Listed listed, bool oldest_first) {
  static constexpr const char* conditions[] = {"", " AND status = ?", " AND status = ? AND status IN (4, 5)",
                                               " AND status = ? AND status IN (0, 1, 2, 6)"};
  const char* index = by_workflow ? "executions_by_workflow" : "executions_by_id";
  if (listed == Listed::ended_badly) index = by_workflow ? "executions_ended_badly_by_workflow" : "executions_ended_badly";
  if (listed == Listed::open) index = "executions_open";
  return select + "INDEXED BY " + index + " WHERE tenant_id = ? AND id BETWEEN ? AND ?" + (by_workflow ? " AND workflow_id = ?" : "") +
         conditions[static_cast<std::size_t>(listed)] + " ORDER BY id " + (oldest_first ? "ASC" : "DESC") + " LIMIT ?";
}

// Made once: statements are kept by the address of their text.
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

Result<std::vector<ExecutionRecord>> list_page(Connection& db, TenantId tenant, const ExecutionFilter& filter, const IdRange& range,
                                               std::optional<ExecutionStatus> status) {
  const char* sql = statement_of(filter.workflow.has_value(), listed_by(status), filter.oldest_first);
  auto list = [&](const auto&... conditions) {
    auto rows = db.query(sql, tenant, range.first, range.last, conditions..., page_size(filter.limit));
    return records_of(rows);
  };
  if (filter.workflow) return status ? list(*filter.workflow, number_of(*status)) : list(*filter.workflow);
  return status ? list(number_of(*status)) : list();
}

// Several reads at one moment.
class Snapshot {
 public:
  explicit Snapshot(Connection& db) : db_(db) { (void)db_.run("BEGIN"); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot() { (void)db_.run("COMMIT"); }

 private:
  Connection& db_;
};

}  // namespace

// The thread that writes is the only one that removes blobs: what is there now is there when this is committed.
Result<void> append_commit(Connection& db, const BlobFiles& blobs, const Commit& commit, bool chunk_apart) {
  for (const auto& use : commit.blobs) {
    if (!blobs.has(use.id)) return blob_missing(use.id);
  }
  if (commit.create) {
    MBF_CHECK(check_sequence(commit, 0));
    if (commit.tick) MBF_CHECK(add_first_tick(db, *commit.tick));
    MBF_CHECK(create(db, commit, chunk_apart));
  } else {
    MBF_CHECK(update(db, commit, chunk_apart));
  }
  if (commit.message) MBF_CHECK(add_message(db, *commit.message));
  return {};
}

Result<ExecutionRecord> find_execution(Connection& db, TenantId tenant, ExecutionId id) {
  static const auto sql = select + "WHERE tenant_id = ? AND id = ?";
  auto row = db.query(sql.c_str(), tenant, id);
  if (row.next()) return record_of(row);
  MBF_CHECK(row.status());
  return execution_missing();
}

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

Result<std::vector<std::string>> read_journal(Connection& db, const BlobFiles& blobs, TenantId tenant, ExecutionId id, std::uint32_t from_seq) {
  Snapshot snapshot(db);
  MBF_TRY(auto execution, place_of(db, tenant, id));
  std::vector<std::string> chunks;
  if (from_seq > execution.last_seq) return chunks;
  auto holder = db.query("SELECT coalesce(max(place), 0) FROM journal WHERE place BETWEEN ? AND ?",
                         journal_place(execution.rowid, 0), journal_place(execution.rowid, from_seq));
  auto from = holder.next() ? holder.integer(0) : 0;
  MBF_CHECK(holder.status());
  if (from == 0) {
    auto first = db.query("SELECT chunk FROM executions WHERE rowid = ? AND chunk IS NOT NULL", execution.rowid);
    if (first.next()) chunks.emplace_back(first.bytes(0));
    MBF_CHECK(first.status());
    from = journal_place(execution.rowid, 0);
  }
  auto rows = db.query("SELECT chunk, blob FROM journal WHERE place BETWEEN ? AND ? ORDER BY place", from,
                       journal_place(execution.rowid, seq_limit - 1));
  while (rows.next()) {
    const auto apart = BlobId::from_raw(rows.bytes(1));
    if (apart) {
      MBF_TRY(auto chunk, blobs.read(*apart));
      chunks.push_back(std::move(chunk));
    } else {
      chunks.emplace_back(rows.bytes(0));
    }
  }
  MBF_CHECK(rows.status());
  return chunks;
}

Result<void> delete_execution(Connection& db, TenantId tenant, ExecutionId id) {
  MBF_TRY(auto place, place_of(db, tenant, id));
  if (!is_final(place.status)) return not_final(place.status);
  MBF_CHECK(db.run("DELETE FROM journal WHERE place BETWEEN ? AND ?", journal_place(place.rowid, 0),
                   journal_place(place.rowid, seq_limit - 1)));
  MBF_CHECK(db.run("DELETE FROM blob_uses WHERE place BETWEEN ? AND ?", journal_place(place.rowid, 0),
                   journal_place(place.rowid, seq_limit - 1)));
  MBF_CHECK(db.run("DELETE FROM executions WHERE rowid = ?", place.rowid));
  MBF_CHECK(db.run("DELETE FROM signals WHERE tenant_id = ? AND execution_id = ?", tenant, id));
  return forget_unused_workflow(db, tenant, place.workflow);
}

namespace {

// Ids less than this may go.
Result<ExecutionId> expiry_bound(Connection& db, const Expiry& expiry) {
  const ExecutionId by_time = first_id_at(expiry.before);
  if (expiry.keep <= 0) return by_time;
  constexpr const char* of_all = "SELECT id FROM executions INDEXED BY executions_by_id WHERE tenant_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?";
  constexpr const char* of_one =
      "SELECT id FROM executions INDEXED BY executions_by_workflow WHERE tenant_id = ? AND workflow_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?";
  auto last_kept = expiry.workflow ? db.query(of_one, expiry.tenant, *expiry.workflow, expiry.keep - 1) : db.query(of_all, expiry.tenant, expiry.keep - 1);
  ExecutionId by_count;
  if (last_kept.next()) by_count = last_kept.id<ExecutionId>(0);
  MBF_CHECK(last_kept.status());
  return std::max(by_time, by_count);
}

}  // namespace

Result<bool> is_used(Connection& db, const BlobId& blob) {
  auto row = db.query("SELECT 1 FROM blob_uses WHERE blob = ? LIMIT 1", Bytes{blob.raw()});
  const bool used = row.next();
  MBF_CHECK(row.status());
  return used;
}

// A length is told by the head of a row: the content is not read.
Result<ExecutionId> newest_beyond(Connection& db, const Expiry& expiry) {
#define MBFLOW_BYTES                                                                                                             \
  "SELECT id, coalesce(length(chunk), 0) + (SELECT coalesce(sum(length(chunk)), 0) FROM journal WHERE place BETWEEN "             \
  "executions.rowid << 27 AND (executions.rowid << 27) + 134217727) + (SELECT coalesce(sum(bytes), 0) FROM blob_uses WHERE "      \
  "place BETWEEN executions.rowid << 27 AND (executions.rowid << 27) + 134217727) FROM executions INDEXED BY "
  constexpr const char* of_all = MBFLOW_BYTES "executions_by_id WHERE tenant_id = ? ORDER BY id DESC";
  constexpr const char* of_one = MBFLOW_BYTES "executions_by_workflow WHERE tenant_id = ? AND workflow_id = ? ORDER BY id DESC";
#undef MBFLOW_BYTES
  auto rows = expiry.workflow ? db.query(of_one, expiry.tenant, *expiry.workflow) : db.query(of_all, expiry.tenant);
  std::int64_t bytes = 0;
  while (rows.next()) {
    bytes += rows.integer(1);
    if (bytes > expiry.bytes) return rows.id<ExecutionId>(0);
  }
  MBF_CHECK(rows.status());
  return ExecutionId();
}

Result<int> expire_executions(Connection& db, const Expiry& expiry, ExecutionId beyond) {
  MBF_TRY(auto bound, expiry_bound(db, expiry));
  if (!beyond.is_nil()) bound = std::max(bound, id_after(beyond));
  constexpr const char* of_all =
      "SELECT id FROM executions INDEXED BY executions_by_id WHERE tenant_id = ? AND id < ? AND status IN (3, 4, 5) ORDER BY id LIMIT ?";
  constexpr const char* of_one =
      "SELECT id FROM executions INDEXED BY executions_by_workflow WHERE tenant_id = ? AND workflow_id = ? AND id < ? "
      "AND status IN (3, 4, 5) ORDER BY id LIMIT ?";
  std::vector<ExecutionId> ids;
  {
    const auto limit = page_size(expiry.limit);
    auto rows = expiry.workflow ? db.query(of_one, expiry.tenant, *expiry.workflow, bound, limit) : db.query(of_all, expiry.tenant, bound, limit);
    while (rows.next()) ids.push_back(rows.id<ExecutionId>(0));
    MBF_CHECK(rows.status());
  }
  for (const auto& id : ids) MBF_CHECK(delete_execution(db, expiry.tenant, id));
  if (!ids.empty()) MBF_CHECK(db.run("PRAGMA incremental_vacuum(2000)"));
  return static_cast<int>(ids.size());
}

}  // namespace mbflow::store::sqlite
