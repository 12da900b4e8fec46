// Messages and who subscribes to them.
#include "store/suite/suite.h"

namespace mbflow::store {
namespace {

Subscription subscription_of(std::string node, std::string name) {
  Subscription subscription;
  subscription.node_id = std::move(node);
  subscription.name = std::move(name);
  return subscription;
}

Message message_of(TenantId tenant, std::string name, std::string key = {}, std::string source = "shop") {
  Message message;
  message.tenant = tenant;
  message.name = std::move(name);
  message.source = std::move(source);
  message.key = std::move(key);
  message.data = Value::object({{"text", "\u0000 \\ \U0001f600"}, {"n", 1.5}});
  message.at = Timestamp(std::chrono::seconds(1'700'000'000));
  return message;
}

std::vector<std::uint64_t> numbers_of(const std::vector<Message>& messages) {
  std::vector<std::uint64_t> numbers;
  for (const auto& message : messages) numbers.push_back(message.number);
  return numbers;
}

}  // namespace

TEST_P(StoreSuite, publishing_replaces_subscriptions) {
  const auto record = saved("w");
  const auto other = saved("o");
  const auto before = store->catalog_version();
  get(store->publish(tenant, record.id, 1, live({}, {}, {subscription_of("a", "order.*"), subscription_of("b", "order.paid")})));
  get(store->publish(tenant, other.id, 1, live({}, {}, {subscription_of("a", "order.*")})));
  EXPECT_NE(store->catalog_version(), before);
  EXPECT_EQ(get(store->subscriptions()).size(), 3U);
  get(store->publish(tenant, record.id, 1, live({}, {}, {subscription_of("b", "order.sent")})));
  std::string shown;
  for (const auto& one : get(store->subscriptions())) {
    EXPECT_EQ(one.tenant, tenant);
    EXPECT_EQ(one.version, 1);
    if (one.workflow == record.id) shown += one.node_id + " " + one.name;
  }
  EXPECT_EQ(shown, "b order.sent");
  get(store->delete_workflow(tenant, other.id));
  get(store->publish(tenant, record.id, 0, live({}, {}, {subscription_of("b", "order.sent")})));
  EXPECT_TRUE(get(store->subscriptions()).empty());
}

TEST_P(StoreSuite, a_message_comes_with_the_commit_it_is_of_or_not_at_all) {
  auto create = first_commit(execution_of(tenant, nth_execution(1)));
  create.message = std::make_shared<const Message>(message_of(tenant, "begun", {}, "mbflow"));
  get(store->commit(create));
  EXPECT_EQ(now(store->commit(create)).error().code, "store.exists");
  auto further = next_commit(create.record, "on");
  further.message = std::make_shared<const Message>(message_of(tenant, "ended", {}, "mbflow"));
  get(store->commit(further));
  EXPECT_EQ(now(store->commit(further)).error().code, "store.gap");
  further.record.epoch = 7;
  EXPECT_EQ(now(store->commit(further)).error().code, "store.fenced");
  const auto open = get(store->open_messages(10));
  ASSERT_EQ(open.size(), 2U);
  EXPECT_EQ(open[0].name + " " + open[1].name, "begun ended");
  EXPECT_EQ(open[1].source, "mbflow");
  EXPECT_EQ(open[1].tenant, tenant);
  EXPECT_EQ(open[1].data, message_of(tenant, "ended").data);
  EXPECT_EQ(open[1].at, message_of(tenant, "ended").at);
}

TEST_P(StoreSuite, a_message_stays_until_it_is_handed_on_and_longer) {
  const auto first = get(store->add_message(message_of(tenant, "a")));
  const auto second = get(store->add_message(message_of(stranger, "b")));
  const auto third = get(store->add_message(message_of(tenant, "c")));
  const auto open = get(store->open_messages(10));
  ASSERT_EQ(numbers_of(open), (std::vector{first, second, third}));
  const Message sent = message_of(tenant, "a");
  EXPECT_EQ(open[0].tenant, sent.tenant);
  EXPECT_EQ(open[0].name, sent.name);
  EXPECT_EQ(open[0].source, sent.source);
  EXPECT_EQ(open[0].data, sent.data);
  EXPECT_EQ(open[0].at, sent.at);
  EXPECT_EQ(numbers_of(get(store->open_messages(1))), std::vector{first});
  get(store->hand_on({first, second, 99}));
  EXPECT_EQ(numbers_of(get(store->open_messages(10))), std::vector{third});
  EXPECT_EQ(numbers_of(get(store->messages(tenant, 0, 10))), (std::vector{third, first}));
  EXPECT_EQ(numbers_of(get(store->messages(tenant, third, 10))), std::vector{first});
  EXPECT_TRUE(get(store->messages(tenant, 0, 10))[1].handed_on);
  EXPECT_EQ(get(store->forget_messages(sent.at, 10)), 0);
  EXPECT_EQ(get(store->forget_messages(sent.at + Duration(1), 1)), 1);
  EXPECT_EQ(get(store->forget_messages(sent.at + Duration(1), 10)), 1);
  EXPECT_EQ(numbers_of(get(store->messages(tenant, 0, 10))), std::vector{third}) << "it is not handed on yet";
  EXPECT_GT(get(store->add_message(message_of(tenant, "d"))), third);
}

TEST_P(StoreSuite, a_message_with_a_key_is_taken_once) {
  get(store->add_message(message_of(tenant, "a", "k")));
  EXPECT_EQ(code(store->add_message(message_of(tenant, "b", "k"))), "store.exists");
  EXPECT_EQ(code(store->add_message(message_of(tenant, "a", "k2"))), "ok");
  EXPECT_EQ(code(store->add_message(message_of(tenant, "a", "k", "desk"))), "ok");
  EXPECT_EQ(code(store->add_message(message_of(stranger, "a", "k"))), "ok");
  EXPECT_EQ(code(store->add_message(message_of(tenant, "a"))), "ok");
  EXPECT_EQ(code(store->add_message(message_of(tenant, "a"))), "ok");
  get(store->hand_on(numbers_of(get(store->open_messages(10)))));
  EXPECT_EQ(code(store->add_message(message_of(tenant, "a", "k"))), "store.exists");
  get(store->forget_messages(Timestamp(std::chrono::seconds(1'800'000'000)), 10));
  EXPECT_EQ(code(store->add_message(message_of(tenant, "a", "k"))), "ok");
}

}  // namespace mbflow::store
