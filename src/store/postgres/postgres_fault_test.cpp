// Connections that break and servers that fall: what was confirmed is there, what was not is not, nothing is there
// twice.
#include "store/postgres/testing/test_server.h"

#include <thread>

namespace mbflow::store {

namespace {

// Many threads that each begin executions and carry them on, and keep book of what was confirmed.
class Load {
 public:
  Load(Store& store, TenantId tenant) : store_(store), tenant_(tenant) {
    for (std::uint64_t t = 0; t < confirmed_.size(); ++t) threads_.emplace_back([this, t] { work(t); });
  }
  void wait_for(int more) {
    const auto target = done_ + more;
    wait_until([&] { return done_ >= target; });
  }
  void end() {
    stopping_ = true;
    for (auto& thread : threads_) thread.join();
  }
  void check() {
    std::size_t executions = 0;
    for (const auto& book : confirmed_) {
      for (const auto& record : book) {
        ++executions;
        auto kept = now(store_.execution(tenant_, record.id));
        ASSERT_TRUE(kept.ok());
        EXPECT_EQ(kept->last_seq, record.last_seq);
        auto chunks = now(store_.journal(tenant_, record.id, 1));
        ASSERT_TRUE(chunks.ok());
        ASSERT_EQ(chunks->size(), record.last_seq);
        for (std::size_t i = 0; i < chunks->size(); ++i) EXPECT_EQ((*chunks)[i], std::to_string(i + 1));
      }
    }
    EXPECT_EQ(executions_in_store(), executions);
    EXPECT_EQ(failures_, "");
  }

 private:
  void work(std::uint64_t t) {
    for (std::uint64_t n = 0; !stopping_; ++n) {
      auto commit = first_commit(execution_of(tenant_, nth_execution(n * confirmed_.size() + t)), "1");
      auto& book = confirmed_[t];
      for (int step = 1; step <= 4; ++step) {
        auto result = now(store_.commit(commit));
        if (!result) return note(result.error());
        if (step == 1)
          book.push_back(commit.record);
        else
          book.back() = commit.record;
        ++done_;
        commit = next_commit(commit.record, std::to_string(step + 1));
      }
    }
  }
  void note(const Error& error) {
    std::lock_guard lock(mutex_);
    failures_ += error.code + ": " + error.message + "\n";
    stopping_ = true;
    done_ += 1'000'000;  // nobody waits for progress that cannot come
  }
  std::size_t executions_in_store() {
    std::size_t count = 0;
    ExecutionFilter filter{.limit = 1000};
    for (;;) {
      auto page = now(store_.executions(tenant_, filter));
      if (!page) return 0;
      count += page->size();
      if (page->size() < 1000) return count;
      filter.before = page->back().id;
    }
  }

  Store& store_;
  TenantId tenant_;
  std::array<std::vector<ExecutionRecord>, 8> confirmed_;  // a book each thread
  std::atomic<bool> stopping_ = false;
  std::atomic<int> done_ = 0;
  std::mutex mutex_;
  std::string failures_;
  std::vector<std::thread> threads_;
};

class PostgresFaultTest : public testing::Test {
 protected:
  std::unique_ptr<Store> open() { return open_test_store(env, schema, {.patience = std::chrono::minutes(1)}); }
  // Backends that are in the state described.
  std::int64_t backends(const char* condition) {
    auto count = admin->number(condition);
    EXPECT_TRUE(count.ok()) << (count ? "" : count.error().message);
    return count ? *count : 0;
  }
  void end_connections() {
    EXPECT_TRUE(admin
                    ->run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mbflow' "
                          "AND pid <> pg_backend_pid() AND query NOT LIKE '%autovacuum%'")
                    .ok());
  }

  const std::string schema = new_schema();
  ManualEnv env{1};
  TenantId tenant = TenantId::make(env);
  TenantId stranger = TenantId::make(env);
  std::unique_ptr<Store> store = open();
  std::unique_ptr<postgres::Connection> admin = test_connection(schema);
};

constexpr const char* waits_for_lock =
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mbflow' AND wait_event_type = 'Lock'";
constexpr const char* waits_for_standby = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

}  // namespace

TEST_F(PostgresFaultTest, connections_that_are_ended_under_load_lose_and_double_nothing) {
  Load load(*store, tenant);
  for (int i = 0; i < 20; ++i) {
    load.wait_for(50);
    end_connections();
  }
  load.wait_for(50);
  load.end();
  load.check();
}

TEST_F(PostgresFaultTest, a_server_that_falls_under_load_loses_and_doubles_nothing) {
  Load load(*store, tenant);
  for (int i = 0; i < 3; ++i) {
    load.wait_for(100);
    admin.reset();
    test_server().stop_at_once();
    test_server().start();
  }
  load.wait_for(100);
  load.end();
  load.check();
}

// The connection breaks while the transaction is open: it is done again, and once.
TEST_F(PostgresFaultTest, a_group_that_was_cut_off_is_done_again) {
  const auto first = first_commit(execution_of(tenant, nth_execution(1)));
  ASSERT_TRUE(now(store->commit(first)).ok());
  auto locker = test_connection(schema);
  ASSERT_TRUE(locker->execute("BEGIN; SELECT 1 FROM executions FOR UPDATE").ok());
  std::thread committer([&] { EXPECT_TRUE(now(store->commit(next_commit(first.record, "second"))).ok()); });
  wait_until([&] { return backends(waits_for_lock) == 1; });
  ASSERT_TRUE(admin->run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'").ok());
  ASSERT_TRUE(locker->execute("COMMIT").ok());
  committer.join();
  EXPECT_EQ(now(store->journal(tenant, first.record.id, 1))->size(), 2U);
}

// The connection breaks when COMMIT has been done and not been answered: it is asked for, and not done again. A standby
// that does not exist holds the answer back.
TEST_F(PostgresFaultTest, a_commit_without_an_answer_is_asked_for) {
  // Both writers have done something before, so that COMMIT is all that waits.
  ASSERT_TRUE(now(store->commit(first_commit(execution_of(tenant, nth_execution(9))))).ok());
  ASSERT_TRUE(now(store->save_workflow(workflow_of(stranger, "before"), {})).ok());
  auto probe = test_connection(schema);
  ASSERT_TRUE(probe->execute("CREATE TABLE probe(x int)").ok());
  ASSERT_TRUE(admin->execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'").ok());
  ASSERT_TRUE(admin->execute("SELECT pg_reload_conf()").ok());
  // The setting holds from when the server's checkpointer has read it: when a commit first waits.
  std::thread prober([&] {
    while (probe->execute("INSERT INTO probe VALUES(1)").ok()) {
    }
  });
  wait_until([&] { return backends(waits_for_standby) == 1; });
  std::thread committer(
      [&] { EXPECT_TRUE(now(store->commit(first_commit(execution_of(tenant, nth_execution(1))))).ok()); });
  std::thread publisher([&] { EXPECT_TRUE(now(store->save_workflow(workflow_of(tenant, "once"), {})).ok()); });
  wait_until([&] { return backends(waits_for_standby) == 3; });
  ASSERT_TRUE(admin->run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'").ok());
  ASSERT_TRUE(admin->execute("ALTER SYSTEM RESET synchronous_standby_names").ok());
  ASSERT_TRUE(admin->execute("SELECT pg_reload_conf()").ok());
  prober.join();
  committer.join();
  publisher.join();
  EXPECT_EQ(now(store->journal(tenant, nth_execution(1), 1))->size(), 1U);
  EXPECT_EQ(now(store->workflows(tenant, {}))->size(), 1U);
}

// The store closes before it could ask: whoever waits must not take that for a refusal.
TEST_F(PostgresFaultTest, a_commit_that_nobody_can_ask_about_is_not_refused) {
  TestServer own;
  auto opened = open_postgres_store(env, {.url = own.url(), .patience = std::chrono::milliseconds(100)});
  ASSERT_TRUE(opened.ok());
  auto& lonely = **opened;
  ASSERT_TRUE(now(lonely.commit(first_commit(execution_of(tenant, nth_execution(9))))).ok());
  postgres::Connection other(*postgres::Address::parse(own.url()), "public");
  ASSERT_TRUE(other.connect().ok());
  ASSERT_TRUE(other.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'").ok());
  ASSERT_TRUE(other.execute("SELECT pg_reload_conf()").ok());
  std::atomic<std::uint64_t> last = 10;
  std::thread committer([&] {
    Result<void> done;
    while (done) done = now(lonely.commit(first_commit(execution_of(tenant, nth_execution(++last)))));
    EXPECT_EQ(done.error().code, "store.unknown_outcome");
    EXPECT_EQ(done.error().kind, Kind::timeout);
  });
  wait_until([&] { return *other.number(waits_for_standby) == 1; });
  own.stop_at_once();
  EXPECT_TRUE(now(lonely.close()).ok());
  committer.join();
  own.start();
  auto again = open_postgres_store(env, {.url = own.url()});
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(now((*again)->execution(tenant, nth_execution(last))).ok());  // it was saved: sent again, it would be there twice
}

TEST_F(PostgresFaultTest, a_server_that_stays_away_is_unavailable) {
  TestServer own;
  auto opened = open_postgres_store(env, {.url = own.url(), .patience = std::chrono::milliseconds(1)});
  ASSERT_TRUE(opened.ok());
  auto& lonely = **opened;
  ASSERT_TRUE(now(lonely.commit(first_commit(execution_of(tenant, nth_execution(1))))).ok());
  own.stop_at_once();
  auto written = now(lonely.commit(first_commit(execution_of(tenant, nth_execution(2)))));
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, "store.unavailable");
  EXPECT_EQ(written.error().kind, Kind::unavailable);
  EXPECT_EQ(now(lonely.execution(tenant, nth_execution(1))).error().code, "store.unavailable");
  EXPECT_TRUE(lonely.health().ok());  // it goes on by itself
  own.start();
  wait_until([&] { return now(lonely.execution(tenant, nth_execution(1))).ok(); });
  wait_until([&] { return now(lonely.commit(first_commit(execution_of(tenant, nth_execution(3))))).ok(); });
  EXPECT_EQ(now(lonely.execution(tenant, nth_execution(2))).error().code, "store.not_found");
}

TEST_F(PostgresFaultTest, a_store_closes_though_its_server_is_gone) {
  TestServer own;
  auto opened = open_postgres_store(env, {.url = own.url()});
  ASSERT_TRUE(opened.ok());
  own.stop_at_once();
  EXPECT_TRUE(now((*opened)->close()).ok());
  EXPECT_EQ(now((*opened)->routes()).error().code, "store.unavailable");
}

// A statement that fails for a reason of its own does not take its neighbours along.
TEST_F(PostgresFaultTest, one_commit_that_fails_does_not_harm_its_neighbours) {
  ASSERT_TRUE(admin->execute("ALTER TABLE executions ADD CHECK (error_code <> 'bad')").ok());
  std::vector<std::thread> threads;
  std::atomic<int> fine = 0;
  std::atomic<int> failed = 0;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 50; ++i) {
        auto record = execution_of(tenant, nth_execution(i * 4 + t));
        if (i % 10 == 0) record.error_code = "bad";
        const auto result = now(store->commit(first_commit(record)));
        if (result)
          ++fine;
        else if (result.error().code == "store.statement")
          ++failed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(fine, 180);
  EXPECT_EQ(failed, 20);
}

}  // namespace mbflow::store
