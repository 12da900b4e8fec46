#include "store/suite/suite.h"

#include <algorithm>
#include <random>
#include <thread>

namespace mbflow::store {

namespace {

using Status = ExecutionStatus;

void expect_same(const ExecutionRecord& a, const ExecutionRecord& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.tenant, b.tenant);
  EXPECT_EQ(a.workflow, b.workflow);
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.trigger, b.trigger);
  EXPECT_EQ(a.entry, b.entry);
  EXPECT_EQ(a.created_at, b.created_at);
  EXPECT_EQ(a.started_at, b.started_at);
  EXPECT_EQ(a.finished_at, b.finished_at);
  EXPECT_EQ(a.wake_at, b.wake_at);
  EXPECT_EQ(a.error_code, b.error_code);
  EXPECT_EQ(a.error_message, b.error_message);
  EXPECT_EQ(a.last_seq, b.last_seq);
  EXPECT_EQ(a.owner, b.owner);
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.deaths, b.deaths);
}

}  // namespace

TEST_P(StoreSuite, execution_is_kept_as_committed) {
  auto record = execution_of(tenant, nth_execution(1));
  record.workflow = WorkflowId::make(env);
  record.version = 4;
  record.trigger = "webhook";
  record.entry = "a node  of any name ";
  record.started_at = record.created_at + std::chrono::seconds(1);
  record.owner = join();
  record.deaths = 2;
  auto commit = first_commit(record, std::string("\0chunk\xff", 7), 3);
  get(store->commit(commit));
  expect_same(get(store->execution(tenant, record.id)), commit.record);
  EXPECT_EQ(get(store->journal(tenant, record.id, 1)), std::vector<std::string>{commit.chunk});

  auto next = next_commit(commit.record, "second", 2);
  next.record.status = Status::failed;
  next.record.finished_at = record.created_at + std::chrono::seconds(9);
  next.record.error_code = "http.no_answer";
  next.record.error_message = "ответа нет";
  next.record.deaths = 0;
  get(store->commit(next));
  next.record.owner = 0;  // what is final is nobody's
  expect_same(get(store->execution(tenant, record.id)), next.record);
  EXPECT_EQ(code(store->execution(tenant, nth_execution(2))), "store.not_found");
}

TEST_P(StoreSuite, start_is_idempotent_by_id) {
  auto commit = first_commit(execution_of(tenant, nth_execution(1)), "first");
  get(store->commit(commit));
  commit.chunk = "again";
  auto result = now(store->commit(commit));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "store.exists");
  EXPECT_EQ(result.error().kind, Kind::conflict);
  EXPECT_EQ(get(store->journal(tenant, commit.record.id, 1)), std::vector<std::string>{"first"});
}

TEST_P(StoreSuite, a_commit_that_does_not_follow_is_a_gap) {
  auto first = first_commit(execution_of(tenant, nth_execution(1)), "first", 3);
  get(store->commit(first));
  auto next = next_commit(first.record, "next");
  for (std::uint32_t seq : {1U, 3U, 5U, 0U}) {
    auto wrong = next;
    wrong.first_seq = seq;
    wrong.record.last_seq = seq + 1;
    EXPECT_EQ(code(store->commit(wrong)), "store.gap") << seq;
  }
  get(store->commit(next));
  EXPECT_EQ(code(store->commit(next)), "store.gap");  // the same once more
  EXPECT_EQ(get(store->execution(tenant, first.record.id)).last_seq, 4U);

  auto unknown = next_commit(execution_of(tenant, nth_execution(9)), "x");
  EXPECT_EQ(code(store->commit(unknown)), "store.not_found");
  auto late = first_commit(execution_of(tenant, nth_execution(2)));
  late.first_seq = 2;
  late.record.last_seq = 2;
  EXPECT_EQ(code(store->commit(late)), "store.gap");
  EXPECT_EQ(code(store->execution(tenant, late.record.id)), "store.not_found");
}

TEST_P(StoreSuite, a_commit_without_events_changes_the_row_only) {
  auto first = first_commit(execution_of(tenant, nth_execution(1)));
  get(store->commit(first));
  auto next = next_commit(first.record, "", 0);
  next.record.status = Status::waiting;
  get(store->commit(next));
  EXPECT_EQ(get(store->execution(tenant, first.record.id)).status, Status::waiting);
  EXPECT_EQ(get(store->journal(tenant, first.record.id, 1)).size(), 1U);
}

TEST_P(StoreSuite, journal_is_read_from_the_chunk_that_holds_an_event) {
  for (std::size_t size : {10U, 5000U}) {  // kept within the row, and apart
    auto commit = first_commit(execution_of(tenant, nth_execution(size)), std::string(size, '0'), 4);
    get(store->commit(commit));
    for (char chunk = '1'; chunk < '6'; ++chunk) {
      commit = next_commit(commit.record, std::string(size, chunk), 4);
      get(store->commit(commit));
    }
    auto id = commit.record.id;
    for (std::uint32_t from : {0U, 1U, 4U}) EXPECT_EQ(get(store->journal(tenant, id, from)).size(), 6U) << from;
    for (std::uint32_t from = 1; from <= 24; ++from) {
      auto chunks = get(store->journal(tenant, id, from));
      ASSERT_EQ(chunks.size(), 6 - (from - 1) / 4) << from;
      EXPECT_EQ(chunks.front(), std::string(size, static_cast<char>('0' + (from - 1) / 4)));
      EXPECT_EQ(chunks.back(), std::string(size, '5'));
    }
    EXPECT_TRUE(get(store->journal(tenant, id, 25)).empty());
  }
  EXPECT_EQ(code(store->journal(tenant, nth_execution(3), 1)), "store.not_found");
}

TEST_P(StoreSuite, large_chunks_are_whole) {
  std::string large(3'000'000, 'x');
  for (std::size_t i = 0; i < large.size(); i += 997) large[i] = static_cast<char>(i);
  for (auto status : {Status::running, Status::succeeded}) {
    auto commit = first_commit(execution_of(tenant, nth_execution(static_cast<std::uint64_t>(status)), status), large);
    get(store->commit(commit));
    EXPECT_TRUE(get(store->journal(tenant, commit.record.id, 1)) == std::vector<std::string>{large});
  }
}

// 10,000 executions of three tenants, five workflows and all statuses, against a plain list.
TEST_P(StoreSuite, execution_lists_have_no_gap_and_no_double) {
  std::mt19937_64 random(3);
  std::vector<WorkflowId> workflows;
  for (int i = 0; i < 5; ++i) workflows.push_back(WorkflowId::make(env));
  const TenantId tenants[] = {tenant, stranger, TenantId::make(env)};
  std::vector<ExecutionRecord> all;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    auto record = execution_of(tenants[random() % 3], nth_execution(i), static_cast<Status>(random() % 7));
    record.workflow = workflows[random() % 5];
    auto commit = first_commit(record, "c");
    commit.flush = false;  // quicker
    get(store->commit(commit));
    all.push_back(record);
  }
  std::ranges::reverse(all);
  for (int status = -1; status < 7; ++status) {
    for (int workflow = -1; workflow < 5; workflow += 3) {
      ExecutionFilter filter{.limit = 97};
      if (status >= 0) filter.statuses = {static_cast<Status>(status)};
      if (workflow >= 0) filter.workflow = workflows[static_cast<std::size_t>(workflow)];
      std::vector<ExecutionId> expected;
      for (const auto& record : all) {
        bool wanted = record.tenant == tenant && (filter.statuses.empty() || record.status == filter.statuses.front()) &&
                      (!filter.workflow || record.workflow == *filter.workflow);
        if (wanted) expected.push_back(record.id);
      }
      std::vector<ExecutionId> listed;
      for (;;) {
        auto page = ids_of(get(store->executions(tenant, filter)));
        listed.insert(listed.end(), page.begin(), page.end());
        if (page.size() < 97) break;
        filter.before = page.back();
      }
      EXPECT_EQ(listed, expected) << "status " << status << " workflow " << workflow;
    }
  }
}

TEST_P(StoreSuite, lists_are_bounded) {
  for (std::uint64_t i = 0; i < 1100; ++i) {
    auto commit = first_commit(execution_of(tenant, nth_execution(i)));
    commit.flush = false;  // quicker
    get(store->commit(commit));
  }
  EXPECT_EQ(get(store->executions(tenant, {})).size(), 50U);
  EXPECT_TRUE(get(store->executions(tenant, {.limit = 0})).empty());
  EXPECT_TRUE(get(store->executions(tenant, {.limit = -5})).empty());
  EXPECT_EQ(get(store->executions(tenant, {.limit = 1'000'000})).size(), 1000U);
}

TEST_P(StoreSuite, only_final_executions_are_deleted) {
  auto first = first_commit(execution_of(tenant, nth_execution(1)), std::string(5000, 'x'));
  get(store->commit(first));
  auto result = now(store->delete_execution(tenant, first.record.id));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "store.conflict");
  auto last = next_commit(first.record, "end");
  last.record.status = Status::cancelled;
  get(store->commit(last));
  get(store->delete_execution(tenant, first.record.id));
  EXPECT_EQ(code(store->execution(tenant, first.record.id)), "store.not_found");
  EXPECT_EQ(code(store->journal(tenant, first.record.id, 1)), "store.not_found");
  EXPECT_EQ(code(store->delete_execution(tenant, first.record.id)), "store.not_found");
  EXPECT_TRUE(get(store->executions(tenant, {})).empty());

  auto other = first_commit(execution_of(tenant, nth_execution(2)), "other");  // nothing of the old one shows through
  get(store->commit(other));
  EXPECT_EQ(get(store->journal(tenant, other.record.id, 1)), std::vector<std::string>{"other"});
}

TEST_P(StoreSuite, another_tenants_things_are_unknown) {
  auto workflow = get(store->save_workflow(workflow_of(stranger, "theirs"), {}));
  get(store->publish(stranger, workflow.id, 1, live({route_of("a", "POST")})));
  auto run = first_commit(execution_of(stranger, nth_execution(1), Status::succeeded));
  run.record.workflow = workflow.id;
  get(store->commit(run));
  ApiKey key{.id = KeyId::make(env), .tenant = stranger, .name = "k", .role = "owner", .hash = "h"};
  get(store->directory().save_key(key));

  // The very same answer as for an id that does not exist at all.
  auto same = [&](auto theirs, auto unknown) {
    auto a = now(std::move(theirs));
    auto b = now(std::move(unknown));
    ASSERT_EQ(a.ok(), b.ok());
    if (!a.ok()) { EXPECT_EQ(a.error(), b.error()); }
  };
  auto none = WorkflowId::make(env);
  same(store->workflow(tenant, workflow.id, 0), store->workflow(tenant, none, 0));
  same(store->workflow(tenant, workflow.id, 1), store->workflow(tenant, none, 1));
  same(store->publish(tenant, workflow.id, 1, {}), store->publish(tenant, none, 1, {}));
  same(store->delete_workflow(tenant, workflow.id), store->delete_workflow(tenant, none));
  auto record = workflow;
  record.tenant = tenant;
  auto unknown = record;
  unknown.id = none;
  same(store->save_workflow(record, {}), store->save_workflow(unknown, {}));
  same(store->execution(tenant, run.record.id), store->execution(tenant, nth_execution(2)));
  same(store->journal(tenant, run.record.id, 1), store->journal(tenant, nth_execution(2), 1));
  same(store->delete_execution(tenant, run.record.id), store->delete_execution(tenant, nth_execution(2)));
  auto next = next_commit(run.record, "x");
  next.record.tenant = tenant;
  auto missing = next;
  missing.record.id = nth_execution(2);
  same(store->commit(next), store->commit(missing));
  same(store->directory().revoke_key(tenant, key.id, start), store->directory().revoke_key(tenant, KeyId::make(env), start));
  EXPECT_TRUE(get(store->workflows(tenant, {})).empty());
  EXPECT_TRUE(get(store->executions(tenant, {})).empty());
  EXPECT_TRUE(get(store->executions(tenant, {.workflow = workflow.id})).empty());
  EXPECT_TRUE(get(store->directory().keys(tenant)).empty());

  EXPECT_EQ(get(store->workflow(stranger, workflow.id, 0)).published_version, 1);
  EXPECT_EQ(get(store->execution(stranger, run.record.id)).last_seq, 1U);
  EXPECT_EQ(get(store->directory().keys(stranger)).size(), 1U);
}

TEST_P(StoreSuite, an_id_of_another_tenant_can_be_created) {
  auto theirs = first_commit(execution_of(stranger, nth_execution(1)), "theirs");
  auto mine = first_commit(execution_of(tenant, nth_execution(1)), "mine");
  get(store->commit(theirs));
  get(store->commit(mine));
  EXPECT_EQ(get(store->journal(tenant, mine.record.id, 1)), std::vector<std::string>{"mine"});
  EXPECT_EQ(get(store->journal(stranger, mine.record.id, 1)), std::vector<std::string>{"theirs"});
}

TEST_P(StoreSuite, four_threads_at_once_lose_nothing) {
  constexpr std::uint64_t executions = 150;
  constexpr std::uint32_t steps = 5;
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < executions; ++i) {
        auto commit = first_commit(execution_of(tenant, nth_execution(i * 4 + t)), "0");
        if (!now(store->commit(commit))) ++failures;
        for (std::uint32_t step = 1; step < steps; ++step) {
          commit = next_commit(commit.record, std::to_string(step));
          if (!now(store->commit(commit))) ++failures;
          if (!now(store->execution(tenant, commit.record.id))) ++failures;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  for (std::uint64_t i = 0; i < 4 * executions; ++i) {
    ASSERT_EQ(get(store->execution(tenant, nth_execution(i))).last_seq, steps);
    ASSERT_EQ(get(store->journal(tenant, nth_execution(i), 1)).size(), steps);
  }
}

TEST_P(StoreSuite, of_many_that_start_one_id_one_wins) {
  for (std::uint64_t id = 0; id < 25; ++id) {
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        auto result = now(store->commit(first_commit(execution_of(tenant, nth_execution(id)))));
        if (result) ++won;
        else if (result.error().code == "store.exists") ++lost;
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 3);
  }
}

}  // namespace mbflow::store
