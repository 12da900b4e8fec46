// An execution that waits for room before it begins.
#include "engine/decide.h"

#include "model/document.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

namespace mbflow::engine {
namespace {

const NodeTable& types() {
  static const NodeTable table = [] {
    std::vector<NodeType> all(1);
    all[0].type = "work";
    all[0].definition = R"({"inputs": ["main"], "outputs": ["main"]})";
    return NodeTable(std::move(all));
  }();
  return table;
}

class Queued : public testing::Test {
 protected:
  void SetUp() override {
    const DocumentRules rules{types(), {}};
    auto reading = read_document(*parse_json(R"({"name": "w", "nodes": [{"id": "a", "type": "work"}], "edges": []})"), rules);
    plan = *make_plan(std::move(reading.workflow), types());
    Event event;
    event.type = EventType::execution_queued;
    event.seq = 1;
    event.data = *parse_json(R"({"trigger": "manual", "input": [{"n": 1}, {"n": 2}]})");
    journal.push_back(event);
    state = std::make_unique<State>(fold(*plan, journal));
  }
  Step give(Input input) {
    Step step;
    decide(*plan, *state, std::move(input), {Timestamp(Duration(5'000)), 7}, step);
    journal.insert(journal.end(), step.events.begin(), step.events.end());
    return step;
  }

  std::shared_ptr<const Plan> plan;
  std::vector<Event> journal;
  std::unique_ptr<State> state;
};

TEST_F(Queued, NothingRunsBeforeItIsItsTurn) {
  EXPECT_EQ(state->status, ExecutionStatus::queued);
  EXPECT_EQ(state->started_at, Timestamp{});
  EXPECT_TRUE(give(RetryAsked{}).events.empty());
  EXPECT_EQ(state->status, ExecutionStatus::queued);
}

TEST_F(Queued, ItBeginsWithWhatItWasGivenWhenItHasRoom) {
  const Step step = give(Resume{});
  ASSERT_EQ(step.commands.size(), 1U);
  EXPECT_EQ(step.commands[0].type, Command::Type::run);
  ASSERT_EQ(step.events.size(), 2U);
  EXPECT_EQ(step.events[0].type, EventType::execution_started);
  EXPECT_TRUE(step.events[0].data.is_null());  // it stands in the first event
  for (const State& seen : {*state, fold(*plan, journal)}) {
    EXPECT_EQ(seen.status, ExecutionStatus::running);
    EXPECT_EQ(seen.started_at, Timestamp(Duration(5'000)));  // a timeout does not count what it waited
    ASSERT_EQ(seen.input.size(), 2U);
    EXPECT_EQ(seen.input[1].json["n"].as_integer(), 2);
  }
}

TEST_F(Queued, ItCanBeCancelledWithoutHavingBegun) {
  CancelAsked cancel;
  cancel.by = "me";
  EXPECT_TRUE(give(std::move(cancel)).commands.empty());
  EXPECT_EQ(state->status, ExecutionStatus::cancelled);
  EXPECT_TRUE(give(Resume{}).events.empty());
  EXPECT_EQ(fold(*plan, journal).started_at, Timestamp{});
}

}  // namespace
}  // namespace mbflow::engine
