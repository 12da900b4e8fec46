#include "store/postgres/postgres_store.h"

#include "store/postgres/schema.h"
#include "store/postgres/testing/test_server.h"

#include <thread>

namespace mbflow::store {

namespace {

Backend backend() {
  return Backend{"postgres", [](Env& env) { return open_test_store(env, new_schema()); }};
}

class PostgresTest : public testing::Test {
 protected:
  Error open_error(PostgresOptions options) {
    auto opened = open_postgres_store(env, std::move(options));
    return opened ? Error{Kind::internal, "ok", ""} : opened.error();
  }
  TestServer& server = test_server();  // from this thread: it ends with the one that started it
  ManualEnv env{1};
  TenantId tenant = TenantId::make(env);
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(postgres, StoreSuite, testing::Values(backend()), backend_name);
INSTANTIATE_TEST_SUITE_P(postgres, SharedStoreSuite, testing::Values(backend()), backend_name);

TEST_F(PostgresTest, what_was_written_is_there_after_reopening) {
  const auto schema = new_schema();
  const auto record = execution_of(tenant, nth_execution(1));
  {
    auto store = open_test_store(env, schema);
    ASSERT_TRUE(now(store->commit(first_commit(record))).ok());
  }
  auto store = open_test_store(env, schema);
  EXPECT_TRUE(now(store->execution(tenant, record.id)).ok());
  ASSERT_TRUE(now(store->close()).ok());
  EXPECT_EQ(*test_connection(schema)->number("SELECT count(*) FROM sessions"), 0);  // nothing of it is left lying about
}

TEST_F(PostgresTest, a_password_is_never_shown) {
  for (std::string url : {"postgres://me:s3cret@localhost:1/db", "postgres://me:s3cret@[::1]:1/db",
                          "postgres://me:s3cret@/db?host=/nowhere", "postgres://me:s3cret@x@localhost/db",
                          "postgres://me:s3cret/x@localhost/db", "postgres://me:s3cret?x@localhost/db",
                          "postgres://me:s3cret#@localhost:1/db", "postgres://me:s3cret@localhost/db?s3cret=1",
                          "postgres://me:s3cret@localhost:port/db", "http://me:s3cret@localhost/db", "s3cret", ""}) {
    const auto error = open_error({.url = url});
    EXPECT_TRUE(error.code == "store.address" || error.code == "store.unavailable") << url << " " << error.code;
    EXPECT_EQ(error.message.find("s3cret"), std::string::npos) << error.message;
  }
}

TEST_F(PostgresTest, a_server_that_is_not_there_is_named) {
  const auto error = open_error({.url = "postgres://me:s3cret@localhost:1/flows"});
  EXPECT_EQ(error.code, "store.unavailable");
  EXPECT_NE(error.message.find("localhost/flows"), std::string::npos) << error.message;
  EXPECT_EQ(open_error({.url = "mysql://localhost/flows"}).code, "store.address");
  EXPECT_EQ(open_error({.url = server.url(), .schema = "a;b"}).code, "store.address");
}

TEST_F(PostgresTest, a_newer_schema_is_refused) {
  const auto schema = new_schema();
  (void)open_test_store(env, schema);
  ASSERT_TRUE(test_connection(schema)->execute("UPDATE schema_version SET version = version + 1").ok());
  const auto error = open_error({.url = server.url(), .schema = schema});
  EXPECT_EQ(error.code, "store.version");
  EXPECT_NE(error.message.find("newer"), std::string::npos) << error.message;
}

TEST_F(PostgresTest, a_migration_is_whole_or_not_at_all) {
  auto db = test_connection(new_schema());
  const char* first[] = {"CREATE TABLE a(x bigint)"};
  ASSERT_TRUE(postgres::migrate(*db, first).ok());
  const char* broken[] = {first[0], "CREATE TABLE b(x bigint); SELECT 1/0"};
  EXPECT_FALSE(postgres::migrate(*db, broken).ok());
  db->clear_fault();
  EXPECT_EQ(*db->number("SELECT version FROM schema_version"), 1);
  const char* mended[] = {first[0], "CREATE TABLE b(x bigint)"};
  ASSERT_TRUE(postgres::migrate(*db, mended).ok());
  EXPECT_EQ(*db->number("SELECT version FROM schema_version"), 2);
  EXPECT_EQ(*db->number("SELECT count(*) FROM b"), 0);
}

TEST_F(PostgresTest, many_that_open_a_new_database_at_once_make_it_once) {
  const auto schema = new_schema();
  std::atomic<int> opened = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      if (open_test_store(env, schema)) ++opened;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(opened, 4);
}

TEST_F(PostgresTest, a_server_that_could_lose_what_it_confirms_is_refused) {
  TestServer careless({"fsync=off"});
  const auto error = open_error({.url = careless.url()});
  EXPECT_EQ(error.code, "store.settings");
  EXPECT_NE(error.message.find("fsync"), std::string::npos) << error.message;
}

TEST_F(PostgresTest, a_weak_synchronous_commit_is_made_strong) {
  TestServer hasty({"synchronous_commit=off"});
  auto address = postgres::Address::parse(hasty.url());
  postgres::Connection db(*address, "public");
  ASSERT_TRUE(db.connect().ok());
  auto row = db.query("SELECT current_setting('synchronous_commit')");
  ASSERT_TRUE(row.next());
  EXPECT_EQ(row.text(0), "on");
}

TEST_F(PostgresTest, text_that_postgresql_cannot_hold_is_mended) {
  auto store = open_test_store(env, new_schema());
  auto record = execution_of(tenant, nth_execution(1), ExecutionStatus::failed);
  record.error_message = std::string("a\0b\xff", 4) + "ж";
  ASSERT_TRUE(now(store->commit(first_commit(record))).ok());
  EXPECT_EQ(now(store->execution(tenant, record.id))->error_message, "a\uFFFDb\uFFFDж");
}

TEST_F(PostgresTest, the_queue_is_bounded) {
  const auto schema = new_schema();
  auto store = open_test_store(env, schema, {.queue_limit = 8});
  auto db = test_connection(schema);
  ASSERT_TRUE(db->execute("BEGIN; LOCK TABLE executions").ok());
  std::vector<std::thread> threads;
  std::atomic<int> refused = 0;
  std::atomic<int> fine = 0;
  for (std::uint64_t i = 0; i < 32; ++i) {
    threads.emplace_back([&, i] {
      auto result = now(store->commit(first_commit(execution_of(tenant, nth_execution(i)))));
      if (result)
        ++fine;
      else if (result.error().code == "store.unavailable")
        ++refused;
    });
  }
  // One group is with the database, eight more wait, the rest is turned away.
  wait_until([&] { return refused > 0; });
  ASSERT_TRUE(db->execute("COMMIT").ok());
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(refused + fine, 32);
  EXPECT_GE(fine, 8);
}

}  // namespace mbflow::store
