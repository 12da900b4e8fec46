#include "store/postgres/schema.h"

namespace mbflow::store::postgres {

namespace {

constexpr std::int64_t oldest_server = 130'000;

Result<void> check_setting(Connection& db, const std::string& name, std::string_view wanted, std::string_view reason) {
  auto row = db.query("SELECT current_setting($1)", name);
  const bool found = row.next();
  MBF_CHECK(row.status());
  if (found && row.text(0) == wanted) return {};
  return fail(Kind::invalid, "store.settings",
              "the database server has " + name + " = " + std::string(found ? row.text(0) : "") + ": " +
                  std::string(reason) + "; set it to " + std::string(wanted));
}

Result<std::int64_t> version_of(Connection& db) {
  MBF_TRY(auto present, db.number("SELECT (to_regclass('schema_version') IS NOT NULL)::int::bigint"));
  if (present == 0) return std::int64_t{0};
  return db.number("SELECT version FROM schema_version");
}

Result<void> apply(Connection& db, std::int64_t version, Migrations migrations) {
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (version > newest) {
    return fail(Kind::unavailable, "store.version",
                "the database was written by a newer MBFlow (schema " + std::to_string(version) +
                    ", this program knows up to " + std::to_string(newest) +
                    "); start that one, or restore a backup from before the upgrade");
  }
  if (version == newest) return {};
  if (version == 0)
    MBF_CHECK(db.execute("CREATE TABLE schema_version(version bigint NOT NULL); INSERT INTO schema_version VALUES(0)"));
  for (auto next = static_cast<std::size_t>(version); next < migrations.size(); ++next)
    MBF_CHECK(db.execute(migrations[next]));
  return db.run("UPDATE schema_version SET version = $1", newest);
}

Result<void> migrate_locked(Connection& db, Migrations migrations) {
  MBF_CHECK(
      db.run("SELECT pg_advisory_xact_lock(hashtext($1), $2::int)", db.schema(), static_cast<int>(Lock::migration)));
  // Asked first: who may not create a schema may use one that is there.
  MBF_TRY(auto present, db.number("SELECT count(*) FROM pg_namespace WHERE nspname = $1::name", db.schema()));
  if (present == 0) MBF_CHECK(db.execute("CREATE SCHEMA " + db.quoted_schema()));
  MBF_TRY(auto version, version_of(db));
  return apply(db, version, migrations);
}

}  // namespace

Result<void> check_server(Connection& db) {
  MBF_TRY(auto version, db.number("SELECT current_setting('server_version_num')::bigint"));
  if (version < oldest_server) {
    return fail(Kind::unavailable, "store.version",
                "the PostgreSQL server is too old (" + std::to_string(version / 10'000) +
                    "); version 13 is the first that will do");
  }
  MBF_CHECK(check_setting(db, "server_encoding", "UTF8", "names in other alphabets would be refused"));
  return check_setting(db, "fsync", "on", "a power cut would take back what was confirmed, or destroy the database");
}

Result<void> migrate(Connection& db, Migrations migrations) {
  MBF_CHECK(db.execute("BEGIN"));
  auto result = migrate_locked(db, migrations);
  if (result) result = db.execute("COMMIT");
  if (!result && db.connected()) (void)db.execute("ROLLBACK");
  return result;
}

}  // namespace mbflow::store::postgres
