#include "store/postgres/testing/test_server.h"

#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <fstream>
#include <iostream>
#include <thread>

namespace mbflow::store {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << "the test's PostgreSQL: " << why << "; ./dev setup test installs it\n";
  std::exit(1);
}

struct Programs {
  fs::path folder;
  std::string version;
};

// The newest that is installed.
Programs find_programs() {
  Programs found;
  int newest = 0;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", missing)) {
    const auto version = std::atoi(entry.path().filename().c_str());
    if (version <= newest || !fs::exists(entry.path() / "bin/postgres")) continue;
    newest = version;
    found = Programs{entry.path() / "bin", entry.path().filename().string()};
  }
  if (newest == 0) give_up("it is not installed");
  return found;
}

const Programs& programs() {
  static const auto found = find_programs();
  return found;
}

const passwd* stand_in() { return ::geteuid() == 0 ? ::getpwnam("nobody") : nullptr; }

// In a child process.
[[noreturn]] void become(const fs::path& program, const std::vector<std::string>& arguments, const fs::path& output) {
  if (!std::freopen(output.c_str(), "a", stdout) || ::dup2(1, 2) < 0) std::_Exit(1);
  if (const auto* user = stand_in()) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0) std::_Exit(1);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // a test that crashes leaves no server behind
  if (::chdir("/") != 0) std::_Exit(1);
  std::vector<char*> argv;
  auto name = program.string();
  argv.push_back(name.data());
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(name.c_str(), argv.data());
  std::_Exit(1);
}

pid_t start_program(const std::string& name, const std::vector<std::string>& arguments, const fs::path& output) {
  const auto child = ::fork();
  if (child == 0) become(programs().folder / name, arguments, output);
  if (child < 0) give_up("no process for it");
  return child;
}

void hand_over(const fs::path& path) {
  if (const auto* user = stand_in()) (void)!::lchown(path.c_str(), user->pw_uid, user->pw_gid);
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

fs::path new_folder(const fs::path& parent, const std::string& name) {
  auto pattern = (parent / (name + "XXXXXX")).string();
  if (!::mkdtemp(pattern.data())) give_up("no folder for it");
  hand_over(pattern);
  return pattern;
}

// Making a new cluster takes a second, copying one a tenth. The first is kept beside the test program.
fs::path pristine_cluster() {
  const auto kept = fs::read_symlink("/proc/self/exe").parent_path() / ("postgres-" + programs().version + ".cluster");
  if (fs::exists(kept)) return kept;
  const auto folder = new_folder(fs::temp_directory_path(), "mbflow-pg-");
  const auto log = folder / "initdb.log";
  const auto data = folder / "data";
  const std::vector<std::string> arguments = {
      "-D",          data.string(), "-U",   "postgres",       "-A", "trust", "--no-sync",
      "--no-locale", "-E",          "UTF8", "--wal-segsize=1"};
  int status = 0;
  const auto child = start_program("initdb", arguments, log);
  if (::waitpid(child, &status, 0) != child || status != 0) give_up("initdb failed: " + text_of(log));
  const auto copy = new_folder(kept.parent_path(), "cluster-");
  fs::copy(data, copy, fs::copy_options::recursive);
  std::error_code lost_the_race;
  fs::rename(copy, kept, lost_the_race);
  if (lost_the_race) fs::remove_all(copy);
  fs::remove_all(folder);
  return kept;
}

}  // namespace

TestServer::TestServer(std::vector<std::string> settings) : settings_(std::move(settings)) {
  make_files();
  start();
}

TestServer::~TestServer() {
  if (pid_ != 0) {
    ::kill(pid_, SIGINT);  // without waiting for clients
    ::waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void TestServer::make_files() {
  const auto pristine = pristine_cluster();
  folder_ = new_folder(fs::temp_directory_path(), "mbflow-pg-");
  const auto data = folder_ / "data";
  fs::copy(pristine, data, fs::copy_options::recursive);
  fs::permissions(data, fs::perms::owner_all);
  hand_over(data);
  for (const auto& entry : fs::recursive_directory_iterator(data)) hand_over(entry.path());
}

void TestServer::start() {
  std::vector<std::string> arguments = {"-D", (folder_ / "data").string(), "-k", folder_.string(),
                                        "-c", "listen_addresses=",         "-c", "max_connections=60",
                                        "-c", "shared_buffers=32MB",       "-c", "fsync=on"};
  // A cluster that was never synced is synced at once, not file by file.
  if (std::stoi(programs().version) >= 14)
    arguments.insert(arguments.end(), {"-c", "recovery_init_sync_method=syncfs"});
  for (const auto& setting : settings_) arguments.insert(arguments.end(), {"-c", setting});
  const auto log = folder_ / "server.log";
  pid_ = start_program("postgres", arguments, log);
  while (PQping(url().c_str()) != PQPING_OK) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) give_up("it ended: " + text_of(log));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void TestServer::stop_at_once() {
  ::kill(pid_, SIGQUIT);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

std::string TestServer::url() const { return "postgres:///postgres?user=postgres&host=" + folder_.string(); }

TestServer& test_server() {
  static TestServer server;
  return server;
}

// In its first seconds a server lets nobody be buried (workers.cpp), which no test but its own is to meet.
std::string new_schema() {
  static std::atomic<int> last = 0;
  const auto beside = test_connection("public");
  const char* settled = "SELECT (pg_postmaster_start_time() < clock_timestamp() - interval '5 seconds')::int::bigint";
  wait_until([&] {
    const auto is_settled = beside->number(settled);
    return is_settled && *is_settled == 1;
  });
  return "t" + std::to_string(++last);
}

std::unique_ptr<postgres::Connection> test_connection(const std::string& schema) {
  auto address = postgres::Address::parse(test_server().url());
  auto connection = std::make_unique<postgres::Connection>(*address, schema);
  auto connected = connection->connect();
  EXPECT_TRUE(connected.ok()) << (connected ? "" : connected.error().message);
  return connection;
}

std::unique_ptr<Store> open_test_store(Env& env, const std::string& schema, PostgresOptions options) {
  options.url = test_server().url();
  options.schema = schema;
  auto opened = open_postgres_store(env, std::move(options));
  if (!opened) ADD_FAILURE() << opened.error().code << ": " << opened.error().message;
  return opened ? std::move(*opened) : nullptr;
}

void wait_until(const std::function<bool()>& came) {
  while (!came()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace mbflow::store
