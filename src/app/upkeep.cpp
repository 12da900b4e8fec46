// Care for the database: backup, restore, doctor.
#include "app/block.h"
#include "app/commands.h"
#include "app/store.h"
#include "net/client.h"
#include "runtime/runtime.h"
#include "store/sqlite/sqlite_store.h"

#include <mbflow/json.h>

#include <cstdio>

namespace mbflow::app {
namespace {

Result<std::string> sqlite_file(const Settings& settings, const char* instead) {
  if (is_postgres(settings.text("database"))) {
    return fail(Kind::invalid, "config.database", std::string("this command is for SQLite; with PostgreSQL use its own ") + instead);
  }
  return sqlite_path(settings);
}

// What the doctor found, one line a check.
struct Findings {
  std::vector<Value> checks;
  bool healthy = true;
  void add(std::string_view check, std::int64_t looked_at, std::vector<std::string> faults) {
    healthy = healthy && faults.empty();
    checks.push_back(Value::object({{"check", check},
                                    {"looked_at", looked_at},
                                    {"faults", Value::array(std::vector<Value>(faults.begin(), faults.end()))}}));
  }
};

// Why the row and the journal of an execution contradict each other; empty: they do not.
std::string contradiction(const runtime::Runtime::View& view) {
  for (std::size_t i = 0; i < view.events.size(); ++i) {
    if (view.events[i].seq != i + 1) return "event " + std::to_string(i + 1) + " of its journal is missing";
  }
  const auto& record = view.record;
  if (view.events.size() != record.last_seq) return "its row says " + std::to_string(record.last_seq) + " events, its journal has " + std::to_string(view.events.size());
  const bool set_aside = record.status == ExecutionStatus::held && !record.error_code.empty();
  if (view.state.status != record.status && !set_aside) {
    return "its row says " + std::string(to_string(record.status)) + ", its journal " + std::string(to_string(view.state.status));
  }
  if (is_final(record.status) && record.finished_at == Timestamp{}) return "it has ended without a time";
  return {};
}

Task<Result<void>> check_executions(runtime::Services& services, runtime::Runtime& runtime, int limit, Findings& findings) {
  std::vector<std::string> faults;
  std::int64_t seen = 0;
  store::ExecutionFilter filter;
  while (seen < limit) {
    filter.limit = std::min<int>(200, limit - static_cast<int>(seen));
    MBF_CO_TRY(auto page, co_await services.store.executions(default_tenant(), filter));
    for (const auto& record : page) {
      ++seen;
      filter.before = record.id;
      auto view = co_await runtime.inspect(record.tenant, record.id);
      std::string fault = view ? contradiction(*view) : view.error().message;
      // It may have gone on between the two reads.
      if (!fault.empty() && !is_final(record.status)) {
        view = co_await runtime.inspect(record.tenant, record.id);
        fault = view ? contradiction(*view) : view.error().message;
      }
      if (!fault.empty()) faults.push_back(record.id.to_string() + ": " + fault);
    }
    if (page.size() < static_cast<std::size_t>(filter.limit)) break;
  }
  findings.add("journals agree with their executions", seen, std::move(faults));
  co_return {};
}

Result<void> examine(const Settings& settings, int limit, Findings& findings) {
  if (!is_postgres(settings.text("database"))) {
    const auto sound = store::check_sqlite_file(sqlite_path(settings));
    findings.add("the database file is sound", 1, sound ? std::vector<std::string>() : std::vector{sound.error().message});
    if (!sound) return {};
  }
  net::Loops loops(1);
  loops.run();
  MBF_TRY(auto store, open_store(settings, loops, false));
  auto http = net::make_http_client(loops, {});
  expr::Sandbox sandbox{expr::SandboxOptions{}};
  runtime::Services services(*store, built_in_nodes(), *http, sandbox, system_env());
  runtime::Runtime runtime(services, {&loops.loop(0)}, [&loops] { return loops.current(); });
  auto done = block_on(loops.loop(0), check_executions(services, runtime, limit, findings));
  (void)block_on(loops.loop(0), close_store(*store));
  http.reset();
  loops.stop();
  return done;
}

}  // namespace

int backup(const Settings& settings, const std::string& file) {
  auto path = sqlite_file(settings, "pg_dump");
  if (!path) return complain(path.error());
  if (auto done = store::backup_sqlite_file(*path, file); !done) {
    complain(done.error());
    return exit_failed;
  }
  std::fprintf(stderr, "%s holds everything that was saved when the copy began\n", file.c_str());
  return exit_ok;
}

int restore(const Settings& settings, const std::string& file) {
  auto path = sqlite_file(settings, "pg_restore");
  if (!path) return complain(path.error());
  auto kept = store::restore_sqlite_file(file, *path, system_env().now());
  if (!kept) {
    complain(kept.error());
    return exit_failed;
  }
  if (!kept->empty()) std::fprintf(stderr, "what was there before is kept as %s\n", kept->c_str());
  return exit_ok;
}

int doctor(const Settings& settings, int limit, bool json) {
  Findings findings;
  if (auto done = examine(settings, limit, findings); !done) {
    complain(done.error());
    return exit_failed;
  }
  if (json) {
    std::puts(write_json(Value::object({{"healthy", findings.healthy}, {"checks", Value::array(findings.checks)}})).c_str());
    return findings.healthy ? exit_ok : exit_failed;
  }
  for (const auto& check : findings.checks) {
    const auto faults = check["faults"].elements();
    std::printf("%-5s %s (%lld)\n", faults.empty() ? "ok" : "FAULT", std::string(check["check"].as_string()).c_str(),
                static_cast<long long>(check["looked_at"].as_integer()));
    for (const auto& fault : faults) std::printf("      %s\n", std::string(fault.as_string()).c_str());
  }
  return findings.healthy ? exit_ok : exit_failed;
}

}  // namespace mbflow::app
