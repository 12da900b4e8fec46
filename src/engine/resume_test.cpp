// What becomes of an execution whose processes die: cut-off nodes, suspects that run alone, quarantine, a person's decision.
#include "engine/decide.h"

#include "model/document.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

namespace mbflow::engine {
namespace {

const NodeTable& types() {
  static const NodeTable table = [] {
    std::vector<NodeType> all(2);
    all[0].type = "work";
    all[1].type = "calc";
    all[1].pure = true;
    for (auto& type : all) type.definition = R"({"inputs": ["main"], "outputs": ["main"]})";
    return NodeTable(std::move(all));
  }();
  return table;
}

// An execution driven by hand: every step is checked against the fold of the journal so far.
class Resumed : public testing::Test {
 protected:
  void begin(const char* document) {
    const DocumentRules rules{types(), {}};
    auto reading = read_document(*parse_json(document), rules);
    ASSERT_TRUE(reading.valid()) << reading.faults.front().error.message;
    auto made = make_plan(std::move(reading.workflow), types());
    ASSERT_TRUE(made.ok()) << made.error().message;
    plan = *made;
    state = std::make_unique<State>(*plan);
    Begin start;
    start.data = *parse_json(R"({"trigger": "manual", "input": [{}]})");
    give(std::move(start));
  }

  Step give(Input input) {
    Step step;
    decide(*plan, *state, std::move(input), {Timestamp(Duration(1'000 * ++moment)), 7}, step);
    journal.insert(journal.end(), step.events.begin(), step.events.end());
    const State again = fold(*plan, journal);
    EXPECT_EQ(again.status, state->status);
    EXPECT_EQ(again.careful, state->careful);
    for (NodeIndex i = 0; i < state->nodes.size(); ++i) EXPECT_EQ(again.nodes[i].status, state->nodes[i].status) << plan->ids[i];
    return step;
  }
  // The process dies; another goes on from the journal.
  Step die(int deaths) {
    state = std::make_unique<State>(fold(*plan, journal));
    Resume resume;
    resume.deaths = deaths;
    return give(resume);
  }
  Step end(const char* node) {
    NodeEnded ended;
    ended.node = plan->find(node);
    ended.output = output();
    return give(std::move(ended));
  }
  Step decided(const char* node, Decided::Action action) {
    Decided what;
    what.node = plan->find(node);
    what.action = action;
    what.by = "ann";
    if (action == Decided::Action::succeed) what.output = output();
    return give(std::move(what));
  }
  static std::shared_ptr<const NodeOutput> output() {
    auto made = std::make_shared<NodeOutput>();
    made->ports.push_back({"main", {Item{Value::object({{"x", 1}}), {}, {}}}});
    return made;
  }
  // The nodes that a step has run.
  std::string commands(const Step& step) const {
    std::string text;
    for (const auto& command : step.commands) {
      if (command.type != Command::Type::run) continue;
      text += (text.empty() ? "" : " ") + plan->ids[command.node];
    }
    return text;
  }
  NodeStatus status(const char* node) const { return state->nodes[plan->find(node)].status; }

  std::shared_ptr<const Plan> plan;
  std::unique_ptr<State> state;
  std::vector<Event> journal;
  int moment = 0;
};

constexpr const char* two_branches = R"({"name": "two", "nodes": [{"id": "a", "type": "work"}, {"id": "b", "type": "work"},
  {"id": "c", "type": "work"}], "edges": [{"source": "a", "target": "c"}, {"source": "b", "target": "c"}]})";

TEST_F(Resumed, after_one_death_what_was_cut_off_runs_again_at_once) {
  begin(two_branches);
  const Step step = die(1);
  EXPECT_EQ(commands(step), "a b");
  EXPECT_EQ(state->nodes[0].attempt, 2);
  EXPECT_FALSE(state->careful);
}

TEST_F(Resumed, after_two_deaths_nodes_run_one_at_a_time) {
  begin(two_branches);
  EXPECT_EQ(commands(die(2)), "a");
  EXPECT_EQ(status("b"), NodeStatus::pending);
  EXPECT_EQ(commands(end("a")), "b");
  EXPECT_EQ(commands(end("b")), "c");
  (void)end("c");
  EXPECT_EQ(state->status, ExecutionStatus::succeeded);
}

TEST_F(Resumed, the_third_death_convicts_the_node_that_ran_alone_and_no_other) {
  begin(two_branches);
  (void)die(2);
  (void)end("a");  // innocent: the count begins anew
  (void)die(1);
  (void)die(2);
  const Step step = die(3);
  EXPECT_EQ(commands(step), "");
  EXPECT_EQ(status("b"), NodeStatus::quarantined);
  EXPECT_EQ(state->nodes[1].error->code, "engine.quarantined");
  EXPECT_EQ(state->status, ExecutionStatus::held);
}

TEST_F(Resumed, deaths_before_anything_ran_alone_convict_nobody) {
  begin(two_branches);
  EXPECT_EQ(commands(die(3)), "a");
  EXPECT_EQ(state->held, 0U);
}

TEST_F(Resumed, a_death_before_the_suspect_ran_again_does_not_convict_it) {
  begin(two_branches);
  (void)die(2);
  (void)end("a");
  (void)die(1);  // while b ran alone, which had got on before
  EXPECT_EQ(commands(die(3)), "b") << "the second and third process died before they had begun anything";
  EXPECT_EQ(state->held, 0U);
  (void)die(4);
  EXPECT_EQ(status("b"), NodeStatus::quarantined);
}

TEST_F(Resumed, a_retry_does_not_begin_beside_the_node_that_runs_alone) {
  begin(R"({"name": "two", "nodes": [{"id": "a", "type": "work", "retry": {"attempts": 3, "delay": "1ms", "jitter": false}},
            {"id": "b", "type": "work"}], "edges": []})");
  EXPECT_EQ(commands(die(2)), "a");
  NodeEnded failed;
  failed.node = plan->find("a");
  failed.error = std::make_shared<const Error>(fail(Kind::unavailable, "test.down", "down"));
  EXPECT_EQ(commands(give(std::move(failed))), "b");
  const Step early = give(TimerFired{plan->find("a")});
  EXPECT_EQ(commands(early), "");
  ASSERT_EQ(early.commands.size(), 1U) << "it asks again";
  EXPECT_EQ(early.commands[0].type, Command::Type::timer);
  (void)end("b");
  EXPECT_EQ(commands(give(TimerFired{plan->find("a")})), "a");
}

TEST_F(Resumed, a_suspected_pure_node_is_saved_as_started_before_it_runs) {
  begin(R"({"name": "pure", "nodes": [{"id": "a", "type": "calc"}], "edges": []})");
  EXPECT_EQ(journal.size(), 1U) << "as long as nothing is suspected it has no event of its own";
  const Step step = die(2);
  ASSERT_EQ(step.events.size(), 2U);
  EXPECT_EQ(step.events[1].type, EventType::node_started);
  (void)die(3);
  EXPECT_EQ(status("a"), NodeStatus::quarantined);
}

TEST_F(Resumed, a_decision_to_retry_runs_it_again) {
  begin(two_branches);
  (void)die(2);
  (void)die(3);
  ASSERT_EQ(status("a"), NodeStatus::quarantined);
  ASSERT_EQ(status("b"), NodeStatus::running) << "the others go on meanwhile";
  (void)end("b");
  ASSERT_EQ(state->status, ExecutionStatus::held);
  EXPECT_EQ(commands(decided("a", Decided::Action::retry)), "a");
  EXPECT_EQ(commands(end("a")), "c");
}

TEST_F(Resumed, a_decision_to_succeed_goes_on_without_running_it) {
  begin(R"({"name": "hold", "nodes": [{"id": "a", "type": "work", "on_unknown": "hold"}, {"id": "b", "type": "work"}],
            "edges": [{"source": "a", "target": "b"}]})");
  (void)die(1);
  ASSERT_EQ(status("a"), NodeStatus::held);
  EXPECT_EQ(commands(decided("a", Decided::Action::succeed)), "b");
  EXPECT_EQ(status("a"), NodeStatus::succeeded);
}

TEST_F(Resumed, a_decision_to_fail_ends_the_execution_and_a_second_one_changes_nothing) {
  begin(R"({"name": "hold", "nodes": [{"id": "a", "type": "work", "on_unknown": "hold"}], "edges": []})");
  (void)die(1);
  (void)decided("a", Decided::Action::fail);
  EXPECT_EQ(state->status, ExecutionStatus::failed);
  EXPECT_TRUE(decided("a", Decided::Action::succeed).events.empty());
}

TEST_F(Resumed, what_slept_past_its_timeout_is_over_before_anything_of_it_runs) {
  begin(R"({"name": "late", "settings": {"timeout": "5ms"}, "nodes": [{"id": "a", "type": "work"}], "edges": []})");
  EXPECT_TRUE(give(TimeIsUp{}).events.empty()) << "the time is not up yet";
  moment += 10;
  (void)die(1);
  (void)give(TimeIsUp{});
  EXPECT_EQ(state->status, ExecutionStatus::failed);
  EXPECT_EQ(state->error->code, "engine.timeout");
}

TEST_F(Resumed, a_retry_has_the_whole_timeout_again) {
  begin(R"({"name": "late", "settings": {"timeout": "5ms"}, "nodes": [{"id": "a", "type": "work"}], "edges": []})");
  moment += 10;
  (void)give(TimeIsUp{});
  ASSERT_EQ(state->status, ExecutionStatus::failed);
  moment += 10;
  EXPECT_EQ(commands(give(RetryAsked{})), "a");
  EXPECT_TRUE(give(TimeIsUp{}).events.empty());
  EXPECT_EQ(state->status, ExecutionStatus::running);
  moment += 5;
  (void)give(TimeIsUp{});
  EXPECT_EQ(state->status, ExecutionStatus::failed);
}

}  // namespace
}  // namespace mbflow::engine
