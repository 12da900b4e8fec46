#include "store/suite/suite.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

namespace mbflow::store {

namespace {

using Status = ExecutionStatus;

}  // namespace

TEST_P(StoreSuite, lane_and_limit_are_kept) {
  auto record = execution_of(tenant, nth_execution(1), Status::queued);
  record.lane = -5'000'000'000'000'000'000;
  record.lane_limit = 10'000;
  get(store->commit(first_commit(record)));
  for (int i = 0; i < 2; ++i) {
    auto kept = get(store->execution(tenant, record.id));
    EXPECT_EQ(kept.lane, record.lane);
    EXPECT_EQ(kept.lane_limit, 10'000);
    kept.status = Status::running;
    get(store->commit(next_commit(kept, "more")));
  }
}

TEST_P(StoreSuite, no_more_are_claimed_than_a_lane_has_room_for) {
  auto worker = join();
  for (std::uint64_t n = 0; n < 10; ++n) queued(n, 7, 3);
  for (std::uint64_t n = 10; n < 14; ++n) queued(n, 8, 1);
  auto claimed = claim_now(worker);
  std::map<std::int64_t, int> of_lane;
  for (const auto& record : claimed) ++of_lane[record.lane];
  EXPECT_EQ(of_lane, (std::map<std::int64_t, int>{{7, 3}, {8, 1}}));
  EXPECT_TRUE(claim_now(worker).empty());
  EXPECT_EQ(number_queued(1000), 10);
  EXPECT_EQ(number_queued(4), 4);
}

TEST_P(StoreSuite, what_is_queued_is_counted_by_tenant_and_workflow) {
  queued(1, 7, 1);
  queued(2, 8, 1);
  for (const std::uint64_t n : {3, 4, 5}) queued(n, 9, 1, {}, stranger);
  std::map<TenantId, int> of_tenant;
  for (const auto& one : get(store->queued(10))) of_tenant[one.tenant] += one.count;
  EXPECT_EQ(of_tenant, (std::map<TenantId, int>{{tenant, 2}, {stranger, 3}}));
  auto worker = join();
  EXPECT_EQ(claim_now(worker).size(), 3U);
  EXPECT_EQ(number_queued(10), 2);  // what is held is not queued
}

TEST_P(StoreSuite, the_oldest_of_a_lane_goes_first) {
  auto worker = join();
  for (std::uint64_t n : {5, 3, 9, 1, 7}) queued(n, 7, 2);
  EXPECT_EQ(ids_of(claim_now(worker)), (std::vector{nth_execution(1), nth_execution(3)}));
}

TEST_P(StoreSuite, a_place_is_taken_until_the_end_and_free_after_it) {
  auto worker = join();
  for (std::uint64_t n = 0; n < 6; ++n) queued(n, 7, 1);
  for (const auto ended : {Status::succeeded, Status::failed, Status::cancelled, Status::held}) {
    auto claimed = claim_now(worker);
    ASSERT_EQ(claimed.size(), 1U);
    goes_to(claimed[0], Status::running);
    ++claimed[0].last_seq;
    EXPECT_TRUE(claim_now(worker).empty());
    goes_to(claimed[0], Status::waiting);
    ++claimed[0].last_seq;
    EXPECT_TRUE(claim_now(worker).empty());
    goes_to(claimed[0], ended);
  }
  EXPECT_EQ(claim_now(worker).size(), 1U);
}

TEST_P(StoreSuite, what_sleeps_held_by_nobody_keeps_its_place) {
  auto worker = join();
  queued(1, 7, 1);
  queued(2, 7, 1);
  auto claimed = claim_now(worker);
  ASSERT_EQ(claimed.size(), 1U);
  claimed[0].owner = 0;
  claimed[0].wake_at = start + std::chrono::hours(1);
  goes_to(claimed[0], Status::waiting);
  EXPECT_TRUE(claim_now(worker).empty());
  EXPECT_EQ(number_queued(10), 1);
}

TEST_P(StoreSuite, the_place_of_the_dead_is_not_lost_and_not_doubled) {
  auto worker = join();
  queued(1, 7, 1);
  queued(2, 7, 1);
  ASSERT_EQ(claim_now(worker).size(), 1U);  // claimed, and died before it began
  auto heir = heir_of(worker);
  auto again = claim_now(heir);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].id, nth_execution(1));
  EXPECT_EQ(again[0].deaths, 1);
  goes_to(again[0], Status::running);
  auto last = heir_of(heir);
  auto third = claim_now(last);
  ASSERT_EQ(third.size(), 1U);  // the running one comes back, the other still waits
  EXPECT_EQ(third[0].id, nth_execution(1));
}

TEST_P(StoreSuite, a_limit_of_none_is_no_limit) {
  auto worker = join();
  for (std::uint64_t n = 0; n < 50; ++n) queued(n, 7);
  EXPECT_EQ(claim_now(worker, 20).size(), 20U);
  EXPECT_EQ(claim_now(worker).size(), 30U);
}

TEST_P(StoreSuite, tenants_and_workflows_take_turns) {
  auto worker = join();
  auto other = WorkflowId::make(env);
  for (std::uint64_t n = 0; n < 300; ++n) queued(n, 1);
  for (std::uint64_t n = 300; n < 310; ++n) queued(n, 2, 0, other);
  for (std::uint64_t n = 310; n < 330; ++n) queued(n, 3, 0, {}, stranger);
  std::map<std::int64_t, int> of_lane;
  for (const auto& record : claim_now(worker, 40)) ++of_lane[record.lane];
  EXPECT_EQ(of_lane, (std::map<std::int64_t, int>{{1, 10}, {2, 10}, {3, 20}}));
}

TEST_P(StoreSuite, all_get_their_turn_among_more_lanes_than_one_look_sees) {
  auto worker = join();
  for (std::uint64_t n = 0; n < 1000; ++n) queued(n, static_cast<std::int64_t>(n * 0x9e3779b97f4a7c15u), 1);
  std::size_t count = 0;
  for (int look = 0; look < 1000 && count < 1000; ++look) {
    for (auto& record : claim_now(worker)) {
      ++count;
      goes_to(record, Status::succeeded);
    }
  }
  EXPECT_EQ(count, 1000U);
}

TEST_P(StoreSuite, one_that_waits_is_claimed_when_it_is_told_something) {
  auto worker = join();
  queued(1, 7, 1);
  auto waits = queued(2, 7, 1);
  ASSERT_EQ(claim_now(worker).size(), 1U);
  tell(waits, "cancel");
  EXPECT_EQ(ids_of(claim_now(worker)), std::vector{waits.id});
}

TEST_P(SharedStoreSuite, many_workers_together_do_not_overfill_a_lane) {
  constexpr int limit = 5;
  for (std::uint64_t n = 0; n < 60; ++n) queued(n, 7, limit);
  std::atomic<int> under_way = 0, most = 0, done = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    const auto worker = join();
    threads.emplace_back([&, worker] {
      for (int turn = 0; turn < 2000 && done < 60; ++turn) {
        auto claimed = now(store->claim(worker, start, 3));
        if (!claimed) continue;
        under_way += static_cast<int>(claimed->size());
        most = std::max(most.load(), under_way.load());
        for (auto& record : *claimed) {
          --under_way;  // before it is free to others
          record.status = Status::succeeded;
          if (now(store->commit(next_commit(record, "done")))) ++done;
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(done, 60);
  EXPECT_LE(most, limit);
}

}  // namespace mbflow::store
