// Random workflows: every node type that matters to durability, any shape without a cycle.
#include "sim/scenario.h"

#include <algorithm>
#include <set>
#include <string>

namespace mbflow::sim {
namespace {

struct Drawing {
  Dice& dice;
  std::vector<Value> nodes;
  std::vector<std::string> types;
  std::vector<Value> edges;
  std::vector<std::vector<std::string>> ports;  // ways out, by node
  std::set<std::string> taken;                  // edges there are
};

std::string id_of(std::size_t node) { return "n" + std::to_string(node); }

Value http_config(Drawing& d, const std::string& id, bool killer) {
  static const std::vector<std::string> modes = {"ok", "ok", "ok", "flaky", "flaky", "flaky", "bad", "down"};
  const std::string mode = killer ? "kill" : d.dice.one_in(6) ? "bad" : d.dice.pick(modes);
  return Value::object({{"method", "POST"},
                        {"url", "http://witness/" + mode},
                        {"timeout", "2s"},
                        {"body", Value::object({{"execution", "{{ $execution.id }}"},
                                                {"node", id},
                                                {"r", "{{ $json.r }}"},
                                                {"i", "{{ $json.i }}"}})}});
}

void add_http(Drawing& d, ObjectBuilder& node, std::vector<std::string>& ports, const std::string& id, bool killer) {
  node.append("config", http_config(d, id, killer));
  node.append("timeout", d.dice.one_in(10) ? "4s" : "5m");
  node.append("retry", Value::object({{"attempts", 5}, {"delay", "200ms"}, {"factor", 2}, {"max_delay", "2s"}}));
  static const std::vector<std::string> unknown = {"retry", "retry", "retry", "hold", "fail"};
  node.append("on_unknown", killer ? "retry" : d.dice.pick(unknown));
  static const std::vector<std::string> errors = {"fail", "continue", "port", "port"};
  const std::string on_error = d.dice.pick(errors);
  node.append("on_error", on_error);
  if (on_error == "port") ports.emplace_back("error");
  if (d.dice.one_in(4)) node.append("run", "once");
  node.append("concurrency", d.dice.between(1, 4));
}

std::string draw_type(Drawing& d) {
  static const std::vector<std::string> types = {"set", "set", "conditional", "switch", "merge", "http", "http", "http", "http", "wait"};
  return d.dice.pick(types);
}

Value wait_config(Drawing& d) {
  static const std::vector<std::string> lengths = {"300ms", "1s", "2s", "4s", "15s", "25s"};
  return Value::object({{"duration", d.dice.pick(lengths)}});
}

Value switch_config() {
  Value a = Value::object({{"port", "a"}, {"when", "{{ $json.i === 0 }}"}});
  Value b = Value::object({{"port", "b"}, {"when", "{{ $json.i === 1 }}"}});
  return Value::object({{"rules", Value::array({std::move(a), std::move(b)})}});
}

void add_node(Drawing& d, const std::string& type, bool killer) {
  const std::string id = id_of(d.nodes.size());
  ObjectBuilder node;
  node.append("id", id);
  node.append("name", id);
  node.append("type", type);
  std::vector<std::string> ports = {"main"};
  if (type == "set") node.append("config", Value::object({{"values", Value::object({{id, "{{ $json.i + 1 }}"}})}}));
  if (type == "conditional") {
    node.append("config", Value::object({{"condition", "{{ $json.i % 2 === 0 }}"}}));
    ports = {"true", "false"};
  }
  if (type == "switch") {
    node.append("config", switch_config());
    ports = {"a", "b", "default"};
  }
  if (type == "merge") node.append("config", Value::object({{"mode", d.dice.one_in(3) ? "by_position" : "append"}}));
  if (type == "wait") node.append("config", wait_config(d));
  if (type == "http") add_http(d, node, ports, id, killer);
  d.nodes.push_back(node.build());
  d.types.push_back(type);
  d.ports.push_back(std::move(ports));
}

void add_edge(Drawing& d, std::size_t source, std::size_t target) {
  const std::string& port = d.dice.pick(d.ports[source]);
  if (!d.taken.insert(id_of(source) + port + id_of(target)).second) return;
  ObjectBuilder edge;
  edge.append("source", id_of(source));
  edge.append("source_port", port);
  edge.append("target", id_of(target));
  if (d.dice.one_in(8)) edge.append("condition", "{{ $json.i < 3 }}");
  d.edges.push_back(edge.build());
}

Value settings_of(Dice& dice) {
  ObjectBuilder settings;
  if (dice.one_in(3)) settings.append("durability", "relaxed");
  if (dice.one_in(8)) settings.append("timeout", "20s");
  return settings.build();
}

}  // namespace

Value make_workflow(Dice& dice, int number, bool killer) {
  Drawing d{dice, {}, {}, {}, {}, {}};
  add_node(d, "manual", false);
  const int count = dice.between(3, 14);
  const int deadly = killer ? dice.between(1, count) : 0;
  for (int k = 1; k <= count; ++k) {
    const std::string type = k == deadly ? "http" : draw_type(d);
    add_node(d, type, k == deadly);
    // Near parents make chains, far ones make it wide.
    const int ways = type == "merge" ? dice.between(2, 3) : dice.one_in(6) ? 2 : 1;
    for (int e = 0; e < ways; ++e) {
      const int parent = k == deadly ? 0 : dice.one_in(2) ? k - 1 : dice.between(0, k - 1);
      add_edge(d, static_cast<std::size_t>(parent), static_cast<std::size_t>(k));
    }
  }
  ObjectBuilder document;
  document.append("name", "flow " + std::to_string(number));
  document.append("settings", settings_of(dice));
  document.append("nodes", Value::array(std::move(d.nodes)));
  document.append("edges", Value::array(std::move(d.edges)));
  return document.build();
}

}  // namespace mbflow::sim
