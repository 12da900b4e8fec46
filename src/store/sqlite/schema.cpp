#include "store/sqlite/schema.h"

#include "store/sqlite/entries.h"
#include "store/sqlite/schema_directory.h"

#include <array>

namespace mbflow::store::sqlite {

namespace {

constexpr int oldest_library = 3'051'003;
constexpr std::int64_t application_id = 0x4D42464C;  // "MBFL"

// Ids are UUIDs of 16 bytes, version 7 where we make them, so that rows and index entries are appended. Times are
// microseconds since 1970, 0: none. A tenant's ids are its own: uniqueness across tenants would tell of another's.
constexpr const char* version_1 = R"sql(
CREATE TABLE workflows(
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL,
  name TEXT NOT NULL,
  tags TEXT NOT NULL,               -- a JSON array
  version INTEGER NOT NULL,         -- the newest
  published_version INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE workflow_versions(
  tenant_id BLOB NOT NULL,
  workflow_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY(tenant_id, workflow_id, version),
  FOREIGN KEY(tenant_id, workflow_id) REFERENCES workflows(tenant_id, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE routes(
  path TEXT NOT NULL,
  method TEXT NOT NULL,
  tenant_id BLOB NOT NULL,
  workflow_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  node_id TEXT NOT NULL,
  PRIMARY KEY(path, method),
  FOREIGN KEY(tenant_id, workflow_id) REFERENCES workflows(tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX routes_by_workflow ON routes(tenant_id, workflow_id);

CREATE TABLE api_keys(
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,        -- SHA-256 of the key, which itself is nowhere
  created_at INTEGER NOT NULL,
  PRIMARY KEY(tenant_id, id)
) STRICT;

CREATE TABLE executions(
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL,
  workflow_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  status INTEGER NOT NULL,          -- 0 queued 1 running 2 waiting 3 succeeded 4 failed 5 cancelled 6 held
  trigger TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  wake_at INTEGER NOT NULL,         -- 0 once the status is final
  error_code TEXT NOT NULL,
  error_message TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  chunk BLOB                        -- the first of the journal, unless it is large; the rest is in `journal`
) STRICT;
CREATE UNIQUE INDEX executions_by_id ON executions(tenant_id, id);
CREATE INDEX executions_by_workflow ON executions(tenant_id, workflow_id, id);
CREATE INDEX executions_open ON executions(id, tenant_id, status) WHERE status IN (0, 1, 2, 6);
CREATE INDEX executions_ended_badly ON executions(tenant_id, status, id) WHERE status IN (4, 5);
CREATE INDEX executions_due ON executions(wake_at, id) WHERE wake_at > 0;

-- One number for execution and place (see journal_place) keeps the chunks of an execution together in one tree.
CREATE TABLE journal(
  place INTEGER PRIMARY KEY,
  chunk BLOB NOT NULL
) STRICT;
)sql";

// Who holds an execution, what it is told, and what starts by the clock. The table is laid out anew, its rowids kept: a
// column behind the chunk would be read through all of the chunk's pages.
constexpr const char* version_2 = R"sql(
CREATE TABLE executions_2(
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL,
  workflow_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  status INTEGER NOT NULL,          -- 0 queued 1 running 2 waiting 3 succeeded 4 failed 5 cancelled 6 held
  trigger TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  wake_at INTEGER NOT NULL,         -- 0 once the status is final
  error_code TEXT NOT NULL,
  error_message TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  owner INTEGER NOT NULL DEFAULT 0, -- the worker that holds it; 0 nobody
  epoch INTEGER NOT NULL DEFAULT 1, -- raised whenever the owner changes other than by its own commit
  deaths INTEGER NOT NULL DEFAULT 0,
  chunk BLOB                        -- the first of the journal, unless it is large; the rest is in `journal`
) STRICT;
INSERT INTO executions_2(rowid, tenant_id, id, workflow_id, version, status, trigger, created_at, started_at, finished_at,
    wake_at, error_code, error_message, last_seq, chunk)
  SELECT rowid, tenant_id, id, workflow_id, version, status, trigger, created_at, started_at, finished_at, wake_at, error_code,
    error_message, last_seq, chunk FROM executions;
DROP TABLE executions;
ALTER TABLE executions_2 RENAME TO executions;
CREATE UNIQUE INDEX executions_by_id ON executions(tenant_id, id);
CREATE INDEX executions_by_workflow ON executions(tenant_id, workflow_id, id);
CREATE INDEX executions_open ON executions(id, tenant_id, status) WHERE status IN (0, 1, 2, 6);
CREATE INDEX executions_ended_badly ON executions(tenant_id, status, id) WHERE status IN (4, 5);
-- What nobody holds and what will go on by itself.
CREATE INDEX executions_free ON executions(iif(status = 2, wake_at, 0), id)
  WHERE owner = 0 AND (status IN (0, 1) OR (status = 2 AND wake_at > 0));

-- AUTOINCREMENT: no number is given twice, also after the newest row is gone.
CREATE TABLE workers(number INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;

CREATE TABLE signals(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id BLOB NOT NULL,
  execution_id BLOB NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX signals_by_execution ON signals(tenant_id, execution_id);

CREATE TABLE schedules(
  tenant_id BLOB NOT NULL,
  workflow_id BLOB NOT NULL,
  node_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY(tenant_id, workflow_id, node_id),
  FOREIGN KEY(tenant_id, workflow_id) REFERENCES workflows(tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE ticks(
  tenant_id BLOB NOT NULL,
  workflow_id BLOB NOT NULL,
  node_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  execution_id BLOB NOT NULL,
  PRIMARY KEY(tenant_id, workflow_id, node_id, at),
  FOREIGN KEY(tenant_id, workflow_id) REFERENCES workflows(tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
)sql";

// What waits for room. Laid out anew for the same reason.
constexpr const char* version_3 = R"sql(
CREATE TABLE executions_3(
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL,
  workflow_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  status INTEGER NOT NULL,          -- 0 queued 1 running 2 waiting 3 succeeded 4 failed 5 cancelled 6 held
  trigger TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  wake_at INTEGER NOT NULL,         -- 0 once the status is final
  error_code TEXT NOT NULL,
  error_message TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  owner INTEGER NOT NULL DEFAULT 0, -- the worker that holds it; 0 nobody
  epoch INTEGER NOT NULL DEFAULT 1, -- raised whenever the owner changes other than by its own commit
  deaths INTEGER NOT NULL DEFAULT 0,
  lane INTEGER NOT NULL DEFAULT 0,  -- what it queues in; 0: it never did
  lane_limit INTEGER NOT NULL DEFAULT 0,
  chunk BLOB                        -- the first of the journal, unless it is large; the rest is in `journal`
) STRICT;
INSERT INTO executions_3(rowid, tenant_id, id, workflow_id, version, status, trigger, created_at, started_at, finished_at,
    wake_at, error_code, error_message, last_seq, owner, epoch, deaths, chunk)
  SELECT rowid, tenant_id, id, workflow_id, version, status, trigger, created_at, started_at, finished_at, wake_at, error_code,
    error_message, last_seq, owner, epoch, deaths, chunk FROM executions;
DROP TABLE executions;
ALTER TABLE executions_3 RENAME TO executions;
CREATE UNIQUE INDEX executions_by_id ON executions(tenant_id, id);
CREATE INDEX executions_by_workflow ON executions(tenant_id, workflow_id, id);
CREATE INDEX executions_open ON executions(id, tenant_id, status) WHERE status IN (0, 1, 2, 6);
CREATE INDEX executions_ended_badly ON executions(tenant_id, status, id) WHERE status IN (4, 5);
-- What nobody holds and what will go on by itself.
CREATE INDEX executions_free ON executions(iif(status = 2, wake_at, 0), id)
  WHERE owner = 0 AND (status = 1 OR (status = 2 AND wake_at > 0));
-- What waits for room in its lane, and what takes it there.
CREATE INDEX executions_queued ON executions(lane, id) WHERE status = 0 AND owner = 0;
CREATE INDEX executions_under_way ON executions(lane) WHERE lane <> 0 AND (status IN (1, 2) OR (status = 0 AND owner <> 0));
)sql";

// What is too large for a journal: files beside this one (blob_files.h), named by their SHA-256.
constexpr const char* version_4 = R"sql(
ALTER TABLE journal ADD COLUMN blob BLOB;  -- the chunk, when it is kept apart: `chunk` is empty then

-- What the commit at that place of the journal refers to, its own chunk too.
CREATE TABLE blob_uses(
  place INTEGER NOT NULL,
  blob BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY(place, blob)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_uses_by_blob ON blob_uses(blob);
)sql";

// Lists of the failures of one workflow; what idempotency keys stand for.
constexpr const char* version_5 = R"sql(
CREATE INDEX executions_ended_badly_by_workflow ON executions(tenant_id, workflow_id, status, id) WHERE status IN (4, 5);

CREATE TABLE receipts(
  tenant_id BLOB NOT NULL,
  key TEXT NOT NULL,
  request BLOB NOT NULL,            -- SHA-256 of what was asked
  subject BLOB NOT NULL,            -- the id of what it makes
  created_at INTEGER NOT NULL,
  answer TEXT NOT NULL DEFAULT '',
  PRIMARY KEY(tenant_id, key)
) STRICT;
CREATE INDEX receipts_by_age ON receipts(created_at);
)sql";

constexpr const char* version_6 = R"sql(
CREATE TABLE subscriptions(
  tenant_id BLOB NOT NULL,
  workflow_id BLOB NOT NULL,
  node_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY(tenant_id, workflow_id, node_id),
  FOREIGN KEY(tenant_id, workflow_id) REFERENCES workflows(tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE messages(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id BLOB NOT NULL,
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  key TEXT NOT NULL,                -- the sender's, one of each source; empty: none
  data TEXT NOT NULL,               -- JSON
  at INTEGER NOT NULL,
  handed_on INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX messages_by_key ON messages(tenant_id, source, key) WHERE key <> '';
CREATE INDEX messages_by_tenant ON messages(tenant_id, number);
CREATE INDEX messages_open ON messages(number) WHERE handed_on = 0;
CREATE INDEX messages_by_age ON messages(at) WHERE handed_on = 1;
)sql";

// Whose they are is counted without a look at the rows.
constexpr const char* version_9 = R"sql(
DROP INDEX executions_queued;
CREATE INDEX executions_queued ON executions(lane, id, tenant_id, workflow_id) WHERE status = 0 AND owner = 0;
)sql";

// Triggers that are or were switched off.
constexpr const char* version_10 = R"sql(
CREATE TABLE switches(
  tenant_id BLOB NOT NULL,
  workflow_id BLOB NOT NULL,
  node_id TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  at INTEGER NOT NULL,              -- when it was turned last
  PRIMARY KEY(tenant_id, workflow_id, node_id),
  FOREIGN KEY(tenant_id, workflow_id) REFERENCES workflows(tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array<const char*, 10> all_migrations = {version_1, version_2, version_3, version_4, version_5, version_6, entries_table, directory_tables, version_9, version_10};

Result<void> check_origin(Connection& db, std::int64_t version, std::size_t newest) {
  MBF_TRY(auto owner, db.number("PRAGMA application_id"));
  MBF_TRY(auto tables, db.number("SELECT count(*) FROM sqlite_schema"));
  if (tables > 0 && owner != application_id)
    return fail(Kind::invalid, "store.damaged", "this is the database of another program; choose another path");
  if (version > static_cast<std::int64_t>(newest)) {
    return fail(Kind::unavailable, "store.version",
                "the database was written by a newer MBFlow (schema " + std::to_string(version) + ", this program knows up to " +
                    std::to_string(newest) + "); start that one, or restore the backup made before the upgrade");
  }
  return {};
}

Result<void> apply(Connection& db, std::size_t from, Migrations migrations) {
  for (auto version = from; version < migrations.size(); ++version) MBF_CHECK(db.execute(migrations[version]));
  MBF_CHECK(db.execute("PRAGMA application_id=" + std::to_string(application_id)));
  return db.execute("PRAGMA user_version=" + std::to_string(migrations.size()));
}

}  // namespace

Result<void> check_library(int version_number) {
  if (version_number >= oldest_library) return {};
  return fail(Kind::unavailable, "store.version",
              "the SQLite library is too old (" + std::to_string(version_number) + "): before 3.51.3 it can destroy the "
              "database; build MBFlow with the SQLite that comes with it");
}

Migrations migrations() { return all_migrations; }

Result<void> check_schema(Connection& db) {
  MBF_TRY(auto version, db.number("PRAGMA user_version"));
  const Error empty = fail(Kind::invalid, "store.damaged", "this is no MBFlow database");
  if (version == 0) return empty;
  return check_origin(db, version, all_migrations.size());
}

Result<void> migrate(Connection& db, const std::string& path, Migrations migrations) {
  MBF_TRY(auto version, db.number("PRAGMA user_version"));
  MBF_CHECK(check_origin(db, version, migrations.size()));
  auto newest = static_cast<std::int64_t>(migrations.size());
  if (version == newest) return {};
  if (version > 0) {
    auto copy = path + ".before-" + std::to_string(newest);
    make_private(copy);
    MBF_CHECK(db.run("VACUUM INTO ?", copy));
  }
  MBF_CHECK(db.execute("BEGIN IMMEDIATE"));
  // Another process may have done it while this one waited for the lock.
  auto now = db.number("PRAGMA user_version");
  Result<void> result;
  if (!now) result = now.error();
  else if (*now == version) result = apply(db, static_cast<std::size_t>(version), migrations);
  if (result) result = db.execute("COMMIT");
  if (!result) (void)db.execute("ROLLBACK");
  return result;
}

}  // namespace mbflow::store::sqlite
