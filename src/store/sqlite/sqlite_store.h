// The default Store: one SQLite file in WAL mode with synchronous=FULL, one writer thread that commits many executions'
// steps together (group commit), readers beside it. Made for one server process at a time; the command line may open the
// same file beside it for short reads and writes.
#pragma once

#include "store/store.h"

#include <functional>
#include <string>

namespace mbflow::store {

struct SqliteOptions {
  std::string path;             // the database file; its folder must exist
  bool server = true;           // take the lock that keeps a second server off this file
  std::size_t readers = 2;      // threads
  std::size_t queue_limit = 65'536;            // waiting commits; beyond: store.unavailable
  std::size_t queue_bytes = 256u << 20;
  std::size_t group_limit = 1024;              // commits of one transaction
  std::uint64_t max_bytes = 0;                 // of the file; beyond: store.full. 0: as the disk has
  std::function<Loop*()> current_loop;         // the loop of the calling thread; none: the call blocks its thread
};

// Errors: store.locked (another server runs on this file: names its pid), store.version (SQLite library older than 3.51.3,
// or a schema newer than this program), store.damaged, store.io.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite_store(Env& env, SqliteOptions options);

// Reads the whole file and what is kept apart beside it, in FILE.blobs: store.damaged when a page, an index, a reference or a blob is
// not as it should be. Slow; any process, any time.
[[nodiscard]] Result<void> check_sqlite_file(const std::string& path);

// Copies the database as it is at one moment, with the blobs it refers to (as TO.blobs), while a server may be using it; checked, and on disk, when it returns. `to`
// must not exist. Errors: store.io, store.full, store.version, store.damaged.
[[nodiscard]] Result<void> backup_sqlite_file(const std::string& path, const std::string& to);
// Puts a backup in the place of the database, which no server may be using (store.locked). What was there is kept beside it:
// the path of that copy, or empty. Errors: those of a backup, before anything is changed.
[[nodiscard]] Result<std::string> restore_sqlite_file(const std::string& from, const std::string& path, Timestamp now);

}  // namespace mbflow::store
