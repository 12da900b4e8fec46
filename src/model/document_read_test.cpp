#include "model/testing_nodes.h"

namespace mbflow {
namespace {

using testing_nodes::faults;
using testing_nodes::json;
using testing_nodes::read;

// The whole document with one node that has the given fields.
std::string with_node(std::string_view fields) {
  return R"({"name": "w", "nodes": [{"id": "a", "type": "any", )" + std::string(fields) + "}]}";
}

TEST(DocumentRead, TakesEveryField) {
  const auto reading = read(R"({"name": "W", "description": "two\nlines", "tags": ["x", "y"],
    "settings": {"timeout": "1h", "concurrency": {"key": "{{ $json.customer }}", "limit": 10}, "on_failure": "other",
                 "timezone": "Europe/Moscow", "retention": {"days": 14}, "durability": "relaxed"},
    "variables": {"api": "https://example.com"},
    "nodes": [{"id": "n1", "name": "Fetch", "type": "http", "config": {"url": "x"},
      "retry": {"attempts": 5, "delay": "2s", "factor": 1.5, "max_delay": "1m", "jitter": false}, "timeout": 30,
      "on_error": "port", "run": "once", "concurrency": 7, "on_unknown": "hold", "parent": "n2", "disabled": true,
      "pinned": {"a": 1}, "notes": "n", "position": {"x": 1.5, "y": -2}}, {"id": "n2", "type": "any"}],
    "edges": [{"source": "n1", "source_port": "error", "target": "n2", "target_port": "main", "condition": "{{ $json.ok }}"}],
    "ui": {"groups": [{"nodes": ["n1", "n2"], "name": "G", "id": "g"}], "notes": [{"id": "m", "text": "t", "x": 1, "y": 2, "colour": "red"}]}})");
  EXPECT_EQ(faults(reading), "");
  const Workflow& w = reading.workflow;
  EXPECT_EQ(w.settings.timeout, std::chrono::hours(1));
  EXPECT_EQ(w.settings.durability, Durability::relaxed);
  EXPECT_EQ(write_json(w.settings.rest), R"({"concurrency":{"limit":10,"key":"{{ $json.customer }}"},"retention":{"days":14}})");
  const Node& node = w.nodes.at(0);
  EXPECT_EQ(node.retry, (RetryPolicy{5, std::chrono::seconds(2), 1.5, std::chrono::minutes(1), false}));
  EXPECT_EQ(node.timeout, std::chrono::seconds(30));
  EXPECT_EQ(node.on_error, OnError::port);
  EXPECT_EQ(node.on_unknown, OnUnknown::hold);
  EXPECT_EQ(node.run, RunMode::once);
  EXPECT_EQ(node.concurrency, 7);
  EXPECT_EQ(*node.pinned, json(R"([{"a": 1}])"));
  EXPECT_EQ(w.nodes.at(1).name, "n2");
  EXPECT_EQ(w.edges.at(0).condition, "{{ $json.ok }}");
  EXPECT_EQ(write_json(w.ui), R"({"notes":[{"id":"m","text":"t","x":1,"y":2,"width":240,"height":160,"colour":"red"}],)"
                              R"("groups":[{"id":"g","name":"G","nodes":["n1","n2"]}]})");
}

TEST(DocumentRead, NamesEveryFaultInTheOrderOfTheDocument) {
  EXPECT_EQ(faults(R"({"edges": [{"source": "a"}], "nodes": [{"type": "any", "config": 1}, 5, {"id": "b", "typ": "any"}],
    "tag": [], "settings": {"timeout": "soon", "durability": "fully"}})"),
            "document.dangling_edge /edges/0/source\n"
            "document.missing /edges/0/target\n"
            "document.wrong_type /nodes/0/config\n"
            "document.missing /nodes/0/id\n"
            "document.wrong_type /nodes/1\n"
            "document.unknown_key /nodes/2/typ\n"
            "document.missing /nodes/2/type\n"
            "document.unknown_key /tag\n"
            "document.duration /settings/timeout\n"
            "document.bad_value /settings/durability\n"
            "document.missing /name\n");
}

TEST(DocumentRead, NotesAndGroupsAreChecked) {
  const auto drawn = [](std::string_view ui) {
    return faults(R"({"name": "w", "nodes": [{"id": "a", "type": "any"}], "ui": )" + std::string(ui) + "}");
  };
  EXPECT_EQ(drawn(R"({"notes": [{"id": "m", "width": 95, "colour": "pink"}, {"text": 1, "z": 1}], "group": []})"),
            "document.range /ui/notes/0/width\n"
            "document.bad_value /ui/notes/0/colour\n"
            "document.wrong_type /ui/notes/1/text\n"
            "document.unknown_key /ui/notes/1/z\n"
            "document.missing /ui/notes/1/id\n"
            "document.unknown_key /ui/group\n");
  EXPECT_EQ(drawn(R"({"notes": [{"id": "m"}], "groups": [{"id": "m", "nodes": ["a", "b"]}, {"id": "g", "nodes": ["a", 1]}, {"id": "h"}]})"),
            "document.duplicate_id /ui/groups/0/id\n"
            "document.unknown_member /ui/groups/0/nodes/1\n"
            "document.unknown_member /ui/groups/1/nodes/0\n"
            "document.wrong_type /ui/groups/1/nodes/1\n"
            "document.missing /ui/groups/2/nodes\n");
  EXPECT_EQ(drawn("null"), "document.wrong_type /ui\n");
}

TEST(DocumentRead, MessagesNameTheCure) {
  const auto message = [](const std::string& text) { return read(text).faults.at(0).error.message; };
  EXPECT_EQ(message(with_node(R"("confg": {})")), "'confg' is not known here; did you mean 'config'?");
  EXPECT_EQ(message(with_node(R"("maxRetries": 1)")), "'maxRetries' is not known here; remove it");
  EXPECT_EQ(message(with_node(R"("on_error": "Continue")")),
            "'on_error' must be one of fail, continue, port, found \"Continue\"; did you mean 'continue'?");
  EXPECT_EQ(message(with_node(R"("timeout": "{{ $vars.t }}")")),
            "'timeout' must be a duration such as \"30s\", \"5m\" or \"1h30m\", found \"{{ $vars.t }}\" "
            "({{ }} works in config, in conditions and in settings.concurrency.key only)");
  EXPECT_EQ(message(R"({"name": 5, "nodes": []})"), "'name' must be a text in quotes, found 5");
}

TEST(DocumentRead, NumbersHaveLimits) {
  EXPECT_EQ(faults(with_node(R"("retry": {"attempts": 0, "factor": 11, "delay": "-1s", "max_delay": "8d"}, "concurrency": 1001)")),
            "document.range /nodes/0/retry/attempts\n"
            "document.range /nodes/0/retry/factor\n"
            "document.duration /nodes/0/retry/delay\n"
            "document.range /nodes/0/retry/max_delay\n"
            "document.range /nodes/0/concurrency\n");
  EXPECT_EQ(faults(with_node(R"("retry": {"attempts": 3.5, "factor": "2"}, "timeout": "0s")")),
            "document.wrong_type /nodes/0/retry/attempts\ndocument.wrong_type /nodes/0/retry/factor\n"
            "document.range /nodes/0/timeout\n");
  EXPECT_EQ(faults(with_node(R"("retry": {"attempts": 3.0, "delay": "1m"}, "timeout": null)")), "");
  EXPECT_EQ(faults(with_node(R"("retry": {"delay": "1m", "max_delay": "30s"})")), "document.range /nodes/0/retry/max_delay\n");
}

TEST(DocumentRead, ReadsTheWrappedFormWithItsOwnPointers) {
  EXPECT_EQ(faults(R"({"workflow": {"name": "w", "nodes": [{"id": "a", "type": "nop"}], "edges": [{"from": "a", "to": "z"}]}})"),
            "document.unknown_type /workflow/nodes/0/type\ndocument.dangling_edge /workflow/edges/0/to\n");
  EXPECT_EQ(faults(R"({"workflow": {"name": "w", "nodes": [{"id": "a", "type": "any"}]}, "extra": 1})"),
            "document.unknown_key /extra\n");
}

TEST(DocumentRead, WhatTheApiAddsMayComeBack) {
  EXPECT_EQ(faults(R"({"$schema": "x", "id": "1", "version": 3, "status": "draft", "name": "w", "nodes": [{"id": "a", "type": "any"}]})"), "");
}

TEST(DocumentRead, TypesInCapitalsAreTheConceptsSpelling) {
  const auto reading = read(R"({"name": "w", "nodes": [{"id": "a", "type": "HTTP", "config": {"url": "x"}},
    {"id": "b", "type": "DATA_ADAPTER"}, {"id": "c", "type": "DATA-ADAPTER"}, {"id": "d", "type": "CamelCase"}]})");
  EXPECT_EQ(faults(reading), "");
  EXPECT_EQ(reading.workflow.nodes.at(0).type, "http");
  EXPECT_EQ(reading.workflow.nodes.at(2).type, "data_adapter");
  EXPECT_EQ(reading.workflow.nodes.at(3).type, "CamelCase");
}

Edge only_edge(std::string_view edge, std::string_view source_type = "any") {
  const auto reading = read(R"({"name": "w", "nodes": [{"id": "a", "type": ")" + std::string(source_type) +
                            R"("}, {"id": "b", "type": "any"}], "edges": [)" + std::string(edge) + "]}");
  EXPECT_EQ(faults(reading), "") << edge;
  return reading.workflow.edges.empty() ? Edge{} : reading.workflow.edges.front();
}

TEST(DocumentRead, EdgesInAllSpellings) {
  EXPECT_EQ(only_edge(R"({"id": "e", "from": "a", "to": "b", "type": "DIRECT"})").target, "b");
  EXPECT_EQ(only_edge(R"({"source": "a", "target": "b", "source_handle": "true"})", "conditional").source_port, "true");
  EXPECT_EQ(only_edge(R"({"source": "a", "target": "b", "sourceHandle": "false", "targetHandle": null})", "conditional").source_port, "false");
  EXPECT_EQ(only_edge(R"({"source": "a", "target": "b", "source_port": true})", "conditional").source_port, "true");
  EXPECT_EQ(only_edge(R"({"source": "a", "target": "b", "type": "conditional", "condition": "output.status == \"active\""})").condition,
            "{{ output.status == \"active\" }}");
  EXPECT_EQ(only_edge(R"({"source": "a", "target": "b", "condition": "  {{ $json.x }} "})").condition, "{{ $json.x }}");
  EXPECT_EQ(only_edge(R"({"source": "a", "target": "b", "condition": ""})").condition, "");
  const Edge named = only_edge(R"({"source": "a", "target": "b", "type": "CONDITIONAL", "condition": "false"})", "conditional");
  EXPECT_EQ(named.source_port + "/" + named.condition, "false/");
  EXPECT_EQ(only_edge(R"({"source": "a", "target": "b", "type": "CONDITIONAL", "source_port": "true"})", "conditional").source_port, "true");
}

TEST(DocumentRead, ErrorEdgesSayWhereErrorsGo) {
  constexpr std::string_view nodes = R"({"name": "w", "nodes": [{"id": "a", "type": "any"%}, {"id": "b", "type": "any"}],
    "edges": [{"source": "a", "target": "b", "type": "ERROR"}]})";
  const auto fill = [&](std::string_view fields) { return std::string(nodes).replace(nodes.find('%'), 1, fields); };
  const auto implied = read(fill(""));
  EXPECT_EQ(faults(implied), "");
  EXPECT_EQ(implied.workflow.edges.at(0).source_port, "error");
  EXPECT_EQ(implied.workflow.nodes.at(0).on_error, OnError::port);
  EXPECT_EQ(faults(fill(R"(, "on_error": "fail")")), "document.unused_error_edge /edges/0/source_port\n");
}

TEST(DocumentRead, EdgesThatContradictThemselves) {
  const auto edge = [](std::string_view text) {
    return faults(R"({"name": "w", "nodes": [{"id": "a", "type": "any"}, {"id": "b", "type": "any"}], "edges": [)" + std::string(text) + "]}");
  };
  EXPECT_EQ(edge(R"({"source": "a", "from": "a", "target": "b"})"), "document.conflicting_keys /edges/0/from\n");
  EXPECT_EQ(edge(R"({"source": "a", "target": "b", "type": "CONDITIONAL"})"), "document.missing_condition /edges/0/condition\n");
  EXPECT_EQ(edge(R"({"source": "a", "target": "b", "type": "MAYBE"})"), "document.bad_value /edges/0/type\n");
  EXPECT_EQ(edge(R"({"source": "a", "target": "b", "condition": "{{ a }} and {{ b }}"})"), "document.bad_condition /edges/0/condition\n");
  EXPECT_EQ(edge(R"({"source": "a", "target": "b", "condition": 5, "type": "CONDITIONAL"})"), "document.wrong_type /edges/0/condition\n");
}

TEST(DocumentRead, ListsOneHundredFaultsAndCountsTheRest) {
  std::string nodes;
  for (int i = 0; i < 150; ++i) nodes += (i == 0 ? "" : ",") + std::string(R"({"id": "n)") + std::to_string(i) + R"(", "type": "nonesuch"})";
  const auto reading = read(R"({"name": "w", "nodes": [)" + nodes + "]}");
  ASSERT_EQ(reading.faults.size(), 101U);
  EXPECT_EQ(reading.faults.at(99).error.at, "/nodes/99/type");
  EXPECT_EQ(reading.faults.back().error.code, "document.too_many_faults");
  EXPECT_EQ(reading.faults.back().error.message, "and 50 more; fix the ones above first");
  EXPECT_FALSE(reading.valid());
}

TEST(DocumentRead, WarningsDoNotHideErrors) {
  std::string nodes = R"({"id": "s", "type": "start"})";
  for (int i = 0; i < 150; ++i) nodes += R"(,{"id": "n)" + std::to_string(i) + R"(", "type": "any"})";
  const auto warned = read(R"({"name": "w", "nodes": [)" + nodes + "]}");
  EXPECT_EQ(warned.faults.size(), 101U);
  EXPECT_TRUE(warned.valid());
  const auto wrong = read(R"({"name": "w", "nodes": [)" + nodes + R"(], "extra": 1})");
  EXPECT_EQ(wrong.faults.at(99).error.code, "document.unknown_key");
  EXPECT_FALSE(wrong.valid());
}

TEST(DocumentRead, TooManyNodesIsSaidAtOnce) {
  const std::vector<Value> many(10'001, Value(1));
  const auto reading = read_document(Value::object({{"name", "w"}, {"nodes", Value::array(many)}}), testing_nodes::rules());
  EXPECT_EQ(faults(reading), "document.too_many_nodes /nodes\n");
}

TEST(DocumentRead, NothingButAnObjectIsAWorkflow) {
  for (const char* text : {"null", "1", "\"x\"", "[]", "true"}) EXPECT_EQ(faults(text), "document.wrong_type \n") << text;
  EXPECT_EQ(faults("{}"), "document.missing /name\ndocument.missing /nodes\n");
  EXPECT_EQ(faults(R"({"name": "w", "nodes": []})"), "warning document.no_nodes /nodes\n");
}

}  // namespace
}  // namespace mbflow
