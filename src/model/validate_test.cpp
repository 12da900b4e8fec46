#include "model/testing_nodes.h"

#include <ctime>
#include <initializer_list>

namespace mbflow {
namespace {

using testing_nodes::faults;
using testing_nodes::read;

std::string document(std::string_view nodes, std::string_view edges = "") {
  return R"({"name": "w", "nodes": [)" + std::string(nodes) + R"(], "edges": [)" + std::string(edges) + "]}";
}

// Nodes of type any with these ids, and edges written "ab".
std::string graph(std::string_view ids, std::initializer_list<std::string_view> edges) {
  std::string nodes;
  for (const char id : ids) nodes += (nodes.empty() ? "" : ",") + std::string(R"({"id": ")") + id + R"(", "type": "any"})";
  std::string all;
  for (const auto edge : edges) {
    all += (all.empty() ? "" : ",") + std::string(R"({"source": ")") + edge[0] + R"(", "target": ")" + edge[1] + R"("})";
  }
  return document(nodes, all);
}

TEST(Validate, IdsAndNamesAreUnique) {
  EXPECT_EQ(faults(document(R"({"id": "a", "type": "any"}, {"id": "a", "type": "any", "name": "x"}, {"id": "b", "type": "any", "name": "a"})")),
            "document.duplicate_id /nodes/1/id\ndocument.duplicate_name /nodes/2/name\n");
}

TEST(Validate, EdgesLeadSomewhere) {
  EXPECT_EQ(faults(graph("ab", {"ac", "zb", "aa", "ab", "ab"})),
            "document.dangling_edge /edges/0/target\ndocument.dangling_edge /edges/1/source\n"
            "document.self_loop /edges/2\ndocument.duplicate_edge /edges/4\n");
  const auto reading = read(document(R"({"id": "node_1", "type": "any"})", R"({"source": "node_1", "target": "node1"})"));
  EXPECT_EQ(reading.faults.at(0).error.message, "no node has the id 'node1'; did you mean 'node_1'?");
  EXPECT_EQ(read(document(R"({"id": "a", "name": "Ask", "type": "any"})", R"({"source": "Ask", "target": "a"})")).faults.at(0).error.message,
            "'Ask' is the name of a node; edges take its id, which is 'a'");
}

TEST(Validate, CyclesAreNamedByTheirPath) {
  const auto reading = read(graph("abcde", {"ab", "bc", "cd", "db", "de"}));
  EXPECT_EQ(faults(reading), "engine.cycle /edges/3\n");
  EXPECT_EQ(reading.faults.at(0).error.message,
            "the edges form a cycle: b → c → d → b; remove one of them, or repeat with a loop node");
  EXPECT_EQ(faults(graph("abcd", {"ab", "ba", "cd", "dc", "bc"})), "engine.cycle /edges/1\nengine.cycle /edges/3\n");
  EXPECT_EQ(faults(graph("abcd", {"ab", "ac", "bd", "cd"})), "");
  EXPECT_EQ(faults(graph("abcde", {"ab", "bc", "ca", "cd", "de", "ec"})), "engine.cycle /edges/2\nengine.cycle /edges/5\n");
}

TEST(Validate, LongCyclesAreCounted) {
  std::string nodes;
  std::string edges;
  for (int i = 0; i < 100; ++i) {
    nodes += (i == 0 ? "" : ",") + std::string(R"({"id": "n)") + std::to_string(i) + R"(", "type": "any"})";
    edges += (i == 0 ? "" : ",") + std::string(R"({"source": "n)") + std::to_string(i) + R"(", "target": "n)" + std::to_string((i + 1) % 100) + "\"}";
  }
  const std::string message = read(document(nodes, edges)).faults.at(0).error.message;
  EXPECT_EQ(message, "the edges form a cycle: n0 → n1 → n2 → n3 → n4 → n5 → n6 → n7 → n8 → n9 → … 89 more … → n99 → n0; "
                     "remove one of them, or repeat with a loop node");
}

TEST(Validate, PortsExist) {
  const auto reading = read(document(
      R"({"id": "c", "type": "conditional"}, {"id": "s", "type": "switch", "config": {"rules": [{"port": "x"}, {"port": "y"}]}},
         {"id": "j", "type": "join"}, {"id": "t", "type": "start"})",
      R"({"source": "c", "target": "s"}, {"source": "s", "source_port": "y", "target": "j", "target_port": "left"},
         {"source": "s", "source_port": "z", "target": "j"}, {"source": "s", "source_port": "default", "target": "j", "target_port": "right"},
         {"source": "j", "target": "t"}, {"source": "j", "source_port": "error", "target": "c"}, {"source": "t", "target": "c"})"));
  EXPECT_EQ(faults(reading),
            "document.unknown_port /edges/0/source_port\ndocument.unknown_port /edges/2/source_port\n"
            "document.unknown_port /edges/2/target_port\ndocument.edge_into_entry /edges/4/target\n"
            "engine.cycle /edges/5\nengine.cycle /edges/6\n");
  EXPECT_EQ(reading.faults.at(0).error.message, "'c' has no output port 'main'; it has true, false");
  EXPECT_EQ(reading.faults.at(1).error.message, "'s' has no output port 'z'; it has x, y, default");
}

TEST(Validate, UnreachableNodesAreAWarning) {
  const auto reading = read(document(
      R"({"id": "t", "type": "start"}, {"id": "a", "type": "any"}, {"id": "b", "type": "any"}, {"id": "in", "type": "any", "parent": "a"})",
      R"({"source": "t", "target": "a"})"));
  EXPECT_EQ(faults(reading), "warning document.unreachable /nodes/2\n");
  EXPECT_TRUE(reading.valid());
  EXPECT_EQ(faults(graph("ab", {})), "");
}

TEST(Validate, ParentsAreNodes) {
  EXPECT_EQ(faults(document(R"({"id": "a", "type": "any", "parent": "zz"}, {"id": "b", "type": "any", "parent": "b"},
      {"id": "c", "type": "any", "parent": "d"}, {"id": "d", "type": "any", "parent": "c"})")),
            "document.unknown_parent /nodes/0/parent\ndocument.parent_cycle /nodes/1/parent\ndocument.parent_cycle /nodes/2/parent\n");
}

TEST(Validate, ConfigsKeepToTheirSchema) {
  EXPECT_EQ(faults(document(R"({"id": "a", "type": "http", "config": {"method": "GETT", "tries": "{{ $vars.n }}", "u/l": 1}})")),
            "document.config /nodes/0/config/method\ndocument.config /nodes/0/config/u~1l\ndocument.config /nodes/0/config/url\n");
  const auto disabled = read(document(R"({"id": "a", "type": "http", "disabled": true})"));
  EXPECT_EQ(faults(disabled), "warning document.config /nodes/0/config/url\n");
}

TEST(Validate, ExpressionsParse) {
  EXPECT_EQ(faults(document(R"({"id": "a", "type": "any", "config": {"x": ["{{ broken"], "$literal": "{{ fine here"}},
      {"id": "b", "type": "data_adapter", "config": {"note": "{{ literal", "mapping": {"p": "a..b", "q": "a.b", "r": "{{ nope"}, "z": {"$literal": "{{"}}})",
                            R"({"source": "a", "target": "b", "condition": "{{ {{ }}"})")),
            "expr.syntax /nodes/0/config/x/0\nexpr.syntax /nodes/0/config/$literal\n"
            "expr.path /nodes/1/config/mapping/p\nexpr.syntax /nodes/1/config/mapping/r\n");
}

TEST(Validate, ReferencesAreUpstream) {
  const auto reading = read(R"({"name": "w", "settings": {"concurrency": {"limit": 1, "key": "{{ $('A').first() }}"}}, "nodes": [
      {"id": "a", "name": "A", "type": "any", "config": {"x": "{{ $('A') }}"}},
      {"id": "b", "name": "B", "type": "any", "config": {"x": "{{ $('A') }}", "y": "{{ $('C') }}"}},
      {"id": "c", "name": "C", "type": "any", "config": {"x": "{{ $('a') + $('B') + $('A') }}"}},
      {"id": "d", "name": "D", "type": "any", "config": {"x": "{{ $('B') }}"}},
      {"id": "e", "name": "E", "type": "any", "disabled": true, "config": {"x": "{{ $('none') }}"}}],
    "edges": [{"source": "a", "target": "b"}, {"source": "b", "target": "c", "condition": "{{ $('B').item && $('A').item }}"},
              {"source": "a", "target": "d", "condition": "{{ $('D') }}"}]})");
  EXPECT_EQ(faults(reading),
            "expr.not_upstream /settings/concurrency/key\n"
            "expr.not_upstream /nodes/0/config/x\nexpr.not_upstream /nodes/1/config/y\n"
            "expr.unknown_node /nodes/2/config/x\nexpr.not_upstream /nodes/3/config/x\n"
            "warning expr.unknown_node /nodes/4/config/x\nexpr.not_upstream /edges/2/condition\n");
  EXPECT_EQ(reading.faults.at(3).error.message, "'a' is the id of a node; $('…') takes its name, which is 'A'");
}

// A chain of nodes, each referring to one half the way up.
Value chain(std::size_t length, bool closed) {
  std::vector<Value> nodes;
  std::vector<Value> edges;
  for (std::size_t i = 0; i < length; ++i) {
    const std::string id = "n" + std::to_string(i);
    const Value config = Value::object({{"x", "{{ $('n" + std::to_string(i / 2) + "') }}"}});
    nodes.push_back(Value::object({{"id", id}, {"type", "any"}, {"config", i == 0 ? Value::object() : config}}));
    if (i + 1 < length || closed) {
      edges.push_back(Value::object({{"source", id}, {"target", "n" + std::to_string((i + 1) % length)}}));
    }
  }
  return Value::object({{"name", "w"}, {"nodes", Value::array(std::move(nodes))}, {"edges", Value::array(std::move(edges))}});
}

// Of the processor: a busy machine is no fault.
double seconds_since(std::clock_t start) { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC; }

TEST(Validate, HugeGraphsTakeLinearTime) {
  const DocumentRules rules{testing_nodes::table(), {}, 100'000, 100'000};
  const auto start = std::clock();
  const auto reading = read_document(chain(100'000, true), rules);
  EXPECT_EQ(reading.faults.at(0).error.code, "engine.cycle");
  EXPECT_LT(seconds_since(start), 20.0);
}

TEST(Validate, TenThousandReferencesAreQuick) {
  const auto start = std::clock();
  const auto reading = read_document(chain(10'000, false), testing_nodes::rules());
  EXPECT_EQ(faults(reading), "");
  EXPECT_LT(seconds_since(start), 10.0);
}

}  // namespace
}  // namespace mbflow
