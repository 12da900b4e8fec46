// What the pages of the API are made of: lists by filter, versions, names, receipts.
#include "store/suite/suite.h"

#include <algorithm>
#include <random>

namespace mbflow::store {

namespace {

using Status = ExecutionStatus;

// One execution a millisecond, by its id.
ExecutionId at_ms(std::uint64_t ms) { return nth_execution(ms << 16); }
Timestamp instant(std::uint64_t ms) { return Timestamp(std::chrono::milliseconds(ms)); }

bool wanted(const ExecutionRecord& record, const ExecutionFilter& filter) {
  if (filter.workflow && record.workflow != *filter.workflow) return false;
  if (filter.before && !(record.id < *filter.before)) return false;
  if (filter.after && !(*filter.after < record.id)) return false;
  const Timestamp made = instant(static_cast<std::uint64_t>(record.id.bytes[4]) << 8 | record.id.bytes[5]);
  if (filter.since != Timestamp{} && made < filter.since) return false;
  if (filter.until != Timestamp{} && made >= filter.until) return false;
  return filter.statuses.empty() || std::ranges::find(filter.statuses, record.status) != filter.statuses.end();
}

}  // namespace

TEST_P(StoreSuite, executions_are_listed_by_every_filter_both_ways) {
  std::mt19937 random(7);
  const WorkflowId workflows[] = {WorkflowId::make(env), WorkflowId::make(env)};
  std::vector<ExecutionRecord> all;
  for (std::uint64_t ms = 1; ms <= 400; ++ms) {
    auto record = execution_of(tenant, at_ms(ms), static_cast<Status>(random() % 7));
    record.workflow = workflows[random() % 2];
    auto commit = first_commit(record, "c");
    commit.flush = false;  // quicker
    get(store->commit(commit));
    all.push_back(record);
  }
  for (int round = 0; round < 200; ++round) {
    ExecutionFilter filter{.limit = 1 + static_cast<int>(random() % 50)};
    if (random() % 2) filter.workflow = workflows[random() % 2];
    for (auto count = random() % 4; count > 0; --count) filter.statuses.push_back(static_cast<Status>(random() % 7));
    if (random() % 3 == 0) filter.before = at_ms(random() % 420);
    if (random() % 3 == 0) filter.after = at_ms(random() % 420);
    if (random() % 3 == 0) filter.since = instant(1 + random() % 420);
    if (random() % 3 == 0) filter.until = instant(1 + random() % 420);
    filter.oldest_first = random() % 2;
    std::vector<ExecutionId> expected;
    for (const auto& record : all) {
      if (wanted(record, filter)) expected.push_back(record.id);
    }
    if (!filter.oldest_first) std::ranges::reverse(expected);
    if (expected.size() > static_cast<std::size_t>(filter.limit)) expected.resize(static_cast<std::size_t>(filter.limit));
    EXPECT_EQ(ids_of(get(store->executions(tenant, filter))), expected) << "round " << round;
  }
}

TEST_P(StoreSuite, bounds_at_the_ends_of_all_ids) {
  get(store->commit(first_commit(execution_of(tenant, at_ms(1)))));
  ExecutionId last;
  last.bytes.fill(0xff);
  EXPECT_TRUE(get(store->executions(tenant, ExecutionFilter{.before = ExecutionId()})).empty());
  EXPECT_TRUE(get(store->executions(tenant, ExecutionFilter{.after = last})).empty());
  EXPECT_EQ(get(store->executions(tenant, ExecutionFilter{.before = last})).size(), 1U);
  EXPECT_EQ(get(store->executions(tenant, ExecutionFilter{.after = ExecutionId()})).size(), 1U);
}

TEST_P(StoreSuite, versions_are_listed_newest_first) {
  auto record = saved("v");
  const Timestamp first = env.now();
  for (int version = 2; version <= 5; ++version) {
    env.advance(std::chrono::seconds(1));
    get(store->save_workflow(record, {}));
  }
  auto all = get(store->versions(tenant, record.id, 0, 10));
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all.front().version, 5);
  EXPECT_EQ(all.front().created_at, env.now());
  EXPECT_EQ(all.back().version, 1);
  EXPECT_EQ(all.back().created_at, first);
  auto page = get(store->versions(tenant, record.id, 4, 2));
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].version, 3);
  EXPECT_EQ(page[1].version, 2);
  EXPECT_TRUE(get(store->versions(tenant, record.id, 1, 10)).empty());
  EXPECT_EQ(code(store->versions(stranger, record.id, 0, 10)), "store.not_found");
  get(store->delete_workflow(tenant, record.id));
  EXPECT_EQ(code(store->versions(tenant, record.id, 0, 10)), "store.not_found");
}

TEST_P(StoreSuite, names_are_those_of_now) {
  auto a = saved("a");
  auto b = saved("б");
  a.name = "a2";
  get(store->save_workflow(a, {}));
  const std::vector<std::string> expected{"б", "", "a2"};
  EXPECT_EQ(get(store->workflow_names(tenant, {b.id, WorkflowId::make(env), a.id})), expected);
  EXPECT_EQ(get(store->workflow_names(stranger, {a.id})), std::vector<std::string>{""});
}

TEST_P(StoreSuite, a_receipt_is_kept_once) {
  Receipt receipt{.tenant = tenant, .key = "k", .request = std::string(32, '\x81'), .subject = WorkflowId::make(env), .created_at = env.now()};
  EXPECT_EQ(get(store->reserve(receipt)).subject, receipt.subject);
  Receipt other = receipt;
  other.subject = WorkflowId::make(env);
  other.request = std::string(32, 'b');
  const Receipt kept = get(store->reserve(other));
  EXPECT_EQ(kept.subject, receipt.subject);
  EXPECT_EQ(kept.request, receipt.request);
  EXPECT_EQ(kept.created_at, receipt.created_at);
  EXPECT_EQ(kept.answer, "");
  get(store->settle(tenant, "k", "ответ"));
  get(store->settle(tenant, "unknown", "x"));
  EXPECT_EQ(get(store->reserve(other)).answer, "ответ");
  other.tenant = stranger;
  EXPECT_EQ(get(store->reserve(other)).subject, other.subject);
}

TEST_P(StoreSuite, receipts_go_by_age) {
  for (int i = 0; i < 5; ++i) {
    Receipt receipt{.tenant = tenant, .key = "k" + std::to_string(i), .request = "r", .subject = {}, .created_at = instant(static_cast<std::uint64_t>(i + 1))};
    get(store->reserve(receipt));
  }
  EXPECT_EQ(get(store->expire_receipts(instant(4), 2)), 2);
  EXPECT_EQ(get(store->expire_receipts(instant(4), 10)), 1);
  EXPECT_EQ(get(store->expire_receipts(instant(4), 10)), 0);
  get(store->settle(tenant, "k4", "kept"));
  Receipt again{.tenant = tenant, .key = "k4", .request = "r", .subject = {}, .created_at = env.now()};
  EXPECT_EQ(get(store->reserve(again)).answer, "kept");
}

}  // namespace mbflow::store
