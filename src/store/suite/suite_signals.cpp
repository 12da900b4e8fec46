#include "store/suite/suite.h"

#include <algorithm>

namespace mbflow::store {

namespace {

using Status = ExecutionStatus;

std::vector<std::string> types_of(const std::vector<Signal>& signals) {
  std::vector<std::string> types;
  for (const auto& signal : signals) types.emplace_back(signal.body["type"].as_string());
  return types;
}

}  // namespace

TEST_P(StoreSuite, signals_are_heard_in_order) {
  auto worker = join();
  auto a = created(1, Status::running, worker);
  auto b = created(2, Status::running, worker);
  EXPECT_TRUE(get(store->signals(worker, 0, 10)).empty());
  auto body = Value::object({{"type", "decide"}, {"by", "Анна"}, {"n", Value(std::int64_t{7})}});
  get(store->send(Signal{.tenant = tenant, .execution = a.id, .body = body}));
  tell(b, "cancel");
  tell(a, "retry");

  auto signals = get(store->signals(worker, 0, 10));
  ASSERT_EQ(types_of(signals), (std::vector<std::string>{"decide", "cancel", "retry"}));
  EXPECT_TRUE(signals[0].body == body);
  EXPECT_EQ(signals[0].tenant, tenant);
  EXPECT_EQ(signals[0].execution, a.id);
  EXPECT_EQ(signals[1].execution, b.id);
  EXPECT_GT(signals[0].number, 0U);
  EXPECT_LT(signals[0].number, signals[1].number);
  EXPECT_LT(signals[1].number, signals[2].number);

  EXPECT_EQ(types_of(get(store->signals(worker, signals[0].number, 10))),
            (std::vector<std::string>{"cancel", "retry"}));
  EXPECT_EQ(types_of(get(store->signals(worker, 0, 2))), (std::vector<std::string>{"decide", "cancel"}));
  EXPECT_TRUE(get(store->signals(worker, signals[2].number, 10)).empty());
  EXPECT_TRUE(get(store->signals(worker + 1, 0, 10)).empty());
}

TEST_P(StoreSuite, a_commit_removes_the_signals_it_answers) {
  auto worker = join();
  auto a = created(1, Status::running, worker);
  auto b = created(2, Status::running, worker);
  tell(a, "one");
  tell(b, "two");
  tell(a, "three");
  auto signals = get(store->signals(worker, 0, 10));
  ASSERT_EQ(signals.size(), 3U);

  auto wrong = next_commit(a, "x");
  wrong.first_seq = 9;
  wrong.record.last_seq = 9;
  wrong.signals = {signals[0].number};
  EXPECT_EQ(code(store->commit(wrong)), "store.gap");
  EXPECT_EQ(get(store->signals(worker, 0, 10)).size(), 3U);

  auto answer = next_commit(a, "answer");
  answer.signals = {signals[0].number, signals[1].number};  // the second is another execution's
  get(store->commit(answer));
  EXPECT_EQ(types_of(get(store->signals(worker, 0, 10))), (std::vector<std::string>{"two", "three"}));

  auto silent = next_commit(answer.record, "", 0);
  silent.signals = {signals[2].number};
  get(store->commit(silent));
  EXPECT_EQ(types_of(get(store->signals(worker, 0, 10))), std::vector<std::string>{"two"});
  EXPECT_EQ(get(store->journal(tenant, a.id, 1)).size(), 2U);
}

TEST_P(StoreSuite, a_number_is_not_given_twice) {
  auto worker = join();
  auto record = created(1, Status::running, worker);
  tell(record, "one");
  auto first = get(store->signals(worker, 0, 10)).at(0).number;
  auto answer = next_commit(record, "", 0);
  answer.signals = {first};
  get(store->commit(answer));
  tell(record, "two");
  EXPECT_GT(get(store->signals(worker, first, 10)).at(0).number, first);
}

TEST_P(StoreSuite, whoever_is_told_something_is_claimed_whatever_its_status) {
  auto worker = join();
  for (std::uint64_t i = 0; i < 7; ++i) {
    auto record = created(i, static_cast<Status>(i));
    if (i >= 2) tell(record, "wake up");
  }
  auto claimed = get(store->claim(worker, start, 100));
  std::ranges::sort(claimed, {}, &ExecutionRecord::id);
  ASSERT_EQ(claimed.size(), 7U);
  for (std::uint64_t i = 0; i < 7; ++i) {
    EXPECT_EQ(claimed[i].status, static_cast<Status>(i));
    EXPECT_EQ(claimed[i].owner, worker);
    EXPECT_EQ(claimed[i].deaths, 0);
  }
  auto signals = get(store->signals(worker, 0, 100));
  EXPECT_EQ(signals.size(), 5U);
  EXPECT_TRUE(get(store->claim(worker, start, 100)).empty());

  // Heard, and it stays ended: nobody holds it any more.
  auto heard = next_commit(claimed[3], "", 0);
  for (const auto& signal : signals) {
    if (signal.execution == claimed[3].id) heard.signals.push_back(signal.number);
  }
  get(store->commit(heard));
  EXPECT_EQ(get(store->execution(tenant, claimed[3].id)).owner, 0U);
  EXPECT_EQ(get(store->signals(worker, 0, 100)).size(), 4U);
}

TEST_P(StoreSuite, a_signal_outlives_the_worker_that_should_have_heard_it) {
  auto first = join();
  auto record = created(1, Status::succeeded);
  tell(record, "retry");
  ASSERT_EQ(claim_all(first).size(), 1U);
  auto second = heir_of(first);
  EXPECT_TRUE(get(store->signals(second, 0, 10)).empty());  // it holds nothing yet
  auto claimed = claim_all(second);
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].deaths, 0);  // nothing of it was under way
  auto signals = get(store->signals(second, 0, 10));
  ASSERT_EQ(types_of(signals), std::vector<std::string>{"retry"});
  auto answer = next_commit(claimed[0], "again");
  answer.record.status = Status::running;
  answer.signals = {signals[0].number};
  get(store->commit(answer));
  EXPECT_EQ(get(store->execution(tenant, record.id)).owner, second);
  EXPECT_TRUE(get(store->signals(second, 0, 10)).empty());
}

TEST_P(StoreSuite, what_is_unknown_cannot_be_told_anything) {
  auto record = created(1, Status::running);
  EXPECT_EQ(code(store->send(Signal{.tenant = tenant, .execution = nth_execution(2)})), "store.not_found");
  auto theirs = now(store->send(Signal{.tenant = stranger, .execution = record.id}));
  auto nobodys = now(store->send(Signal{.tenant = stranger, .execution = nth_execution(2)}));
  ASSERT_FALSE(theirs.ok() || nobodys.ok());
  EXPECT_EQ(theirs.error(), nobodys.error());
  auto worker = join();
  ASSERT_EQ(claim_all(worker).size(), 1U);
  EXPECT_TRUE(get(store->signals(worker, 0, 10)).empty());
}

TEST_P(StoreSuite, a_deleted_execution_takes_its_signals_along) {
  auto record = created(1, Status::succeeded);
  tell(record, "retry");
  get(store->delete_execution(tenant, record.id));
  auto worker = join();
  EXPECT_TRUE(claim_all(worker).empty());
  created(1, Status::running, worker);  // another of the same name
  EXPECT_TRUE(get(store->signals(worker, 0, 10)).empty());
}

}  // namespace mbflow::store
