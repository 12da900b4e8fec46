#include "app/access.h"
#include "app/block.h"
#include "app/commands.h"
#include "app/hand_over.h"
#include "app/log.h"
#include "app/oidc.h"
#include "app/store.h"
#include "app/vault.h"
#include "net/client.h"
#include "server/api.h"
#include "server/dispatcher.h"
#include "server/janitor.h"
#include "server/live/live.h"
#include "server/scheduler.h"

#include <signal.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace mbflow::app {
namespace {

Value allowed_environment(const std::vector<std::string>& names) {
  ObjectBuilder environment;
  for (const auto& name : names) {
    if (const char* value = std::getenv(name.c_str())) environment.set(name, value);
  }
  return environment.build();
}

void log_skip(const store::Tick& tick) {
  log(LogLevel::warn, "schedule not started",
      {{"workflow", tick.workflow.to_string()}, {"node", tick.node_id}, {"at", format_timestamp(tick.at)}, {"reason", tick.outcome}});
}

void log_unheard(const store::Message& message, const store::Subscription& subscription, const Error& why) {
  log(LogLevel::warn, "event not heard",
      {{"event", message.name}, {"workflow", subscription.workflow.to_string()}, {"node", subscription.node_id}, {"code", why.code}, {"why", why.message}});
}

void log_events(const runtime::Run& run, std::span<const Event> events) {
  for (const auto& event : events) {
    const std::string node = event.node == no_node ? std::string() : run.plan().ids[event.node];
    for (std::size_t i = 0; event.log && i < event.log->size(); ++i) {
      const auto& line = (*event.log)[i];
      log(line.level, line.text, {{"execution", run.record.id.to_string()}, {"node", node}});
    }
    if (event.type != EventType::execution_finished || event.status != ExecutionStatus::failed) continue;
    log(LogLevel::warn, "execution failed",
        {{"execution", run.record.id.to_string()}, {"node", node}, {"code", event.error ? event.error->code : std::string()}});
  }
}

constexpr std::chrono::seconds turn_comes_within{60};
// Over one PostgreSQL an execution may run elsewhere, and nobody gives a hint: whoever watches one looks this often.
constexpr Duration other_process_glance = std::chrono::milliseconds(500);

std::size_t thread_count(int wanted) {
  if (wanted > 0) return static_cast<std::size_t>(wanted);
  return std::max(1u, std::thread::hardware_concurrency());
}

// Everything of a running server, in the order in which it depends on one another; taken down in reverse.
struct Program {
  explicit Program(std::size_t threads) : loops(threads), sandbox(expr::SandboxOptions{}) {}
  net::Loops loops;
  expr::Sandbox sandbox;
  std::unique_ptr<store::Store> store;
  bool has_owner = false;
  std::string first_start;         // the token that makes the first owner; empty: there is one
  std::unique_ptr<HttpClient> http;
  std::unique_ptr<vault::Vault> vault;
  std::unique_ptr<runtime::Services> services;
  std::unique_ptr<runtime::Runtime> runtime;
  std::unique_ptr<server::Api> api;
  std::unique_ptr<net::Server> server;
  std::unique_ptr<server::Scheduler> scheduler;
  std::unique_ptr<server::Dispatcher> dispatcher;
  std::unique_ptr<server::Janitor> janitor;
  std::vector<int> inherited;  // sockets that listen already
  HandOver hand_over;
  std::stop_source stopping;
};

// What this process does of the whole. Several processes over one database may share it out among them.
struct Roles {
  bool api = false, worker = false, scheduler = false;
};

Result<Roles> read_roles(const std::vector<std::string>& names) {
  Roles roles;
  for (const auto& name : names) {
    if (name == "api") roles.api = true;
    else if (name == "worker") roles.worker = true;
    else if (name == "scheduler") roles.scheduler = true;
    else return fail(Kind::invalid, "config.value", "'" + name + "' is no role: give api, worker, scheduler, or several of them with commas");
  }
  return roles;
}

// The sockets of systemd, or of the server whose place this one takes.
Result<void> inherit_sockets(Program& program, const Settings& settings) {
  const std::string wish = settings.text("take-over");
  if (wish != "yes" && wish != "no") return fail(Kind::invalid, "config.value", "take-over must be yes or no");
  program.inherited = activated_sockets();
  if (wish == "no" || !program.inherited.empty()) return {};
  MBF_TRY(program.inherited, take_over(settings.text("data")));
  return {};
}

// A server that has handed its sockets over holds its database until it ends.
Result<std::unique_ptr<store::Store>> open_in_turn(Program& program, const Settings& settings) {
  const auto until = std::chrono::steady_clock::now() + (program.inherited.empty() ? std::chrono::seconds(0) : turn_comes_within);
  while (true) {
    auto opened = open_store(settings, program.loops, true);
    const bool must_wait = !opened && opened.error().code == "store.locked";
    if (!must_wait || std::chrono::steady_clock::now() >= until) return opened;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Result<void> set_limits(runtime::Limits& limits, const Settings& settings) {
  constexpr int most = 10'000'000;  // MiB
  for (const auto& [name, limit] : {std::pair("max-output", &limits.output), std::pair("max-execution", &limits.execution), std::pair("max-in-memory", &limits.in_memory)}) {
    MBF_TRY(const int mebibytes, settings.number(name, 1, most));
    *limit = static_cast<std::uint64_t>(mebibytes) << 20;
  }
  return {};
}

std::vector<Loop*> loops_of(Program& program) {
  std::vector<Loop*> loops;
  for (std::size_t i = 0; i < program.loops.size(); ++i) loops.push_back(&program.loops.loop(i));
  return loops;
}

Result<void> compose(Program& program, const Settings& settings, const Roles& roles) {
  MBF_TRY(program.store, open_in_turn(program, settings));
  MBF_TRY(program.has_owner, block_on(program.loops.loop(0), prepare_house(*program.store)));
  if (!program.has_owner && roles.api) {
    MBF_TRY(program.first_start, first_start_token(settings.text("data")));
  }
  net::ClientOptions client;
  MBF_TRY(client.egress.allowed, address_ranges(settings.list("allow-egress")));
  client.user_agent = "mbflow/" + program_version();
  program.http = net::make_http_client(program.loops, std::move(client));
  program.services = std::make_unique<runtime::Services>(*program.store, built_in_nodes(), *program.http, program.sandbox, system_env());
  program.vault = make_vault(settings, *program.store, *program.http, program.loops);
  MBF_CHECK(block_on(program.loops.loop(0), check_vault(*program.vault)));
  program.services->vault = program.vault.get();
  MBF_TRY(const int lease, settings.number("lease", 1, 3'600));
  program.services->lease = std::chrono::seconds(lease);
  MBF_TRY(const int active, settings.number("max-active", 1, 1'000'000));
  program.services->max_active = std::max<std::size_t>(1, static_cast<std::size_t>(active) / program.loops.size());
  MBF_TRY(program.services->max_queued, settings.number("max-queued", 1, 10'000'000));
  MBF_CHECK(set_limits(program.services->limits, settings));
  program.services->environment = allowed_environment(settings.list("env"));
  program.runtime = std::make_unique<runtime::Runtime>(*program.services, loops_of(program), [&program] { return program.loops.current(); });
  return {};
}

Result<void> compose_api(Program& program, const Settings& settings) {
  server::ApiOptions options;
  options.version = program_version();
  options.tenant = default_tenant();
  if (is_postgres(settings.text("database"))) options.glance = other_process_glance;
  MBF_TRY(options.sessions, session_rules(settings));
  MBF_TRY(options.rates, read_rates(settings));
  MBF_TRY(options.oidc, block_on(program.loops.loop(0), oidc_options(settings, *program.store)));
  options.first_start = program.first_start;
  MBF_TRY(options.trusted_proxies, address_ranges(settings.list("trusted-proxies")));
  program.api = std::make_unique<server::Api>(std::move(options), *program.services, *program.runtime, loops_of(program),
                                              [&program] { return program.loops.current(); });
  program.api->on_first_owner = [data = settings.text("data")] { spend_first_start(data); };
  program.api->on_refused = [](const Error& error) { log(LogLevel::warn, "sign-in at the provider refused", {{"code", error.code}, {"why", error.message}}); };
  program.services->on_events = [live = &program.api->live()](const runtime::Run& run, std::span<const Event> events) {
    log_events(run, events);
    live->announce(run.record);
  };
  return {};
}

// Whoever reaches a server without an owner could not be told from one: so only this machine may.
Result<void> check_exposure(bool has_owner, const Listen& listen) {
  if (listen.is_loopback() || has_owner) return {};
  return fail(Kind::invalid, "config.listen_public",
              "without an owner this server listens on this machine only; first run `mbflow users create LOGIN --role owner`, or "
              "`mbflow key create --role owner --name NAME`");
}

Result<void> listen(Program& program, const Settings& settings, const Listen& where) {
  net::ServerOptions options;
  options.inherited = std::move(program.inherited);
  options.address = where.address;
  options.port = where.port;
  MBF_TRY(int mebibytes, settings.number("max-body", 1, 1'024));
  options.max_body = static_cast<std::size_t>(mebibytes) << 20;
  options.admit = [api = program.api.get()](const net::Request& head) { return api->admit(head); };
  options.on_error = [](std::string_view request, std::string_view what) {
    log(LogLevel::error, "request failed", {{"request", request}, {"what", what}});
  };
  net::Handler handler = [api = program.api.get()](net::Request request) { return api->handle(std::move(request)); };
  MBF_TRY(program.server, net::Server::listen(program.loops, std::move(options), std::move(handler)));
  return {};
}

Task<Result<void>> join(runtime::Runtime& runtime) { return runtime.join(); }
Task<Result<void>> leave(runtime::Runtime& runtime) { return runtime.leave(); }

Result<void> start_scheduler(Program& program, const Settings& settings) {
  Loop& loop = program.loops.loop(0);
  server::Retention retention;
  MBF_TRY(retention.days, settings.number("retention-days", 0, 36'500));
  MBF_TRY(retention.count, settings.number("retention-count", 0, 1'000'000'000));
  MBF_TRY(retention.mebibytes, settings.number("retention-size", 0, 100'000'000));
  MBF_TRY(retention.mebibytes_total, settings.number("retention-total", 0, 100'000'000));
  MBF_TRY(const int grace, settings.number("blob-grace", 1, 31'536'000));
  retention.blob_grace = std::chrono::seconds(grace);
  program.janitor = std::make_unique<server::Janitor>(*program.services, *program.runtime, loop, default_tenant(), retention, program.api->options.sessions, [](const Error& error) {
    log(LogLevel::warn, "retention could not be kept", {{"code", error.code}, {"why", error.message}});
  });
  program.scheduler = std::make_unique<server::Scheduler>(*program.services, *program.runtime, loop, log_skip);
  program.dispatcher = std::make_unique<server::Dispatcher>(*program.services, *program.runtime, loop, log_unheard);
  program.services->on_message = [dispatcher = program.dispatcher.get()] { dispatcher->kick(); };
  loop.post([&program, &loop] {
    spawn(loop, program.scheduler->run(program.stopping.get_token()));
    spawn(loop, program.dispatcher->run(program.stopping.get_token()));
    spawn(loop, program.janitor->run(program.stopping.get_token()));
  });
  return {};
}

Result<void> start(Program& program, const Settings& settings) {
  MBF_TRY(auto where, parse_listen(settings.text("listen")));
  MBF_CHECK(inherit_sockets(program, settings));
  program.loops.run();
  MBF_TRY(const auto roles, read_roles(settings.list("roles")));
  MBF_CHECK(compose(program, settings, roles));
  MBF_CHECK(compose_api(program, settings));
  MBF_CHECK(check_exposure(program.has_owner, where));
  const bool whole = roles.api && roles.worker && roles.scheduler;
  if (!whole && !is_postgres(settings.text("database"))) {
    return fail(Kind::invalid, "config.value", "roles are for several processes over one PostgreSQL: give --database postgres://…, or leave --roles out");
  }
  program.services->drives = roles.worker;
  if (roles.worker) MBF_CHECK(block_on(program.loops.loop(0), join(*program.runtime)));
  if (roles.scheduler) MBF_CHECK(start_scheduler(program, settings));
  program.api->serves = roles.api;
  program.api->ready = true;
  MBF_CHECK(listen(program, settings, where));
  if (auto asked = program.hand_over.listen(settings.text("data")); !asked) {
    log(LogLevel::debug, "no other server can take over from this one", {{"why", asked.error().message}});
  }
  notify_supervisor("READY=1");
  const std::string host = where.address.find(':') == std::string::npos ? where.address : "[" + where.address + "]";
  log(LogLevel::info, "listening", {{"url", "http://" + host + ":" + std::to_string(program.server->port()) + "/"}, {"version", program_version()}});
  if (!program.first_start.empty()) {
    log(LogLevel::info, "there is no owner yet: open this link to become the first, or run `mbflow users create`",
        {{"url", "http://" + host + ":" + std::to_string(program.server->port()) + "/#first-start=" + program.first_start}});
  }
  return {};
}

// Where nobody goes on, what comes in is refused at once. Where somebody does, it is taken until what was under way has ended,
// so that the time in which connections only queue is short.
void stop(Program& program, Duration limit) {
  notify_supervisor("STOPPING=1");
  const bool goes_on = program.server && program.server->has_successor();
  if (program.api && !goes_on) program.api->ready = false;
  program.stopping.request_stop();
  if (program.api) program.api->live().stop();
  if (goes_on) program.runtime->finish(limit / 2);
  const Duration rest = goes_on ? limit / 4 : limit / 2;
  if (program.server) program.server->drain(std::chrono::duration_cast<std::chrono::milliseconds>(rest));
  if (program.runtime) {
    program.runtime->stop(rest);
    (void)block_on(program.loops.loop(0), leave(*program.runtime));
  }
  if (program.store) (void)block_on(program.loops.loop(0), close_store(*program.store));
  program.loops.stop();
}

// Kept free for what is under way to end: a twentieth of the disk, or 64 MiB where that is less.
constexpr std::uint64_t most_kept_free = 64 << 20;

bool is_disk_low(const std::string& file) {
  struct statvfs disk {};
  const std::string folder = std::filesystem::path(file).parent_path().string();
  if (::statvfs(folder.empty() ? "." : folder.c_str(), &disk) != 0) return false;
  const std::uint64_t whole = std::uint64_t{disk.f_blocks} * disk.f_frsize;
  return std::uint64_t{disk.f_bavail} * disk.f_frsize < std::min(most_kept_free, whole / 20);
}

void look_at_disk(Program& program, const std::string& file) {
  const bool low = is_disk_low(file);
  if (program.services->disk_low.exchange(low) == low) return;
  if (low) log(LogLevel::error, "the disk of the database is nearly full; nothing new is taken until there is space", {{"database", file}});
  else log(LogLevel::info, "there is space on the disk again", {{"database", file}});
}

// Until a signal comes (true), or the store can write no more (false): what a failed sync left on the disk is known only after
// it was opened anew, so the process ends and leaves that to its next start.
bool watch(Program& program, const Settings& settings, const sigset_t& signals) {
  const bool local = !is_postgres(settings.text("database"));
  constexpr timespec every{0, 200'000'000};
  while (true) {
    if (local) look_at_disk(program, sqlite_path(settings));
    if (program.hand_over.gave(program.server->sockets())) {
      program.server->expect_successor();
      log(LogLevel::info, "stopping", {{"reason", "another server takes over"}});
      return true;
    }
    const int number = sigtimedwait(&signals, nullptr, &every);
    if (number > 0) {
      log(LogLevel::info, "stopping", {{"signal", number == SIGTERM ? "SIGTERM" : "SIGINT"}});
      return true;
    }
    if (const auto health = program.store->health(); !health && local) {
      log(LogLevel::error, "the database cannot be written any more; start the server again once the disk is well", {{"why", health.error().message}});
      return false;
    }
  }
}

}  // namespace

int serve(const Settings& settings) {
  const auto level = parse_log_level(settings.text("log-level"));
  if (!level) return complain(fail(Kind::invalid, "config.value", "log-level must be debug, info, warn or error"));
  set_log_level(*level);
  auto threads = settings.number("threads", 0, 256);
  auto grace = settings.number("shutdown-timeout", 0, 3'600);
  if (!threads) return complain(threads.error());
  if (!grace) return complain(grace.error());

  // Blocked before the first thread is made, so that every thread leaves these signals to sigwait below.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  Program program(thread_count(*threads));
  if (auto started = start(program, settings); !started) {
    stop(program, Duration(0));
    return complain(started.error());
  }
  const bool asked = watch(program, settings, signals);
  stop(program, asked ? std::chrono::seconds(*grace) : Duration(0));
  log(LogLevel::info, "stopped");
  return asked ? exit_ok : exit_failed;
}

}  // namespace mbflow::app
