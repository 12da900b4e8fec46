#include "model/testing_nodes.h"

#include <random>

namespace mbflow {
namespace {

using testing_nodes::faults;
using testing_nodes::json;
using testing_nodes::read;

TEST(DocumentWrite, LeavesDefaultsOutAndKeepsTheOrder) {
  const auto reading = read(R"({"edges": [{"target_port": "main", "to": "b", "from": "a", "source_port": "main", "condition": null}],
    "nodes": [{"position": {"y": 2, "x": 1}, "type": "HTTP", "config": {"z": 1, "url": "u"}, "name": "A", "id": "a",
               "retry": {"attempts": 3, "max_delay": "30s"}, "timeout": "90s", "on_error": "fail", "concurrency": 5},
              {"id": "b", "name": "b", "type": "any", "config": {}, "disabled": false, "notes": ""}],
    "variables": {}, "settings": {"timezone": "UTC", "durability": "full"}, "name": "w", "tags": []})");
  EXPECT_EQ(faults(reading), "document.config /nodes/0/config/z\n");
  EXPECT_EQ(write_json(reading.document),
            R"({"name":"w","nodes":[{"id":"a","name":"A","type":"http","config":{"z":1,"url":"u"},"timeout":"1m30s",)"
            R"("position":{"x":1,"y":2}},{"id":"b","type":"any"}],"edges":[{"source":"a","target":"b"}]})");
}

// Documents at random: mostly sound, in all spellings.
class Author {
 public:
  explicit Author(unsigned seed) : random_(seed) {}

  Value document() {
    const std::size_t count = 1 + below(6);
    std::vector<Value> nodes;
    for (std::size_t i = 0; i < count; ++i) nodes.push_back(node(i));
    std::vector<Value> edges;
    for (std::size_t i = 1; i < count; ++i) edges.push_back(edge(below(i), i));
    ObjectBuilder out;
    out.set("edges", Value::array(std::move(edges))).set("nodes", Value::array(std::move(nodes))).set("name", "w");
    if (chance()) out.set("settings", settings());
    if (chance()) out.set("tags", json(R"(["a", "ü"])"));
    if (chance()) out.set("description", "line\nline");
    if (chance()) {
      out.set("ui", one_of(R"([{}, {"notes": []}, {"notes": [{"id": "m"}, {"text": "t\nu", "id": "k", "height": 64, "colour": "yellow"}]},
                              {"groups": [{"nodes": ["n0"], "id": "g", "colour": "blue"}]}])"));
    }
    if (chance()) out.set("variables", json(R"({"k": [1, 2.5, null]})"));
    return chance() ? out.build() : Value::object({{"workflow", out.build()}});
  }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_()) % bound; }
  bool chance() { return below(2) == 0; }
  Value one_of(std::string_view list) {
    const Value choices = json(list);
    return choices[below(choices.size())];
  }

  Value settings() {
    ObjectBuilder out;
    if (chance()) out.set("timeout", one_of(R"(["1h", 90, "250ms", null])"));
    if (chance()) out.set("durability", one_of(R"(["full", "relaxed", "none"])"));
    if (chance()) out.set("timezone", one_of(R"(["UTC", "Europe/Moscow"])"));
    if (chance()) out.set("retention", one_of(R"([{}, {"days": 3}, {"count": 5, "days": 1}])"));
    if (chance()) out.set("concurrency", one_of(R"([{"limit": 3}, {"key": "{{ $json.k }}", "limit": 1}])"));
    if (chance()) out.set("on_failure", one_of(R"(["", "other", null])"));
    return out.build();
  }

  Value node(std::size_t index) {
    ObjectBuilder out;
    out.set("type", one_of(R"(["any", "ANY", "CamelCase", "DATA_ADAPTER"])")).set("id", "n" + std::to_string(index));
    if (chance()) out.set("name", "Node " + std::to_string(index));
    if (chance()) out.set("config", one_of(R"([{}, {"a": {"b": "{{ $json.x }}"}}, {"note": "{{"}])"));
    if (out.find("type")->as_string() != "DATA_ADAPTER" && out.find("config")) out.set("config", json(R"({"c": 1})"));
    if (chance()) out.set("retry", one_of(R"([{}, {"attempts": 1}, {"delay": "2m"}, {"delay": 1, "factor": 1.25, "max_delay": "1d", "jitter": false}])"));
    if (chance()) out.set("timeout", one_of(R"(["1s", 0.5, null, "1w"])"));
    if (chance()) out.set("on_error", one_of(R"(["fail", "continue", "port"])"));
    if (chance()) out.set("on_unknown", one_of(R"(["retry", "hold", "fail"])"));
    if (chance()) out.set("run", one_of(R"(["each", "once"])"));
    if (chance()) out.set("concurrency", one_of("[1, 5, 1000]"));
    if (chance() && index > 0) out.set("parent", "n" + std::to_string(below(index)));
    if (chance()) out.set("disabled", chance());
    if (chance()) out.set("pinned", one_of(R"([null, [], {"a": 1}, [{"a": 1}, {}]])"));
    if (chance()) out.set("notes", one_of(R"(["", "text\n\ttext"])"));
    if (chance()) out.set("position", one_of(R"([null, {"x": 1}, {"y": 1.5, "x": -3}])"));
    return out.build();
  }

  Value edge(std::size_t source, std::size_t target) {
    ObjectBuilder out;
    if (chance()) out.set("id", "e");
    out.set(chance() ? "to" : "target", "n" + std::to_string(target));
    out.set(chance() ? "from" : "source", "n" + std::to_string(source));
    if (chance()) out.set("condition", one_of(R"(["", null, "$json.x > 1", "{{ $json.y }}"])"));
    if (chance()) out.set("type", one_of(R"(["DIRECT", "direct", "ERROR"])"));
    if (chance()) out.set("targetHandle", one_of(R"([null, "main"])"));
    return out.build();
  }

  std::mt19937 random_;
};

TEST(DocumentWrite, WritingAndReadingAgainChangesNothing) {
  std::size_t valid = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const Value given = Author(seed).document();
    const auto first = read_document(given, testing_nodes::rules());
    if (!first.valid()) continue;
    ++valid;
    const auto second = read_document(first.document, testing_nodes::rules());
    ASSERT_TRUE(second.valid()) << write_json(first.document) << "\n" << faults(second);
    ASSERT_EQ(write_json(first.document), write_json(second.document)) << write_json(given);
  }
  EXPECT_GT(valid, 700U);
}

TEST(Mermaid, DrawsNodesEdgesAndBodies) {
  const auto reading = read(R"({"name": "w", "nodes": [{"id": "a", "name": "Say \"hi\" <b>", "type": "conditional"},
    {"id": "b", "type": "any", "disabled": true}, {"id": "in", "type": "any", "parent": "b"}],
    "edges": [{"source": "a", "source_port": "true", "target": "b", "condition": "$json.x > 1"},
              {"source": "a", "target": "b", "type": "ERROR"}]})");
  EXPECT_EQ(faults(reading), "");
  EXPECT_EQ(write_mermaid(reading.workflow), R"(flowchart LR
  n0["Say #34;hi#34; #60;b#62;<br><small>conditional</small>"]
  n1["b<br><small>any</small>"]:::disabled
  subgraph body1["b"]
    n2["in<br><small>any</small>"]
  end
  n0 -->|"true: {{ $json.x #62; 1 }}"| n1
  n0 -.->|"error"| n1
%% workflow #123;"name":"w"#125;
%% n0 #123;"id":"a","on_error":"port"#125;
%% n1 #123;"id":"b"#125;
%% n2 #123;"id":"in"#125;
)");
}

TEST(Ports, FollowTheTypeAndTheConfig) {
  const auto& table = testing_nodes::table();
  Node node;
  EXPECT_EQ(output_ports(*table.find("any"), node), std::vector<std::string>{"main"});
  EXPECT_EQ(output_ports(*table.find("switch"), node), std::vector<std::string>{"default"});
  node.config = json(R"({"rules": [{"port": "a"}, {"port": "b"}, {"port": "a"}, {}]})");
  node.on_error = OnError::port;
  EXPECT_EQ(output_ports(*table.find("switch"), node), (std::vector<std::string>{"a", "b", "3", "default", "error"}));
  EXPECT_EQ(input_ports(*table.find("join")), (std::vector<std::string>{"left", "right"}));
  EXPECT_TRUE(input_ports(*table.find("start")).empty());
}

}  // namespace
}  // namespace mbflow
