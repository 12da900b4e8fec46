#include "store/sqlite/connection.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

namespace mbflow::store::sqlite {

namespace {

bool out_of_space(int system_error) { return system_error == ENOSPC || system_error == EDQUOT; }

Fault fault_of(int code, int system_error) {
  switch (code & 0xff) {
    case SQLITE_FULL: return Fault::full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Fault::damaged;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return Fault::busy;
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM: return Fault::disk;
    case SQLITE_IOERR:
      // A sync that found no space has lost what it was to write, as any failed sync; a write has not yet begun.
      if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) return Fault::disk;
      return out_of_space(system_error) ? Fault::full : Fault::disk;
    default: return Fault::statement;
  }
}

Error worded(Fault fault, std::string cause) {
  switch (fault) {
    case Fault::full:
      return fail(Kind::unavailable, "store.full", "the disk is full (" + cause + "); free space, nothing was lost");
    case Fault::damaged:
      return fail(Kind::internal, "store.damaged", "the database file is damaged (" + cause + "); restore it from a backup");
    case Fault::busy:
      return fail(Kind::unavailable, "store.unavailable", "another process holds the database (" + cause + "); try again");
    case Fault::disk:
      return fail(Kind::unavailable, "store.unavailable", "the disk reports an error (" + cause + "); check it, then restart");
    case Fault::statement:
    case Fault::none: break;
  }
  return fail(Kind::internal, "store.statement", "a statement failed (" + cause + ")");
}

}  // namespace

void make_private(const std::string& path) {
  // Only a file that nobody has open: to close a descriptor ends all locks of the process on its file.
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) ::close(fd);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Mode mode) {
  if (mode == Mode::write) make_private(path);
  int flags = mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* db = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<Connection> connection(new Connection(db));
  if (code != SQLITE_OK) return connection->error(code);
  sqlite3_busy_timeout(db, 5000);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  MBF_CHECK(connection->execute("PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY"));
  if (mode == Mode::read) MBF_CHECK(connection->execute("PRAGMA query_only=ON"));
  return connection;
}

Connection::~Connection() {
  for (auto [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

Result<void> Connection::execute(const std::string& sql) {
  int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return error(code);
}

Result<std::int64_t> Connection::number(const char* sql) {
  auto rows = query(sql);
  std::int64_t value = rows.next() ? rows.integer(0) : 0;
  MBF_CHECK(rows.status());
  return value;
}

int Connection::changes() const { return sqlite3_changes(db_); }
std::int64_t Connection::last_rowid() const { return sqlite3_last_insert_rowid(db_); }

Error Connection::error(int code) {
  auto fault = fault_of(code, db_ ? sqlite3_system_errno(db_) : 0);
  std::string cause = db_ ? sqlite3_errmsg(db_) : sqlite3_errstr(code);
  int system_error = db_ ? sqlite3_system_errno(db_) : 0;
  if ((code & 0xff) == SQLITE_IOERR && system_error != 0) cause += std::string(", ") + std::strerror(system_error);
  auto error = worded(fault, std::move(cause));
  if (fault > fault_) {
    fault_ = fault;
    fault_error_ = error;
  }
  return error;
}

sqlite3_stmt* Connection::statement(const char* sql) {
  auto& statement = statements_[sql];
  if (!statement) {
    int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) statement = nullptr;
  }
  assert(!statement || !sqlite3_stmt_busy(statement));
  return statement;
}

Query::~Query() {
  if (statement_) sqlite3_reset(statement_);
}

bool Query::next() {
  if (error_) return false;
  if (!statement_) {
    error_ = connection_.error(sqlite3_extended_errcode(connection_.db_));
    return false;
  }
  int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) error_ = connection_.error(code);
  return false;
}

// A failed bind (no memory, too large) is told by the step, which is refused then.
void Query::check(int code) {
  if (code != SQLITE_OK && !error_) error_ = connection_.error(code);
}

void Query::bind(std::int64_t value) { check(sqlite3_bind_int64(statement_, ++bound_, value)); }

void Query::bind(std::string_view text) {
  const char* start = text.data() ? text.data() : "";
  check(sqlite3_bind_text64(statement_, ++bound_, start, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Query::bind(Bytes blob) {
  const char* start = blob.bytes.data() ? blob.bytes.data() : "";
  check(sqlite3_bind_blob64(statement_, ++bound_, start, blob.bytes.size(), SQLITE_STATIC));
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Query::text(int column) const {
  const auto* start = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (!start) return {};
  return {start, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Query::bytes(int column) const {
  const auto* start = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (!start) return {};
  return {start, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

Uuid Query::uuid(int column) const {
  Uuid id;
  auto raw = bytes(column);
  if (raw.size() == id.bytes.size()) std::memcpy(id.bytes.data(), raw.data(), raw.size());
  return id;
}

}  // namespace mbflow::store::sqlite
