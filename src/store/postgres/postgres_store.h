// The Store for many processes: one PostgreSQL database (13 or newer), reached with libpq. Commits of many executions
// go through one pipelined transaction after another (group commit); leases and fencing are the database's.
#pragma once

#include "store/store.h"

#include <chrono>
#include <functional>
#include <string>

namespace mbflow::store {

struct PostgresOptions {
  std::string url;                   // postgres://user:password@host:port/database?option=value
  std::string schema = "mbflow";     // made when it is not there; two in one database know nothing of each other
  std::string folder;                // of this machine, there already: processes that died here are known as dead at once; empty: by their lease
  std::size_t readers = 2;           // threads, each with a connection; four more connections write and listen
  std::size_t queue_limit = 65'536;  // waiting commits; beyond: store.unavailable
  std::size_t queue_bytes = 256u << 20;
  std::size_t group_limit = 1024;              // commits of one transaction
  std::chrono::milliseconds patience{10'000};  // with a server that is away; then store.unavailable
  std::function<Loop*()> current_loop;         // the loop of the calling thread; none: the call blocks its thread
};

// Errors: store.address (the URL), store.unavailable (no connection), store.settings (the server could lose what it
// confirms), store.version (server older than 13, or a schema newer than this program). None shows the password.
[[nodiscard]] Result<std::unique_ptr<Store>> open_postgres_store(Env& env, PostgresOptions options);

}  // namespace mbflow::store
