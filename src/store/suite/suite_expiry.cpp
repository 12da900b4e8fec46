// What may go, goes; nothing else does.
#include "store/filter.h"
#include "store/suite/suite.h"

namespace mbflow::store {

namespace {

// Ids as the runtime makes them: they tell when.
ExecutionId made_at(Timestamp instant, std::uint8_t last) {
  auto id = first_id_at(instant);
  id.bytes[15] = last;
  return id;
}

constexpr Duration hour = std::chrono::hours(1);

}  // namespace

TEST_P(StoreSuite, executions_expire_by_age) {
  const Timestamp now_ = env.now();
  auto old = execution_of(tenant, made_at(now_ - 3 * hour, 1), ExecutionStatus::succeeded);
  auto waiting = execution_of(tenant, made_at(now_ - 3 * hour, 2), ExecutionStatus::waiting);
  auto held = execution_of(tenant, made_at(now_ - 3 * hour, 3), ExecutionStatus::held);
  auto fresh = execution_of(tenant, made_at(now_ - hour, 4), ExecutionStatus::failed);
  auto other = execution_of(stranger, made_at(now_ - 3 * hour, 5), ExecutionStatus::succeeded);
  for (const auto& record : {old, waiting, held, fresh, other}) get(store->commit(first_commit(record)));
  EXPECT_EQ(get(store->expire({.tenant = tenant, .workflow = {}, .before = now_ - 2 * hour})), 1);
  EXPECT_EQ(code(store->execution(tenant, old.id)), "store.not_found");
  EXPECT_EQ(code(store->journal(tenant, old.id, 1)), "store.not_found");
  for (const auto& record : {waiting, held, fresh}) EXPECT_EQ(code(store->execution(tenant, record.id)), "ok");
  EXPECT_EQ(code(store->execution(stranger, other.id)), "ok");
  EXPECT_EQ(get(store->expire({.tenant = tenant, .workflow = {}, .before = now_ - 2 * hour})), 0);
}

TEST_P(StoreSuite, executions_expire_by_count_in_small_steps_oldest_first) {
  auto workflow = saved("counted");
  for (std::uint8_t n = 1; n <= 10; ++n) {
    auto record = execution_of(tenant, made_at(env.now() + n * hour, n), ExecutionStatus::succeeded);
    if (n != 5) record.workflow = workflow.id;
    get(store->commit(first_commit(record)));
  }
  const Expiry expiry{.tenant = tenant, .workflow = workflow.id, .before = {}, .keep = 4, .limit = 3};
  EXPECT_EQ(get(store->expire(expiry)), 3);
  auto left = get(store->executions(tenant, {.limit = 100}));
  EXPECT_EQ(left.back().id.bytes[15], 4);
  EXPECT_EQ(get(store->expire(expiry)), 2);
  EXPECT_EQ(get(store->expire(expiry)), 0);
  left = get(store->executions(tenant, {.limit = 100}));
  ASSERT_EQ(left.size(), 5U);
  EXPECT_EQ(left.back().id.bytes[15], 5) << "of another workflow";
  EXPECT_EQ(get(store->expire({.tenant = tenant, .workflow = {}, .before = {}, .keep = 2})), 3);
  EXPECT_EQ(get(store->expire({.tenant = tenant, .workflow = {}})), 0) << "without a bound nothing goes";
}

TEST_P(StoreSuite, a_deleted_workflow_goes_with_its_last_expired_execution) {
  auto workflow = saved("gone");
  auto run = execution_of(tenant, made_at(env.now() - hour, 1), ExecutionStatus::succeeded);
  run.workflow = workflow.id;
  get(store->commit(first_commit(run)));
  get(store->delete_workflow(tenant, workflow.id));
  EXPECT_EQ(code(store->workflow(tenant, workflow.id, 1)), "ok") << "history needs it";
  EXPECT_TRUE(get(store->workflows(tenant, {})).empty());
  EXPECT_EQ(get(store->workflows(tenant, {.deleted = true})).size(), 1U);
  EXPECT_EQ(get(store->expire({.tenant = tenant, .workflow = {}, .before = env.now()})), 1);
  EXPECT_EQ(code(store->workflow(tenant, workflow.id, 1)), "store.not_found");
}

}  // namespace mbflow::store
