#include "app/store.h"

#include "store/postgres/postgres_store.h"
#include "store/sqlite/sqlite_store.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace mbflow::app {

namespace {
constexpr std::string_view sqlite_scheme = "sqlite:";

// A process of PostgreSQL needs no data folder; without one it is only known as dead later.
std::string life_folder(const std::string& data) {
  const std::string folder = data + "/processes";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return error ? std::string() : folder;
}

}

TenantId default_tenant() { return *TenantId::parse("00000000-0000-7000-8000-000000000001"); }

bool is_postgres(std::string_view database) {
  return database.starts_with("postgres://") || database.starts_with("postgresql://");
}

std::string sqlite_path(const Settings& settings) {
  const std::string database = settings.text("database");
  if (database.starts_with(sqlite_scheme)) return database.substr(sqlite_scheme.size());
  return settings.text("data") + "/mbflow.db";
}

Task<Result<void>> close_store(store::Store& store) { return store.close(); }

Result<std::unique_ptr<store::Store>> open_store(const Settings& settings, net::Loops& loops, bool server) {
  ::umask(0077);  // what workflows process is nobody else's on this machine
  const std::string database = settings.text("database");
  if (is_postgres(database)) {
    store::PostgresOptions options;
    options.url = database;
    if (server) options.folder = life_folder(settings.text("data"));
    options.current_loop = [&loops] { return loops.current(); };
    return store::open_postgres_store(system_env(), std::move(options));
  }
  const std::string data = settings.text("data");
  if (::mkdir(data.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(Kind::invalid, "config.data", "the data folder " + data + " cannot be made: " + std::strerror(errno));
  }
  store::SqliteOptions options;
  options.path = sqlite_path(settings);
  options.server = server;
  options.current_loop = [&loops] { return loops.current(); };
  if (!database.empty() && !database.starts_with(sqlite_scheme)) {
    return fail(Kind::invalid, "config.database", "'" + database + "' is no database this version can use; give sqlite:FILE or postgres://USER@HOST/NAME, or leave it out");
  }
  return store::open_sqlite_store(system_env(), std::move(options));
}

}  // namespace mbflow::app
