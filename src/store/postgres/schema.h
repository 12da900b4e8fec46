// The schema of the database, and how an older one becomes a newer one. Version 1 is the first.
#pragma once

#include "store/postgres/connection.h"

#include <span>

namespace mbflow::store::postgres {

// Statements that turn version n into n + 1, n being the position in the list.
using Migrations = std::span<const char* const>;
[[nodiscard]] Migrations migrations();

// Whether this server keeps what it confirms, and is of a version we know. Errors: store.settings, store.version.
[[nodiscard]] Result<void> check_server(Connection& db);

// Brings the schema to the newest version in one transaction, one program at a time. Errors: store.version (it is newer
// than this program), and those of the statements.
[[nodiscard]] Result<void> migrate(Connection& db, Migrations migrations);

// One name for all that is locked in the name of this schema. Held to the end of the transaction.
enum class Lock : int { migration = 1, burial = 2, sending = 3, lanes = 4 };

}  // namespace mbflow::store::postgres
