// Two stores over one database, as two processes have it.
#include "store/postgres/testing/test_server.h"
#include "store/suite/temp_folder.h"

#include <set>
#include <thread>

namespace mbflow::store {

namespace {

class PostgresSharedTest : public testing::Test {
 protected:
  static Task<Result<WorkerNumber>> join(Store& store) { return store.join(std::chrono::hours(1)); }
  Result<void> create(Store& store, std::uint64_t n, WorkerNumber owner = 0) {
    auto record = execution_of(tenant, nth_execution(n));
    record.owner = owner;
    return now(store.commit(first_commit(record)));
  }

  const std::string schema = new_schema();
  ManualEnv env{1};
  ManualEnv other_env{2};
  TenantId tenant = TenantId::make(env);
  std::unique_ptr<Store> a = open_test_store(env, schema);
  std::unique_ptr<Store> b = open_test_store(other_env, schema);
  const Timestamp start{std::chrono::seconds(1'700'000'000)};
};

}  // namespace

TEST_F(PostgresSharedTest, claim_gives_an_execution_to_one) {
  constexpr std::uint64_t executions = 600;
  std::atomic<std::uint64_t> made = 0;
  std::atomic<int> failures = 0;
  std::mutex mutex;
  std::multiset<ExecutionId> claimed;
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (; made < executions; ++made) failures += create(*b, made) ? 0 : 1;
  });
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, store = t % 2 ? a.get() : b.get()] {
      auto worker = now(join(*store));
      if (!worker) ++failures;
      for (bool done = false; worker && !done;) {
        done = made >= executions;
        auto page = now(store->claim(*worker, start, 10));
        if (!page) ++failures;
        if (!page) break;
        done = done && page->empty();
        std::lock_guard lock(mutex);
        for (const auto& record : *page) claimed.insert(record.id);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  const std::set<ExecutionId> once(claimed.begin(), claimed.end());
  EXPECT_EQ(once.size(), claimed.size());
  EXPECT_EQ(once.size(), executions);
}

TEST_F(PostgresSharedTest, the_dead_are_counted_once_however_many_look) {
  for (int round = 0; round < 5; ++round) {
    const auto dying = *now(join(*a));
    for (std::uint64_t i = 0; i < 20; ++i) {
      auto record = execution_of(tenant, nth_execution(static_cast<std::uint64_t>(round) * 100 + i));
      record.owner = dying;
      ASSERT_TRUE(now(a->commit(first_commit(record))).ok());
    }
    ASSERT_TRUE(now(a->beat(dying, Duration::zero())).ok());
    std::mutex mutex;
    std::vector<ExecutionRecord> claimed;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, store = t % 2 ? a.get() : b.get()] {
        const auto worker = *now(join(*store));
        auto page = now(store->claim(worker, start, 1000));
        std::lock_guard lock(mutex);
        if (page) claimed.insert(claimed.end(), page->begin(), page->end());
      });
    }
    for (auto& thread : threads) thread.join();
    // Who came while another was burying found nothing; but it was buried.
    auto rest = now(b->claim(*now(join(*b)), start, 1000));
    ASSERT_TRUE(rest.ok());
    claimed.insert(claimed.end(), rest->begin(), rest->end());
    EXPECT_EQ(claimed.size(), 20U);
    for (const auto& record : claimed) EXPECT_EQ(record.deaths, 1);
  }
}

TEST_F(PostgresSharedTest, a_worker_that_lost_its_lease_is_fenced_everywhere) {
  const auto first = *now(join(*a));
  ASSERT_TRUE(create(*a, 1, first).ok());
  const auto record = *now(a->execution(tenant, nth_execution(1)));
  ASSERT_TRUE(now(a->beat(first, Duration::zero())).ok());
  const auto second = *now(join(*b));
  const auto claimed = now(b->claim(second, start, 10));
  ASSERT_TRUE(claimed.ok());
  ASSERT_EQ(claimed->size(), 1U);
  EXPECT_EQ(now(a->commit(next_commit(record, "late"))).error().code, "store.fenced");
  EXPECT_EQ(now(a->beat(first, std::chrono::hours(1))).error().code, "store.fenced");
  EXPECT_EQ(create(*a, 2, first).error().code, "store.fenced");
  EXPECT_TRUE(now(b->commit(next_commit(claimed->front(), "mine"))).ok());
  EXPECT_EQ(now(a->journal(tenant, record.id, 1))->size(), 2U);
}

// A short lease ends by the database's clock, whatever this process' clock says.
TEST_F(PostgresSharedTest, a_lease_ends_by_itself) {
  const auto worker = *now(a->join(std::chrono::milliseconds(1)));
  wait_until([&] { return !now(a->beat(worker, std::chrono::milliseconds(1))).ok(); });
  EXPECT_EQ(now(a->claim(worker, start, 10)).error().code, "store.fenced");
}

// Each on a folder as on a machine: its end lets go of the lock, no lease has to run out. Elsewhere nobody can tell.
TEST_F(PostgresSharedTest, who_died_on_this_machine_is_dead_at_once) {
  const TempFolder here, elsewhere;
  const auto open_in = [&](const TempFolder& folder) {
    PostgresOptions options;
    options.folder = folder.path();
    return open_test_store(env, schema, std::move(options));
  };
  auto first = open_in(here);
  ASSERT_TRUE(create(*first, 1, *now(join(*first))).ok());
  for (auto* folder : {&here, &elsewhere}) {
    const auto beside = open_in(*folder);
    EXPECT_TRUE(now(beside->claim(*now(join(*beside)), start, 10))->empty()) << "it lives";
    ASSERT_TRUE(create(*beside, folder == &here ? 2 : 3, *now(join(*beside))).ok());
  }
  first.reset();
  const auto stranger = open_in(elsewhere);
  const auto theirs = now(stranger->claim(*now(join(*stranger)), start, 10));
  ASSERT_EQ(theirs->size(), 1U);
  EXPECT_EQ(theirs->front().id, nth_execution(3));
  const auto next = open_in(here);
  const auto claimed = now(next->claim(*now(join(*next)), start, 10));
  ASSERT_EQ(claimed->size(), 2U);
  for (const auto& record : *claimed) EXPECT_EQ(record.deaths, 1);
}

TEST_F(PostgresSharedTest, what_is_created_by_the_dying_is_found) {
  // The row of an owner that is gone, as it is when a creation and a burial cross.
  ASSERT_TRUE(create(*a, 1).ok());
  ASSERT_TRUE(test_connection(schema)->execute("UPDATE executions SET owner = 4711").ok());
  const auto claimed = now(b->claim(*now(join(*b)), start, 10));
  ASSERT_TRUE(claimed.ok());
  ASSERT_EQ(claimed->size(), 1U);
  EXPECT_EQ(claimed->front().deaths, 1);
}

TEST_F(PostgresSharedTest, an_occurrence_starts_once) {
  const auto workflow = *now(a->save_workflow(workflow_of(tenant, "daily"), {}));
  std::atomic<int> won = 0;
  std::atomic<int> lost = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t, store = t % 2 ? a.get() : b.get()] {
      for (int i = 0; i < 50; ++i) {
        auto commit = first_commit(execution_of(tenant, nth_execution(static_cast<std::uint64_t>(i) * 4 + t)));
        commit.tick = Tick{tenant, workflow.id, "s1", start + std::chrono::minutes(i), "started", commit.record.id};
        const auto result = now(store->commit(commit));
        if (result)
          ++won;
        else if (result.error().code == "store.exists")
          ++lost;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(won, 50);
  EXPECT_EQ(lost, 150);
  const auto ticks = now(a->ticks(tenant, workflow.id, "s1", {}, 100));
  ASSERT_EQ(ticks->size(), 50U);
  for (const auto& tick : *ticks) EXPECT_TRUE(now(b->execution(tenant, tick.execution)).ok());
  EXPECT_EQ(now(a->executions(tenant, {.limit = 1000}))->size(), 50U);
}

TEST_F(PostgresSharedTest, the_others_changes_show_in_the_catalog) {
  const auto workflow = *now(a->save_workflow(workflow_of(tenant, "hook"), {}));
  const auto before = b->catalog_version();
  ASSERT_TRUE(now(a->publish(tenant, workflow.id, 1, live({route_of("a", "POST")}))).ok());
  wait_until([&] { return b->catalog_version() != before; });
  EXPECT_EQ(now(b->routes())->size(), 1U);
  EXPECT_EQ(b->catalog_version(), a->catalog_version());
}

// The notice is only a hint: without it the number is read anew all the same.
TEST_F(PostgresSharedTest, a_change_without_a_notice_is_seen) {
  const auto before = b->catalog_version();
  ASSERT_TRUE(test_connection(schema)->execute("UPDATE catalog SET version = version + 1").ok());
  wait_until([&] { return b->catalog_version() != before; });
}

TEST_F(PostgresSharedTest, two_that_publish_one_route_do_not_both_get_it) {
  for (int round = 0; round < 10; ++round) {
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&, t, store = t ? a.get() : b.get()] {
        const auto workflow = *now(store->save_workflow(workflow_of(tenant, "w"), {}));
        const auto route =
            route_of("r" + std::to_string(round), t ? "*" : "GET");  // not equal, and yet in each other's way
        const auto result = now(store->publish(tenant, workflow.id, 1, live({route})));
        if (result)
          ++won;
        else if (result.error().code == "store.route_taken")
          ++lost;
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 1);
  }
}

// Who remembers the greatest number misses nothing: a smaller one never shows up later.
TEST_F(PostgresSharedTest, signals_show_in_the_order_of_their_numbers) {
  const auto worker = *now(join(*a));
  ASSERT_TRUE(create(*a, 1, worker).ok());
  constexpr std::size_t count = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, store = t % 2 ? a.get() : b.get()] {
      for (std::size_t i = 0; i < count / 4; ++i)
        EXPECT_TRUE(now(store->send(Signal{.tenant = tenant, .execution = nth_execution(1)})).ok());
    });
  }
  std::vector<std::uint64_t> heard;
  while (heard.size() < count) {
    const auto page = now(a->signals(worker, heard.empty() ? 0 : heard.back(), 10));
    ASSERT_TRUE(page.ok());
    for (const auto& signal : *page) heard.push_back(signal.number);
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(std::ranges::is_sorted(heard));
  EXPECT_TRUE(now(a->signals(worker, heard.back(), 10))->empty());
}

TEST_F(PostgresSharedTest, two_schemas_of_one_database_know_nothing_of_each_other) {
  auto other = open_test_store(other_env, new_schema());
  ASSERT_TRUE(create(*a, 1).ok());
  EXPECT_EQ(now(other->execution(tenant, nth_execution(1))).error().code, "store.not_found");
  ASSERT_TRUE(create(*other, 1).ok());
}

}  // namespace mbflow::store
