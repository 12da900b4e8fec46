// The switches of triggers.
#include "store/suite/suite.h"

namespace mbflow::store {
namespace {

constexpr auto minute = std::chrono::minutes(1);

Subscription subscription_of(std::string node) {
  Subscription subscription;
  subscription.node_id = std::move(node);
  subscription.name = "order.*";
  return subscription;
}

// A webhook "w" of two methods, a schedule "s" and an event node "e".
LiveTriggers one_of_each() { return live({route_of("a", "GET", "w"), route_of("a", "POST", "w")}, {schedule_of("s")}, {subscription_of("e")}); }

// The nodes of all that is live and enabled, a letter each row.
std::string enabled(Store& store) {
  std::string nodes;
  const auto add = [&nodes](const auto& rows) {
    for (const auto& row : *rows) nodes += row.enabled ? row.node_id : "";
  };
  add(now(store.routes()));
  add(now(store.schedules()));
  add(now(store.subscriptions()));
  return nodes;
}

}  // namespace

TEST_P(StoreSuite, a_switch_turns_one_trigger) {
  const auto record = saved("one");
  const auto other = saved("other");
  get(store->publish(tenant, record.id, 1, one_of_each()));
  get(store->publish(tenant, other.id, 1, live({}, {schedule_of("s")})));
  EXPECT_EQ(enabled(*store), "wwsse");
  for (const auto& [node, left] : {std::pair("w", "sse"), std::pair("e", "ss"), std::pair("s", "s")}) {
    const auto before = store->catalog_version();
    get(store->switch_trigger(tenant, record.id, node, false));
    EXPECT_NE(store->catalog_version(), before);
    EXPECT_EQ(enabled(*store), left);
  }
  const auto before = store->catalog_version();
  get(store->switch_trigger(tenant, record.id, "w", true));
  EXPECT_NE(store->catalog_version(), before);
  EXPECT_EQ(enabled(*store), "wws");
  EXPECT_EQ(code(store->switch_trigger(stranger, record.id, "s", true)), "store.not_found");
  EXPECT_EQ(code(store->switch_trigger(tenant, {}, "s", true)), "store.not_found");
  EXPECT_EQ(enabled(*store), "wws");
}

TEST_P(StoreSuite, a_switch_says_when_it_was_turned) {
  const auto record = saved("one");
  get(store->publish(tenant, record.id, 1, one_of_each()));
  const auto turned = [&] { return std::pair(get(store->schedules()).at(0).switched_at, get(store->subscriptions()).at(0).switched_at); };
  const auto both = [&](bool on) {
    for (const auto* node : {"s", "e"}) get(store->switch_trigger(tenant, record.id, node, on));
    const auto at = env.now();
    env.advance(minute);
    return at;
  };
  both(true);  // it is on
  EXPECT_EQ(turned(), std::pair(Timestamp(), Timestamp()));
  const auto off = both(false);
  both(false);
  EXPECT_EQ(turned(), std::pair(off, off));
  const auto on = both(true);
  both(true);
  EXPECT_EQ(turned(), std::pair(on, on));
}

TEST_P(StoreSuite, a_switch_stays_with_its_node) {
  auto record = saved("one");
  get(store->switch_trigger(tenant, record.id, "s", false));  // before it is live
  get(store->publish(tenant, record.id, 1, one_of_each()));
  EXPECT_EQ(enabled(*store), "wwe");
  get(store->publish(tenant, record.id, 0, {}));
  get(store->save_workflow(record, {}));
  get(store->publish(tenant, record.id, 2, live({}, {schedule_of("s"), schedule_of("t")})));
  EXPECT_EQ(enabled(*store), "t");
}

TEST_P(StoreSuite, a_deleted_workflow_takes_its_switches_along) {
  const auto gone = saved("gone");
  get(store->switch_trigger(tenant, gone.id, "s", false));
  auto run = execution_of(tenant, nth_execution(1), ExecutionStatus::succeeded);
  run.workflow = gone.id;
  get(store->commit(first_commit(run)));  // keeps the workflow's history, not its switches
  get(store->delete_workflow(tenant, gone.id));
  EXPECT_EQ(code(store->switch_trigger(tenant, gone.id, "s", true)), "store.not_found");
  auto started = first_commit(execution_of(tenant, nth_execution(2)));
  started.tick = Tick{.tenant = tenant, .workflow = gone.id, .node_id = "s", .at = start, .outcome = "started"};
  EXPECT_EQ(code(store->commit(started)), "ok");
}

// Whoever has not heard of the switch yet wants to start it all the same.
TEST_P(StoreSuite, what_was_due_while_it_was_switched_off_never_starts) {
  const auto record = saved("one");
  std::uint64_t number = 0;
  const auto outcome = [&](Timestamp at, std::string node = "s") {
    auto commit = first_commit(execution_of(tenant, nth_execution(++number)));
    commit.tick = Tick{.tenant = tenant, .workflow = record.id, .node_id = std::move(node), .at = at, .outcome = "started"};
    auto done = code(store->commit(commit));
    EXPECT_EQ(code(store->execution(tenant, nth_execution(number))), done == "ok" ? "ok" : "store.not_found");
    return done;
  };
  get(store->switch_trigger(tenant, record.id, "s", false));
  EXPECT_EQ(outcome(env.now() - minute), "store.exists");
  EXPECT_EQ(outcome(env.now() + minute), "store.exists");
  EXPECT_EQ(outcome(env.now(), "t"), "ok");
  env.advance(2 * minute);
  get(store->switch_trigger(tenant, record.id, "s", true));
  EXPECT_EQ(outcome(env.now()), "store.exists");
  EXPECT_EQ(outcome(env.now() + minute), "ok");
  get(store->save_ticks({Tick{.tenant = tenant, .workflow = record.id, .node_id = "s", .at = env.now() - minute, .outcome = "missed"}}));
  EXPECT_EQ(get(store->ticks(tenant, record.id, "s", {}, 9)).size(), 2U);  // why it did not start may be noted
}

}  // namespace mbflow::store
