// What is done to a database file as a whole: checked, copied, put back.
#include "store/sqlite/lock_file.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sqlite3.h>

namespace mbflow::store {

using namespace sqlite;

namespace {

Error io_error(const std::string& what) {
  return fail(Kind::invalid, "store.io", what + ": " + std::strerror(errno));
}

// The file, and that it has this name, are on the disk when this returns.
Result<void> settle(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  for (const std::string& place : {path, folder}) {
    const int fd = ::open(place.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!synced) return io_error(place + " cannot be written to the disk");
  }
  return {};
}

Result<void> copy_file(const std::string& from, const std::string& to) {
  std::error_code fault;
  std::filesystem::copy_file(from, to, fault);
  if (fault) return fail(Kind::invalid, "store.io", from + " cannot be copied to " + to + ": " + fault.message());
  std::filesystem::permissions(to, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, fault);
  return settle(to);
}

// A database of ours, whole, and of a version this program can use.
Result<void> check_backup(const std::string& path) {
  MBF_TRY(auto db, Connection::open(path, Connection::Mode::read));
  MBF_CHECK(check_schema(*db));
  return check_sqlite_file(path);
}

}  // namespace

Result<void> check_sqlite_file(const std::string& path) {
  MBF_CHECK(check_library(sqlite3_libversion_number()));
  if (!std::filesystem::exists(path)) return fail(Kind::not_found, "store.io", "there is no database at " + path);
  MBF_TRY(auto db, Connection::open(path, Connection::Mode::read));
  auto faults = db->query("PRAGMA integrity_check(10)");
  while (faults.next()) {
    if (faults.text(0) != "ok")
      return fail(Kind::internal, "store.damaged", "the database is damaged: " + std::string(faults.text(0)));
  }
  MBF_CHECK(faults.status());
  MBF_TRY(auto orphans, db->number("SELECT count(*) FROM pragma_foreign_key_check"));
  MBF_TRY(auto stray, db->number("SELECT count(*) FROM journal WHERE place >> 27 NOT IN (SELECT rowid FROM executions)"));
  if (orphans + stray == 0) return {};
  return fail(Kind::internal, "store.damaged", std::to_string(orphans + stray) + " rows refer to rows that do not exist");
}


Result<void> backup_sqlite_file(const std::string& path, const std::string& to) {
  if (!std::filesystem::exists(path)) return fail(Kind::not_found, "store.io", "there is no database at " + path);
  if (std::filesystem::exists(to)) return fail(Kind::invalid, "store.io", to + " exists already; choose another name");
  MBF_TRY(auto db, Connection::open(path, Connection::Mode::write));
  MBF_CHECK(check_schema(*db));
  const std::string unfinished = to + ".unfinished";
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  make_private(unfinished);
  MBF_CHECK(db->run("VACUUM INTO ?", std::string_view(unfinished)));
  MBF_CHECK(check_sqlite_file(unfinished));
  MBF_CHECK(settle(unfinished));
  if (::rename(unfinished.c_str(), to.c_str()) != 0) return io_error(to + " cannot be made");
  return settle(to);
}

Result<std::string> restore_sqlite_file(const std::string& from, const std::string& path, Timestamp now) {
  MBF_CHECK(check_backup(from));
  MBF_TRY(auto lock, LockFile::take(path + ".lock"));
  const std::string arriving = path + ".arriving";
  std::error_code ignored;
  std::filesystem::remove(arriving, ignored);
  MBF_CHECK(copy_file(from, arriving));
  std::string kept;
  if (std::filesystem::exists(path)) {
    kept = path + ".before-restore-" + std::to_string(now.time_since_epoch().count());
    MBF_CHECK(backup_sqlite_file(path, kept));  // with what is only in its log
    for (const char* beside : {"-wal", "-shm"}) std::filesystem::remove(path + beside, ignored);
  }
  if (::rename(arriving.c_str(), path.c_str()) != 0) return io_error(path + " cannot be made");
  MBF_CHECK(settle(path));
  return kept;
}

}  // namespace mbflow::store
