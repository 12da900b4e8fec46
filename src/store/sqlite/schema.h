// The schema of the database file, and how an older file becomes a newer one. Version 1 is the first.
#pragma once

#include "store/sqlite/connection.h"

#include <span>

namespace mbflow::store::sqlite {

// Below it, the WAL-reset race can destroy a file (sqlite.org/wal.html#walresetbug). Error store.version.
[[nodiscard]] Result<void> check_library(int version_number);

// One step of `user_version`: statements that turn version n into n + 1, n being the position in the list.
using Migrations = std::span<const char* const>;
[[nodiscard]] Migrations migrations();

// Brings the file to the newest version in one transaction; an older file that has content is copied to
// `<path>.before-<version>` first. Errors: store.version (the file is newer than this program), store.damaged (of another
// program), and those of the statements.
// Whether it is a database of ours that this program can read as it is or bring forward. Errors as of migrate().
[[nodiscard]] Result<void> check_schema(Connection& db);
[[nodiscard]] Result<void> migrate(Connection& db, const std::string& path, Migrations migrations);

}  // namespace mbflow::store::sqlite
