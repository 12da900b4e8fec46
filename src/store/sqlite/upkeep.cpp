// What is done to a database file as a whole: checked, copied, put back.
#include "store/lock_file.h"
#include "store/sqlite/blob_files.h"
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

// Of the blobs that the database refers to, those that `use` is not content with. Names of a few, for people.
template <class Use>
Result<std::string> each_blob(Connection& db, Use use) {
  constexpr std::size_t most_named = 3;
  std::string bad;
  std::size_t count = 0;
  auto rows = db.query("SELECT DISTINCT blob FROM blob_uses");
  while (rows.next()) {
    const auto id = BlobId::from_raw(rows.bytes(0));
    const auto done = id ? use(*id) : Result<void>(fail(Kind::internal, "store.damaged", "a blob has no name"));
    if (!done && done.error().kind == Kind::unavailable && done.error().code != "store.blob_missing") return done.error();
    if (done || ++count > most_named) continue;
    bad += (bad.empty() ? "" : ", ") + (id ? id->to_hex() : std::string("?"));
  }
  MBF_CHECK(rows.status());
  if (count > most_named) bad += " and " + std::to_string(count - most_named) + " more";
  return bad;
}

// Every blob the database refers to is there, whole.
Result<void> check_blobs(Connection& db, const std::string& path) {
  MBF_TRY(const auto present, db.number("SELECT count(*) FROM sqlite_schema WHERE name = 'blob_uses'"));
  if (present == 0) return {};  // of an older version
  const BlobFiles files(path);
  MBF_TRY(const auto bad, each_blob(db, [&](const BlobId& id) -> Result<void> {
    MBF_CHECK(files.read(id));
    return {};
  }));
  if (bad.empty()) return {};
  return fail(Kind::internal, "store.damaged", "data kept apart in " + BlobFiles::folder_of(path) + " is missing or damaged: " + bad);
}

// The blobs that the copy of a database refers to, put beside it. Empty: it has all of them.
Result<std::string> copy_blobs(Connection& copy, const std::string& from, const std::string& to) {
  MBF_TRY(const auto present, copy.number("SELECT count(*) FROM sqlite_schema WHERE name = 'blob_uses'"));
  if (present == 0) return std::string();
  const BlobFiles source(from);
  BlobFiles target(to);
  return each_blob(copy, [&](const BlobId& id) -> Result<void> {
    if (target.has(id)) return {};
    MBF_TRY(const auto bytes, source.read(id));
    return target.save(id, bytes, std::chrono::floor<Duration>(std::chrono::system_clock::now()));
  });
}

// A database of ours, whole, and of a version this program can use.
Result<void> check_backup(const std::string& path) {
  MBF_TRY(auto db, Connection::open(path, Connection::Mode::read));
  MBF_CHECK(check_schema(*db));
  return check_sqlite_file(path);
}

}  // namespace

namespace {

// The file, and that the blobs it refers to are among those of `owner`.
Result<void> check_file(const std::string& path, const std::string& owner) {
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
  MBF_TRY(auto tables, db->number("SELECT count(*) FROM sqlite_schema WHERE name = 'blob_uses'"));
  if (tables > 0) {
    MBF_TRY(auto uses, db->number("SELECT count(*) FROM blob_uses WHERE place >> 27 NOT IN (SELECT rowid FROM executions)"));
    stray += uses;
  }
  if (orphans + stray == 0) return check_blobs(*db, owner);
  return fail(Kind::internal, "store.damaged", std::to_string(orphans + stray) + " rows refer to rows that do not exist");
}

}  // namespace

Result<void> check_sqlite_file(const std::string& path) { return check_file(path, path); }


namespace {

// The database as TO.unfinished, its blobs as those of TO; which of them are missing. While they are copied the server may let go of
// some, with executions whose time is over: then the copy is made anew.
Result<std::string> copy_whole(Connection& db, const std::string& path, const std::string& to) {
  constexpr int most_tries = 5;
  const std::string unfinished = to + ".unfinished";
  std::string missing;
  for (int tries = 0; tries < most_tries; ++tries) {
    std::error_code ignored;
    std::filesystem::remove(unfinished, ignored);
    make_private(unfinished);
    MBF_CHECK(db.run("VACUUM INTO ?", std::string_view(unfinished)));
    MBF_TRY(auto copy, Connection::open(unfinished, Connection::Mode::read));
    MBF_TRY(missing, copy_blobs(*copy, path, to));
    if (missing.empty()) break;
  }
  return missing;
}

Result<void> give_name(const std::string& to) {
  const std::string unfinished = to + ".unfinished";
  MBF_CHECK(settle(unfinished));
  if (::rename(unfinished.c_str(), to.c_str()) != 0) return io_error(to + " cannot be made");
  return settle(to);
}

// What a restored database takes the place of; blobs that it lacks are no reason not to.
Result<void> keep_beside(const std::string& path, const std::string& kept) {
  MBF_TRY(auto db, Connection::open(path, Connection::Mode::write));
  MBF_CHECK(check_schema(*db));
  MBF_CHECK(copy_whole(*db, path, kept));
  return give_name(kept);
}

}  // namespace

Result<void> backup_sqlite_file(const std::string& path, const std::string& to) {
  if (!std::filesystem::exists(path)) return fail(Kind::not_found, "store.io", "there is no database at " + path);
  if (std::filesystem::exists(to)) return fail(Kind::invalid, "store.io", to + " exists already; choose another name");
  MBF_TRY(auto db, Connection::open(path, Connection::Mode::write));
  MBF_CHECK(check_schema(*db));
  MBF_CHECK(copy_whole(*db, path, to));
  MBF_CHECK(check_file(to + ".unfinished", to));
  return give_name(to);
}

Result<std::string> restore_sqlite_file(const std::string& from, const std::string& path, Timestamp now) {
  MBF_CHECK(check_backup(from));
  MBF_TRY(auto lock, LockFile::take(path + ".lock"));
  const std::string arriving = path + ".arriving";
  std::error_code ignored;
  std::filesystem::remove(arriving, ignored);
  MBF_CHECK(copy_file(from, arriving));
  // Before the database that refers to them. Those of the one that was there stay until the server finds that nothing refers to them.
  MBF_TRY(const auto backup, Connection::open(from, Connection::Mode::read));
  MBF_TRY(const auto missing, copy_blobs(*backup, from, path));
  if (!missing.empty()) return fail(Kind::internal, "store.damaged", "the backup lacks data kept apart: " + missing);
  std::string kept;
  if (std::filesystem::exists(path)) {
    kept = path + ".before-restore-" + std::to_string(now.time_since_epoch().count());
    MBF_CHECK(keep_beside(path, kept));  // with what is only in its log
    for (const char* beside : {"-wal", "-shm"}) std::filesystem::remove(path + beside, ignored);
  }
  if (::rename(arriving.c_str(), path.c_str()) != 0) return io_error(path + " cannot be made");
  MBF_CHECK(settle(path));
  return kept;
}

}  // namespace mbflow::store
