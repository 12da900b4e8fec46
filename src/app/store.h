// Which store the settings ask for.
#pragma once

#include "app/settings.h"
#include "net/server.h"
#include "store/store.h"

#include <memory>

namespace mbflow::app {

// Until there are tenants to choose from, everything belongs to this one.
[[nodiscard]] TenantId default_tenant();

[[nodiscard]] bool is_postgres(std::string_view database);

// The file of the SQLite database. Only when the database is none of PostgreSQL's.
[[nodiscard]] std::string sqlite_path(const Settings& settings);
[[nodiscard]] Task<Result<void>> close_store(store::Store& store);

// Makes the data folder (mode 0700) when it is missing. `server`: keep other servers off. Errors: config.database, store.*.
[[nodiscard]] Result<std::unique_ptr<store::Store>> open_store(const Settings& settings, net::Loops& loops, bool server);

}  // namespace mbflow::app
