// Events as clients see them.
#include "model/event.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

namespace mbflow {
namespace {

Event event_of(EventType type, std::uint32_t seq, NodeIndex node = no_node) {
  Event event;
  event.type = type;
  event.seq = seq;
  event.at = Timestamp(std::chrono::seconds(1'700'000'000));
  event.node = node;
  return event;
}

TEST(event_json, shows_counts_and_contents_when_asked) {
  auto event = event_of(EventType::node_succeeded, 7, 1);
  auto output = std::make_shared<NodeOutput>();
  output->ports.push_back({"main", {Item{0, Origin{0}, {}}, Item{1, Origin{1}, {}}}, {}});
  output->verdicts.push_back({4, {1}});
  event.output = output;
  event.attempt = 2;
  EXPECT_EQ(write_json(event_to_json(event, {"a", "b"}, false)),
            R"({"seq":7,"type":"node_succeeded","at":"2023-11-14T22:13:20.000Z","node":"b","attempt":2,)"
            R"("items":{"main":2},"edges":[{"edge":4,"passed":1}]})");
  auto full = event_to_json(event, {"a", "b"}, true);
  EXPECT_EQ(write_json(full["output"]), R"({"main":[{"json":0,"origin":0},{"json":1,"origin":1}]})");
  EXPECT_EQ(write_json(full["edges"]), R"([{"edge":4,"passed":1,"items":[1]}])");
}

TEST(event_json, shows_the_end_and_its_error) {
  auto event = event_of(EventType::execution_finished, 9);
  event.status = ExecutionStatus::failed;
  event.error = std::make_shared<Error>(fail(Kind::timeout, "http.timeout", "no answer").with_at("/nodes/0"));
  EXPECT_EQ(write_json(event_to_json(event, {}, false)),
            R"({"seq":9,"type":"execution_finished","at":"2023-11-14T22:13:20.000Z","status":"failed",)"
            R"("error":{"kind":"timeout","code":"http.timeout","message":"no answer","at":"/nodes/0"}})");
}

TEST(event_names, are_those_of_the_wire) {
  EXPECT_EQ(to_string(EventType::node_started), "node_started");
  EXPECT_EQ(to_string(EventType::execution_finished), "execution_finished");
  EXPECT_EQ(to_string(NodeStatus::quarantined), "quarantined");
  for (int i = 0; i < 7; ++i) {
    auto status = static_cast<ExecutionStatus>(i);
    EXPECT_EQ(parse_execution_status(to_string(status)), status);
  }
  EXPECT_FALSE(parse_execution_status("done").has_value());
  EXPECT_TRUE(is_final(ExecutionStatus::cancelled));
  EXPECT_FALSE(is_final(ExecutionStatus::held));
}

TEST(event_json, counts_what_is_apart_and_tells_how_far_a_long_list_is) {
  auto event = event_of(EventType::node_progressed, 3, 0);
  auto output = std::make_shared<NodeOutput>();
  output->ports.push_back({"main", {Item{1}}, {}});
  output->ports[0].append({BlobId::of("a"), 100}, 40);
  event.progress = std::make_shared<Progress>(Progress{20, 41, output});
  EXPECT_EQ(event_to_json(event, {"a"}, true)["items_done"], Value(61));
  event.type = EventType::node_succeeded;
  event.output = output;
  EXPECT_EQ(write_json(event_to_json(event, {"a"}, true)["items"]), R"({"main":41})");
}

}  // namespace
}  // namespace mbflow
