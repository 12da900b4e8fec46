#include "store/sqlite/sqlite_store.h"

#include "store/sqlite/schema.h"
#include "store/sqlite/testing/test_folder.h"

#include <csignal>
#include <fstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace mbflow::store {
namespace {

// The folder goes with the store that was made in it.
class OwnFolderStore {
 public:
  static std::unique_ptr<Store> make(Env& env) {
    static std::vector<std::unique_ptr<TestFolder>> folders;
    folders.push_back(std::make_unique<TestFolder>());
    SqliteOptions options;
    options.path = folders.back()->file();
    auto store = open_sqlite_store(env, std::move(options));
    if (!store) throw std::runtime_error(store.error().message);
    return std::move(*store);
  }
};

INSTANTIATE_TEST_SUITE_P(sqlite, StoreSuite, testing::Values(Backend{"sqlite", OwnFolderStore::make}), backend_name);

using Schema = SqliteTest;
using Durability = SqliteTest;
using TwoProcesses = SqliteTest;

TEST_F(Durability, what_was_saved_is_there_after_reopening) {
  open();
  auto workflow = now(store->save_workflow(workflow_of(tenant, "kept"), {}));
  ASSERT_TRUE(workflow.ok());
  ASSERT_EQ(code(store->publish(tenant, workflow->id, 1, {.routes = {route_of("a", "POST")}, .schedules = {}})), "ok");
  ApiKey key{.id = KeyId::make(env), .tenant = tenant, .name = "k", .role = "owner", .hash = "hash"};
  ASSERT_EQ(code(store->directory().save_key(key)), "ok");
  ASSERT_EQ(commit(1), "ok");
  auto next = next_commit(*now(store->execution(tenant, nth_execution(1))), "second", 4);
  ASSERT_EQ(code(store->commit(next)), "ok");
  ASSERT_EQ(code(store->close()), "ok");
  EXPECT_EQ(folder.size_of("-wal"), 0U);  // all is in the one file
  store.reset();

  open();
  EXPECT_EQ(now(store->workflow(tenant, workflow->id, 0))->document["name"].as_string(), "kept");
  EXPECT_EQ(now(store->routes())->size(), 1U);
  EXPECT_TRUE(now(store->directory().key_by_hash("hash"))->has_value());
  EXPECT_EQ(now(store->execution(tenant, nth_execution(1)))->last_seq, 5U);
  EXPECT_EQ(now(store->journal(tenant, nth_execution(1), 1))->size(), 2U);
  expect_sound(folder.file());
}

// The child tells of each success over a pipe and is killed at once, somewhere in its next commits.
[[noreturn]] void commit_until_killed(const std::string& path, TenantId tenant, std::uint64_t first, int report) {
  SqliteOptions options;
  options.path = path;
  auto store = open_sqlite_store(system_env(), std::move(options));
  if (!store) ::_exit(3);
  for (std::uint64_t n = first;; ++n) {
    auto commit = first_commit(execution_of(tenant, nth_execution(n)), std::string(500, 'x'));
    if (!now((*store)->commit(commit))) ::_exit(4);
    if (::write(report, &n, sizeof n) != sizeof n) ::_exit(5);
  }
}

TEST_F(Durability, a_reported_success_survives_kill_9) {
  std::vector<std::uint64_t> reported;
  for (std::uint64_t round = 0; round < 20; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) commit_until_killed(folder.file(), tenant, round * 1'000'000, ends[1]);
    ::close(ends[1]);
    std::uint64_t n = 0;
    for (std::uint64_t i = 0; i <= round; ++i) {
      ASSERT_EQ(::read(ends[0], &n, sizeof n), static_cast<ssize_t>(sizeof n));
      reported.push_back(n);
    }
    ::kill(child, SIGKILL);
    while (::read(ends[0], &n, sizeof n) == static_cast<ssize_t>(sizeof n)) reported.push_back(n);  // it was quicker
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    ::close(ends[0]);

    open();
    for (auto each : reported) ASSERT_TRUE(has(each)) << "round " << round << ", execution " << each;
    ASSERT_EQ(code(store->close()), "ok");
    store.reset();
  }
  expect_sound(folder.file());
}

TEST_F(Durability, the_log_does_not_grow_without_bound) {
  open();
  for (std::uint64_t n = 0; n < 1'000; ++n) ASSERT_EQ(commit(n, 60'000, ExecutionStatus::succeeded), "ok");  // 60 MB
  EXPECT_LT(folder.size_of("-wal"), 24U << 20);
  EXPECT_GT(folder.size_of(""), 32U << 20);
}

TEST_F(TwoProcesses, a_second_server_is_refused) {
  open();
  EXPECT_EQ(open_error(), "store.locked");
  EXPECT_NE(message.find(std::to_string(::getpid())), std::string::npos) << message;
  store.reset();
  EXPECT_EQ(open_error(), "ok");
}

TEST_F(TwoProcesses, the_lock_ends_with_its_process) {
  auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    SqliteOptions options;
    options.path = folder.file();
    auto taken = open_sqlite_store(system_env(), std::move(options));
    ::_exit(taken.ok() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(open_error(), "ok");
}

// Forked while there is one thread; it waits for its turn.
TEST_F(TwoProcesses, the_command_line_writes_beside_the_server) {
  int turn[2];
  ASSERT_EQ(::pipe(turn), 0);
  auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    char go = 0;
    if (::read(turn[0], &go, 1) != 1) ::_exit(3);
    SqliteOptions options{.path = folder.file(), .server = false};
    auto beside = open_sqlite_store(system_env(), std::move(options));
    if (!beside) ::_exit(1);
    ApiKey key{.id = KeyId::make(env), .tenant = tenant, .name = "k", .role = "owner", .hash = "hash"};
    bool good = now((*beside)->directory().save_key(key)).ok() && now((*beside)->close()).ok();
    beside->reset();
    ::_exit(good ? 0 : 2);
  }
  open();
  ASSERT_EQ(commit(1), "ok");
  auto before = store->catalog_version();
  ASSERT_EQ(::write(turn[1], "x", 1), 1);
  ::close(turn[0]);
  ::close(turn[1]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(now(store->directory().key_by_hash("hash"))->has_value());
  for (int i = 0; i < 200 && store->catalog_version() == before; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_NE(store->catalog_version(), before);
  ASSERT_EQ(commit(2), "ok");
  EXPECT_TRUE(has(1) && has(2));
}

TEST_F(TwoProcesses, the_last_one_empties_the_log) {
  open({.server = false});
  ASSERT_EQ(commit(1), "ok");
  ASSERT_EQ(code(store->close()), "ok");
  EXPECT_EQ(folder.size_of("-wal"), 0U);
}

TEST_F(Schema, an_old_library_is_refused) {
  EXPECT_TRUE(sqlite::check_library(3'051'003).ok());
  EXPECT_TRUE(sqlite::check_library(3'054'001).ok());
  auto refused = sqlite::check_library(3'051'002);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, "store.version");
}

TEST_F(Schema, a_newer_file_is_refused) {
  open();
  store.reset();
  const std::string newer = std::to_string(sqlite::migrations().size() + 1);
  {
    auto db = sqlite::Connection::open(folder.file(), sqlite::Connection::Mode::write);
    ASSERT_TRUE((*db)->execute(("PRAGMA user_version=" + newer).c_str()).ok());
  }
  EXPECT_EQ(open_error(), "store.version");
  EXPECT_NE(message.find("schema " + newer), std::string::npos) << message;
}

TEST_F(Schema, a_file_of_another_program_is_refused) {
  {
    auto db = sqlite::Connection::open(folder.file(), sqlite::Connection::Mode::write);
    ASSERT_TRUE((*db)->execute("CREATE TABLE theirs(x)").ok());
  }
  EXPECT_EQ(open_error(), "store.damaged");
  EXPECT_NE(message.find("another program"), std::string::npos) << message;
}

TEST_F(Schema, executions_of_the_first_version_keep_their_journals) {
  {
    auto db = sqlite::Connection::open(folder.file(), sqlite::Connection::Mode::write);
    ASSERT_TRUE(db.ok());
    ASSERT_TRUE(sqlite::migrate(**db, folder.file(), sqlite::migrations().first(1)).ok());
    const std::string id(nth_execution(7).raw());
    for (const char* sql : {"INSERT INTO executions(rowid, tenant_id, id, workflow_id, version, status, trigger, created_at, started_at, "
                            "finished_at, wake_at, error_code, error_message, last_seq, chunk) "
                            "VALUES(9, ?, ?, x'', 1, 1, 'manual', 5, 6, 0, 0, '', '', 2, CAST('first' AS BLOB))",
                            "INSERT INTO journal(place, chunk) SELECT (9 << 27) | 2, CAST('second' AS BLOB) WHERE ? <> ?"}) {
      ASSERT_TRUE((*db)->run(sql, tenant, sqlite::Bytes{id}).ok());
    }
  }
  open();
  auto kept = now(store->execution(tenant, nth_execution(7)));
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  EXPECT_EQ(kept->last_seq, 2U);
  EXPECT_EQ(kept->epoch, 1U);
  EXPECT_EQ(*now(store->journal(tenant, nth_execution(7), 1)), (std::vector<std::string>{"first", "second"}));
  const auto worker = *now(store->join(std::chrono::seconds(30)));
  EXPECT_EQ(now(store->claim(worker, env.now(), 10))->size(), 1U);
}

TEST_F(Schema, every_older_version_is_brought_forward) {
  for (std::size_t version = 1; version < sqlite::migrations().size(); ++version) {
    store.reset();
    std::filesystem::remove(folder.file());
    std::filesystem::remove(folder.file() + ".before-" + std::to_string(sqlite::migrations().size()));  // the copy of the round before
    {
      auto db = sqlite::Connection::open(folder.file(), sqlite::Connection::Mode::write);
      ASSERT_TRUE(db.ok());
      ASSERT_TRUE(sqlite::migrate(**db, folder.file(), sqlite::migrations().first(version)).ok());
    }
    open();
    Entry entry;
    entry.tenant = tenant;
    entry.kind = "credential";
    entry.name = "kept";
    entry.open = Value::object();
    ASSERT_TRUE(now(store->save_entry(entry, {})).ok()) << version;
    EXPECT_EQ(now(store->entries(tenant, "credential"))->size(), 1U) << version;
  }
}

TEST_F(Schema, an_older_file_is_copied_and_brought_forward) {
  open();
  ASSERT_EQ(commit(1), "ok");
  store.reset();
  std::vector<const char*> steps(sqlite::migrations().begin(), sqlite::migrations().end());
  steps.push_back("CREATE TABLE added(x) STRICT");  // no type: it fails
  auto db = sqlite::Connection::open(folder.file(), sqlite::Connection::Mode::write);
  ASSERT_TRUE(db.ok());
  EXPECT_FALSE(sqlite::migrate(**db, folder.file(), steps).ok());
  const auto before = static_cast<std::int64_t>(sqlite::migrations().size());
  const std::string copied = folder.file() + ".before-" + std::to_string(before + 1);
  EXPECT_EQ(*(*db)->number("PRAGMA user_version"), before);  // nothing of it stayed
  std::filesystem::remove(copied);

  steps.back() = "CREATE TABLE added(x INTEGER) STRICT; INSERT INTO added SELECT count(*) FROM executions";
  auto migrated = sqlite::migrate(**db, folder.file(), steps);
  ASSERT_TRUE(migrated.ok()) << migrated.error().message;
  EXPECT_EQ(*(*db)->number("PRAGMA user_version"), before + 1);
  EXPECT_EQ(*(*db)->number("SELECT x FROM added"), 1);
  auto copy = sqlite::Connection::open(copied, sqlite::Connection::Mode::read);
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(*(*copy)->number("PRAGMA user_version"), before);
  EXPECT_EQ(*(*copy)->number("SELECT count(*) FROM executions"), 1);
}

TEST_F(Schema, files_are_for_their_owner_only) {
  open();
  ASSERT_EQ(commit(1), "ok");
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    auto rights = std::filesystem::status(folder.file() + suffix).permissions() & std::filesystem::perms::all;
    EXPECT_EQ(rights, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write) << suffix;
  }
}

TEST_F(Schema, a_folder_that_does_not_exist_is_an_io_error) {
  SqliteOptions options{.path = folder.path() + "/none/flows.db", .server = false};
  auto opened = open_sqlite_store(env, options);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, "store.io");
  options.server = true;
  opened = open_sqlite_store(env, options);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, "store.io");
}

}  // namespace
}  // namespace mbflow::store
