#include "store/suite/suite.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

namespace mbflow::store {

namespace {

using Status = ExecutionStatus;

}  // namespace

TEST_P(StoreSuite, each_worker_has_a_number_of_its_own) {
  std::set<WorkerNumber> numbers;
  for (int i = 0; i < 5; ++i) {
    auto number = join();
    EXPECT_GE(number, 1U);
    EXPECT_TRUE(numbers.insert(number).second);
    get(store->leave(number));
  }
  auto last = join();
  EXPECT_TRUE(numbers.insert(last).second);
  EXPECT_TRUE(numbers.insert(heir_of(last)).second);
}

TEST_P(StoreSuite, a_worker_that_is_unknown_or_gone_is_fenced) {
  auto worker = join();
  get(store->beat(worker, std::chrono::hours(1)));
  for (auto stranger_to_all : {worker + 1, WorkerNumber{0}}) {
    EXPECT_EQ(code(store->beat(stranger_to_all, std::chrono::hours(1))), "store.fenced");
    EXPECT_EQ(code(store->claim(stranger_to_all, start, 10)), "store.fenced");
  }
  get(store->leave(worker));
  get(store->leave(worker));  // once more is nothing new
  auto result = now(store->beat(worker, std::chrono::hours(1)));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "store.fenced");
  EXPECT_EQ(result.error().kind, Kind::conflict);
  EXPECT_EQ(code(store->claim(worker, start, 10)), "store.fenced");
}

TEST_P(StoreSuite, what_nobody_holds_and_wants_to_go_on_is_claimed) {
  auto worker = join();
  created(1, Status::queued);
  created(2, Status::running);
  created(3, Status::running, 0, start + std::chrono::hours(5));  // also with a date: it runs
  created(4, Status::waiting, 0, start + std::chrono::seconds(9));
  created(5, Status::waiting, 0, start + std::chrono::seconds(10));  // the instant itself is not before
  created(6, Status::waiting);
  created(7, Status::succeeded);
  created(8, Status::failed);
  created(9, Status::cancelled);
  created(10, Status::held);
  created(11, Status::held, 0, start);
  created(12, Status::queued, worker);
  auto theirs = execution_of(stranger, nth_execution(13), Status::queued);  // workers serve every tenant
  get(store->commit(first_commit(theirs)));

  auto ids = ids_of(get(store->claim(worker, start + std::chrono::seconds(10), 100)));
  std::ranges::sort(ids);
  EXPECT_EQ(ids,
            (std::vector{nth_execution(1), nth_execution(2), nth_execution(3), nth_execution(4), nth_execution(13)}));
  EXPECT_TRUE(get(store->claim(worker, start + std::chrono::seconds(10), 100)).empty());  // it holds them by now
  EXPECT_EQ(ids_of(claim_all(worker)), std::vector{nth_execution(5)});
}

TEST_P(StoreSuite, a_claimed_one_is_given_as_it_is_now) {
  auto worker = join();
  auto record = created(1, Status::running);
  auto claimed = claim_all(worker);
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].owner, worker);
  EXPECT_EQ(claimed[0].epoch, record.epoch + 1);
  EXPECT_EQ(claimed[0].deaths, 0);
  EXPECT_EQ(claimed[0].last_seq, 1U);
  EXPECT_EQ(claimed[0].trigger, "manual");
  auto kept = get(store->execution(tenant, record.id));
  EXPECT_EQ(kept.owner, worker);
  EXPECT_EQ(kept.epoch, claimed[0].epoch);
  EXPECT_EQ(code(store->commit(next_commit(record, "late"))), "store.fenced");
  get(store->commit(next_commit(claimed[0], "mine")));
  EXPECT_EQ(get(store->journal(tenant, record.id, 1)), (std::vector<std::string>{"first", "mine"}));
}

TEST_P(StoreSuite, the_longest_due_is_claimed_first) {
  auto worker = join();
  for (std::uint64_t i = 0; i < 20; ++i) created(i, Status::waiting, 0, start + std::chrono::seconds((i * 7) % 20 + 1));
  auto until = start + std::chrono::seconds(11);
  EXPECT_TRUE(get(store->claim(worker, until, 0)).empty());
  auto claimed = get(store->claim(worker, until, 3));
  auto rest = get(store->claim(worker, until, 100));
  claimed.insert(claimed.end(), rest.begin(), rest.end());
  ASSERT_EQ(rest.size(), 7U);
  for (std::size_t i = 0; i < claimed.size(); ++i) EXPECT_EQ(claimed[i].wake_at, start + std::chrono::seconds(i + 1));
}

TEST_P(StoreSuite, claims_in_pages_have_no_gap_and_no_double) {
  auto worker = join();
  std::vector<ExecutionId> expected;
  for (std::uint64_t i = 0; i < 100; ++i) {
    auto status = static_cast<Status>(i % 7);
    created(i, status);
    if (status == Status::queued || status == Status::running) expected.push_back(nth_execution(i));
  }
  std::vector<ExecutionId> claimed;
  for (;;) {
    auto page = ids_of(get(store->claim(worker, start, 7)));
    if (page.empty()) break;
    EXPECT_LE(page.size(), 7U);
    claimed.insert(claimed.end(), page.begin(), page.end());
  }
  std::ranges::sort(claimed);
  EXPECT_EQ(claimed, expected);
}

TEST_P(StoreSuite, a_commit_with_owner_zero_lets_go) {
  auto worker = join();
  auto record = created(1, Status::running, worker);
  auto parked = next_commit(record, "parked");
  parked.record.status = Status::waiting;
  parked.record.wake_at = start + std::chrono::seconds(5);
  parked.record.owner = 0;
  get(store->commit(parked));
  EXPECT_EQ(get(store->execution(tenant, record.id)).owner, 0U);
  EXPECT_TRUE(get(store->claim(worker, start + std::chrono::seconds(5), 10)).empty());
  auto claimed = get(store->claim(worker, start + std::chrono::seconds(6), 10));
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].deaths, 0);

  auto moved = next_commit(claimed[0], "");  // the row alone: nothing happened yet
  moved.record.last_seq = claimed[0].last_seq;
  moved.record.wake_at = start + std::chrono::hours(1);
  moved.record.owner = 0;
  get(store->commit(moved));
  EXPECT_TRUE(get(store->claim(worker, start + std::chrono::seconds(6), 10)).empty());
  EXPECT_EQ(get(store->journal(tenant, record.id, 1)).size(), 2U);
  EXPECT_EQ(ids_of(claim_all(worker)), std::vector{record.id});
}

TEST_P(StoreSuite, an_ended_execution_is_not_taken_up_again) {
  auto worker = join();
  auto record = created(1, Status::running, worker, start + std::chrono::seconds(5));
  auto last = next_commit(record, "end");
  last.record.status = Status::succeeded;  // wake_at and owner are left as they were: what is final wants nothing
  get(store->commit(last));
  auto kept = get(store->execution(tenant, record.id));
  EXPECT_EQ(kept.wake_at, Timestamp{});
  EXPECT_EQ(kept.owner, 0U);
  EXPECT_TRUE(claim_all(heir_of(worker)).empty());

  auto retried = next_commit(kept, "retried");
  retried.record.status = Status::running;
  get(store->commit(retried));
  EXPECT_EQ(claim_all(join()).size(), 1U);
}

TEST_P(StoreSuite, what_a_dead_worker_held_comes_with_its_death_counted) {
  auto first = join();
  auto record = created(1, Status::running, first);
  created(2, Status::waiting, first, start + std::chrono::hours(1));
  created(3, Status::held, first);
  created(4, Status::running);

  auto second = heir_of(first);
  auto claimed = get(store->claim(second, start, 10));
  std::ranges::sort(claimed, {}, &ExecutionRecord::id);
  ASSERT_EQ(ids_of(claimed), (std::vector{nth_execution(1), nth_execution(4)}));
  EXPECT_EQ(claimed[0].deaths, 1);
  EXPECT_EQ(claimed[0].owner, second);
  EXPECT_GT(claimed[0].epoch, record.epoch);
  EXPECT_EQ(claimed[1].deaths, 0);  // nobody held it
  EXPECT_EQ(get(store->execution(tenant, nth_execution(3))).owner, 0U);

  auto third = heir_of(second);
  claimed = claim_all(third);
  std::ranges::sort(claimed, {}, &ExecutionRecord::id);
  ASSERT_EQ(ids_of(claimed), (std::vector{nth_execution(1), nth_execution(2), nth_execution(4)}));
  EXPECT_EQ(claimed[0].deaths, 2);
  EXPECT_EQ(claimed[1].deaths, 1);  // it waited with the first alone
  EXPECT_EQ(claimed[2].deaths, 1);

  auto progress = next_commit(claimed[0], "progress");
  progress.record.deaths = 0;
  get(store->commit(progress));
  EXPECT_EQ(get(store->execution(tenant, record.id)).deaths, 0);
}

TEST_P(StoreSuite, leaving_is_no_death) {
  auto worker = join();
  auto record = created(1, Status::running, worker);
  created(2, Status::waiting, worker, start + std::chrono::seconds(1));
  get(store->leave(worker));
  EXPECT_EQ(get(store->execution(tenant, record.id)).owner, 0U);
  auto claimed = claim_all(join());
  ASSERT_EQ(claimed.size(), 2U);
  for (const auto& taken : claimed) EXPECT_EQ(taken.deaths, 0);
  EXPECT_EQ(code(store->commit(next_commit(record, "late"))), "store.fenced");
}

TEST_P(StoreSuite, who_leaves_holds_nothing_more_of_what_has_ended_either) {
  auto worker = join();
  auto record = created(1, Status::failed);
  tell(record, "retry");
  const auto claimed = claim_all(worker);
  ASSERT_EQ(claimed.size(), 1U);
  get(store->leave(worker));
  auto late = next_commit(claimed[0], "late");
  late.record.status = Status::running;
  EXPECT_EQ(code(store->commit(late)), "store.fenced");
  EXPECT_EQ(claim_all(join()).size(), 1U);
}

TEST_P(StoreSuite, a_fenced_worker_can_write_nothing_more) {
  auto first = join();
  auto record = created(1, Status::running, first);
  tell(record, "cancel");
  auto number = get(store->signals(first, 0, 10)).at(0).number;
  auto second = heir_of(first);
  ASSERT_EQ(claim_all(second).size(), 1U);

  auto late = next_commit(record, "late");
  late.signals = {number};
  auto result = now(store->commit(late));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "store.fenced");
  EXPECT_EQ(result.error().kind, Kind::conflict);
  late.first_seq = 7;  // whatever else is wrong with it
  late.record.last_seq = 7;
  EXPECT_EQ(code(store->commit(late)), "store.fenced");
  auto silent = next_commit(record, "", 0);
  silent.signals = {number};
  EXPECT_EQ(code(store->commit(silent)), "store.fenced");
  EXPECT_EQ(code(store->beat(first, std::chrono::hours(1))), "store.fenced");
  EXPECT_EQ(code(store->claim(first, start, 10)), "store.fenced");
  auto newborn = execution_of(tenant, nth_execution(2));
  newborn.owner = first;
  EXPECT_EQ(code(store->commit(first_commit(newborn))), "store.fenced");

  EXPECT_EQ(code(store->execution(tenant, newborn.id)), "store.not_found");
  EXPECT_EQ(get(store->execution(tenant, record.id)).last_seq, 1U);
  EXPECT_EQ(get(store->journal(tenant, record.id, 1)).size(), 1U);
  EXPECT_EQ(get(store->signals(second, 0, 10)).size(), 1U);
}

TEST_P(SharedStoreSuite, what_a_living_worker_holds_is_left_alone) {
  auto first = join();
  auto second = join();
  auto record = created(1, Status::running, first);
  created(2, Status::waiting, first, start);
  tell(record, "cancel");
  EXPECT_TRUE(claim_all(second).empty());
  get(store->beat(first, std::chrono::hours(1)));
  get(store->beat(second, std::chrono::hours(1)));
  get(store->leave(first));
  EXPECT_EQ(claim_all(second).size(), 2U);
}

TEST_P(SharedStoreSuite, only_the_dead_are_buried) {
  auto first = join();
  auto second = join();
  auto third = join();
  created(1, Status::running, first);
  auto alive = created(2, Status::running, second);
  get(store->beat(first, Duration::zero()));
  auto claimed = claim_all(third);
  ASSERT_EQ(ids_of(claimed), std::vector{nth_execution(1)});
  EXPECT_EQ(claimed[0].deaths, 1);
  EXPECT_EQ(get(store->execution(tenant, alive.id)).deaths, 0);
  get(store->commit(next_commit(alive, "on")));
  EXPECT_EQ(code(store->beat(first, std::chrono::hours(1))), "store.fenced");
  EXPECT_TRUE(claim_all(second).empty());
}

TEST_P(SharedStoreSuite, of_many_that_claim_one_gets_it) {
  constexpr std::uint64_t executions = 200;
  for (std::uint64_t i = 0; i < executions; ++i) created(i, Status::queued);
  std::vector<WorkerNumber> workers;
  for (int i = 0; i < 4; ++i) workers.push_back(join());
  std::vector<std::vector<ExecutionRecord>> claimed(workers.size());
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < workers.size(); ++t) {
    threads.emplace_back([&, t] {
      for (;;) {
        auto page = now(store->claim(workers[t], start, 5));
        if (!page) ++failures;
        if (!page || page->empty()) return;
        claimed[t].insert(claimed[t].end(), page->begin(), page->end());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  std::set<ExecutionId> ids;
  for (std::size_t t = 0; t < workers.size(); ++t) {
    for (const auto& record : claimed[t]) {
      EXPECT_TRUE(ids.insert(record.id).second);
      EXPECT_EQ(get(store->execution(tenant, record.id)).owner, workers[t]);
    }
  }
  // One that looked while another was at it may have found nothing; then it is still there.
  for (const auto& record : claim_all(workers[0])) EXPECT_TRUE(ids.insert(record.id).second);
  EXPECT_EQ(ids.size(), executions);
}

}  // namespace mbflow::store
