#include "store/suite/suite.h"

#include <atomic>
#include <map>
#include <thread>

namespace mbflow::store {

namespace {

constexpr auto day = std::chrono::hours(24);

struct TickOf {
  TenantId tenant;
  WorkflowId workflow;
  [[nodiscard]] Tick operator()(Timestamp at, std::string outcome = "missed", std::string node = "s1") const {
    return Tick{
        .tenant = tenant, .workflow = workflow, .node_id = std::move(node), .at = at, .outcome = std::move(outcome)};
  }
};

}  // namespace

TEST_P(StoreSuite, publishing_makes_schedules_live) {
  auto record = saved("daily");
  get(store->save_workflow(record, {}));
  get(store->publish(tenant, record.id, 2, live({}, {schedule_of("s1"), schedule_of("s2", start)})));
  auto schedules = get(store->schedules());
  ASSERT_EQ(schedules.size(), 2U);
  for (const auto& schedule : schedules) {
    EXPECT_EQ(schedule.tenant, tenant);
    EXPECT_EQ(schedule.workflow, record.id);
    EXPECT_EQ(schedule.version, 2);
    EXPECT_EQ(schedule.since, schedule.node_id == "s1" ? env.now() : start);
    EXPECT_EQ(schedule.last, Timestamp{});
  }
  get(store->publish(tenant, record.id, 0, live({}, {schedule_of("ignored")})));
  EXPECT_TRUE(get(store->schedules()).empty());
}

TEST_P(StoreSuite, a_schedule_that_stays_keeps_its_beginning) {
  auto record = saved("daily");
  get(store->save_workflow(record, {}));
  get(store->publish(tenant, record.id, 1, live({}, {schedule_of("s1"), schedule_of("s2")})));
  auto first = env.now();
  env.advance(day);
  get(store->publish(tenant, record.id, 2, live({}, {schedule_of("s1"), schedule_of("s2", start), schedule_of("s3")})));
  auto since = [&] {
    std::map<std::string, Timestamp> map;
    for (const auto& schedule : get(store->schedules())) {
      map[schedule.node_id] = schedule.since;
      EXPECT_EQ(schedule.version, 2);
    }
    return map;
  };
  EXPECT_EQ(since(), (std::map<std::string, Timestamp>{{"s1", first}, {"s2", start}, {"s3", env.now()}}));

  get(store->publish(tenant, record.id, 2, live({}, {schedule_of("s2")})));  // s1 and s3 go, s2 keeps what it was given
  EXPECT_EQ(since(), (std::map<std::string, Timestamp>{{"s2", start}}));
  env.advance(day);
  get(store->publish(tenant, record.id, 2, live({}, {schedule_of("s1")})));
  EXPECT_EQ(since(), (std::map<std::string, Timestamp>{{"s1", env.now()}}));  // it was not live before
  get(store->publish(tenant, record.id, 0, {}));
  env.advance(day);
  get(store->publish(tenant, record.id, 2, live({}, {schedule_of("s1")})));
  EXPECT_EQ(since(), (std::map<std::string, Timestamp>{{"s1", env.now()}}));
}

TEST_P(StoreSuite, a_refused_publication_leaves_the_schedules_as_they_were) {
  auto first = saved("first");
  auto second = saved("second");
  get(store->publish(tenant, first.id, 1, live({route_of("a", "POST")})));
  get(store->publish(tenant, second.id, 1, live({}, {schedule_of("s1", start)})));
  auto taken = live({route_of("a", "POST")}, {schedule_of("s2")});
  EXPECT_EQ(code(store->publish(tenant, second.id, 1, taken)), "store.route_taken");
  auto schedules = get(store->schedules());
  ASSERT_EQ(schedules.size(), 1U);
  EXPECT_EQ(schedules[0].node_id, "s1");
  EXPECT_EQ(schedules[0].since, start);
}

TEST_P(StoreSuite, a_deleted_workflow_has_no_schedules) {
  auto kept = saved("kept");
  auto gone = saved("gone");
  for (const auto& record : {kept, gone}) get(store->publish(tenant, record.id, 1, live({}, {schedule_of("s1")})));
  auto run = execution_of(tenant, nth_execution(1), ExecutionStatus::succeeded);
  run.workflow = gone.id;
  get(store->commit(first_commit(run)));  // its history keeps the document, not the schedules
  get(store->delete_workflow(tenant, gone.id));
  auto schedules = get(store->schedules());
  ASSERT_EQ(schedules.size(), 1U);
  EXPECT_EQ(schedules[0].workflow, kept.id);
}

TEST_P(StoreSuite, catalog_version_follows_schedules) {
  auto record = saved("daily");
  auto before = store->catalog_version();
  get(store->publish(tenant, record.id, 1, live({}, {schedule_of("s1")})));
  EXPECT_NE(store->catalog_version(), before);
  before = store->catalog_version();
  get(store->save_ticks({TickOf{tenant, record.id}(start)}));
  EXPECT_EQ(store->catalog_version(), before);  // a tick each minute empties no cache
}

TEST_P(StoreSuite, last_is_the_latest_tick) {
  auto record = saved("daily");
  TickOf tick{tenant, record.id};
  get(store->publish(tenant, record.id, 1, live({}, {schedule_of("s1"), schedule_of("s2")})));
  get(store->save_ticks(
      {tick(start + day), tick(start + 3 * day), tick(start + 2 * day), tick(start + 9 * day, "missed", "s3")}));
  auto last = [&] {
    std::map<std::string, Timestamp> map;
    for (const auto& schedule : get(store->schedules())) map[schedule.node_id] = schedule.last;
    return map;
  };
  EXPECT_EQ(last(), (std::map<std::string, Timestamp>{{"s1", start + 3 * day}, {"s2", Timestamp{}}}));
  auto commit = first_commit(execution_of(tenant, nth_execution(1)));
  commit.tick = tick(start + 4 * day, "started");
  get(store->commit(commit));
  EXPECT_EQ(last()["s1"], start + 4 * day);
  get(store->publish(tenant, record.id, 1, live({}, {schedule_of("s1")})));
  EXPECT_EQ(last()["s1"], start + 4 * day);
}

TEST_P(StoreSuite, an_occurrence_starts_one_execution) {
  auto record = saved("daily");
  TickOf tick{tenant, record.id};
  auto first = first_commit(execution_of(tenant, nth_execution(1)));
  first.tick = tick(start, "started");
  first.tick->execution = nth_execution(1);
  get(store->commit(first));
  auto ticks = get(store->ticks(tenant, record.id, "s1", {}, 10));
  ASSERT_EQ(ticks.size(), 1U);
  EXPECT_EQ(ticks[0].tenant, tenant);
  EXPECT_EQ(ticks[0].workflow, record.id);
  EXPECT_EQ(ticks[0].node_id, "s1");
  EXPECT_EQ(ticks[0].at, start);
  EXPECT_EQ(ticks[0].outcome, "started");
  EXPECT_EQ(ticks[0].execution, nth_execution(1));

  auto second = first_commit(execution_of(tenant, nth_execution(2)));
  second.tick = tick(start, "started");
  auto result = now(store->commit(second));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "store.exists");
  EXPECT_EQ(result.error().kind, Kind::conflict);
  EXPECT_EQ(code(store->execution(tenant, nth_execution(2))), "store.not_found");
  EXPECT_EQ(get(store->ticks(tenant, record.id, "s1", {}, 10)).at(0).execution, nth_execution(1));

  second.tick->at = start + day;
  get(store->commit(second));
  EXPECT_EQ(get(store->journal(tenant, nth_execution(2), 1)).size(), 1U);
}

TEST_P(StoreSuite, a_creation_that_fails_leaves_no_tick) {
  auto record = saved("daily");
  get(store->commit(first_commit(execution_of(tenant, nth_execution(1)))));
  auto again = first_commit(execution_of(tenant, nth_execution(1)));
  again.tick = TickOf{tenant, record.id}(start, "started");
  EXPECT_EQ(code(store->commit(again)), "store.exists");
  auto gap = first_commit(execution_of(tenant, nth_execution(2)));
  gap.tick = again.tick;
  gap.first_seq = 2;
  gap.record.last_seq = 2;
  EXPECT_EQ(code(store->commit(gap)), "store.gap");
  EXPECT_TRUE(get(store->ticks(tenant, record.id, "s1", {}, 10)).empty());
}

TEST_P(StoreSuite, of_many_that_start_one_occurrence_one_wins) {
  auto record = saved("daily");
  for (std::uint64_t round = 0; round < 20; ++round) {
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        auto commit = first_commit(execution_of(tenant, nth_execution(round * 4 + t)));
        commit.tick = TickOf{tenant, record.id}(start + round * day, "started");
        auto result = now(store->commit(commit));
        if (result)
          ++won;
        else if (result.error().code == "store.exists")
          ++lost;
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 3);
  }
  EXPECT_EQ(get(store->executions(tenant, {.limit = 100})).size(), 20U);
}

TEST_P(StoreSuite, a_tick_that_is_there_stays_as_it_is) {
  auto record = saved("daily");
  TickOf tick{tenant, record.id};
  auto started = first_commit(execution_of(tenant, nth_execution(1)));
  started.tick = tick(start, "started");
  started.tick->execution = nth_execution(1);
  get(store->commit(started));
  get(store->save_ticks({tick(start, "missed"), tick(start + day, "overlap"), tick(start + day, "excluded")}));
  auto ticks = get(store->ticks(tenant, record.id, "s1", {}, 10));
  ASSERT_EQ(ticks.size(), 2U);
  EXPECT_EQ(ticks[0].at, start + day);
  EXPECT_EQ(ticks[0].outcome, "overlap");
  EXPECT_TRUE(ticks[0].execution.is_nil());
  EXPECT_EQ(ticks[1].outcome, "started");
  EXPECT_EQ(ticks[1].execution, nth_execution(1));
  get(store->save_ticks({}));
}

TEST_P(StoreSuite, a_queued_tick_gives_way_once) {
  auto record = saved("daily");
  TickOf tick{tenant, record.id};
  get(store->save_ticks({tick(start, "queued")}));
  for (std::uint64_t n = 1; n <= 2; ++n) {
    auto commit = first_commit(execution_of(tenant, nth_execution(n)));
    commit.tick = tick(start, "started");
    commit.tick->execution = nth_execution(n);
    EXPECT_EQ(code(store->commit(commit)), n == 1 ? "ok" : "store.exists");
  }
  auto ticks = get(store->ticks(tenant, record.id, "s1", {}, 10));
  ASSERT_EQ(ticks.size(), 1U);
  EXPECT_EQ(ticks[0].execution, nth_execution(1));
}

TEST_P(StoreSuite, ticks_are_listed_newest_first) {
  auto record = saved("daily");
  auto other = saved("other");
  TickOf tick{tenant, record.id};
  std::vector<Tick> all;
  for (int i = 0; i < 25; ++i) all.push_back(tick(start + (i * 7 % 25) * day));
  all.push_back(tick(start, "missed", "s2"));
  all.push_back(TickOf{tenant, other.id}(start));
  get(store->save_ticks(all));

  std::vector<Timestamp> listed;
  Timestamp before{};
  for (;;) {
    auto page = get(store->ticks(tenant, record.id, "s1", before, 10));
    for (const auto& found : page) listed.push_back(found.at);
    if (page.size() < 10) break;
    before = page.back().at;
  }
  ASSERT_EQ(listed.size(), 25U);
  for (int i = 0; i < 25; ++i) EXPECT_EQ(listed[static_cast<std::size_t>(i)], start + (24 - i) * day);
  EXPECT_TRUE(get(store->ticks(tenant, record.id, "s1", start, 10)).empty());
  EXPECT_TRUE(get(store->ticks(tenant, record.id, "s1", {}, 0)).empty());
  EXPECT_TRUE(get(store->ticks(tenant, record.id, "s9", {}, 10)).empty());
  EXPECT_TRUE(get(store->ticks(stranger, record.id, "s1", {}, 10)).empty());
  EXPECT_EQ(get(store->ticks(tenant, other.id, "s1", {}, 10)).size(), 1U);
}

}  // namespace mbflow::store
