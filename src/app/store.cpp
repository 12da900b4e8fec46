#include "app/store.h"

#include "store/sqlite/sqlite_store.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace mbflow::app {

TenantId default_tenant() { return *TenantId::parse("00000000-0000-7000-8000-000000000001"); }

Result<std::unique_ptr<store::Store>> open_store(const Settings& settings, net::Loops& loops, bool server) {
  const std::string data = settings.text("data");
  ::umask(0077);  // what workflows process is nobody else's on this machine
  if (::mkdir(data.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(Kind::invalid, "config.data", "the data folder " + data + " cannot be made: " + std::strerror(errno));
  }
  store::SqliteOptions options;
  options.path = data + "/mbflow.db";
  options.server = server;
  options.current_loop = [&loops] { return loops.current(); };
  const std::string database = settings.text("database");
  constexpr std::string_view scheme = "sqlite:";
  if (database.starts_with(scheme)) options.path = database.substr(scheme.size());
  else if (!database.empty()) {
    return fail(Kind::invalid, "config.database", "'" + database + "' is no database this version can use; give sqlite:FILE or leave it out");
  }
  return store::open_sqlite_store(system_env(), std::move(options));
}

}  // namespace mbflow::app
