// Random workflows: every node type that matters to durability, any shape without a cycle.
#include "sim/scenario.h"

#include "base/time.h"

#include <set>
#include <string>

namespace mbflow::sim {
namespace {

struct Drawing {
  Dice& dice;
  int number;
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

Value schedule_config(Drawing& d) {
  static const std::vector<std::string> missed = {"skip", "latest", "all"};
  static const std::vector<std::string> overlaps = {"skip", "queue", "allow"};
  ObjectBuilder config;
  if (d.dice.one_in(2)) config.append("cron", d.dice.one_in(2) ? "*/10 * * * * *" : "3,19,20 * * * * *");
  else config.append("every", d.dice.one_in(2) ? "7s" : "13s");
  config.append("missed", d.dice.pick(missed));
  config.append("overlap", d.dice.pick(overlaps));
  if (d.dice.one_in(3)) config.append("jitter", "3s");
  config.append("end_at", format_timestamp(beginning + schedules_until));
  return config.build();
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
  if (type == "webhook") node.append("config", Value::object({{"path", "flow/" + std::to_string(d.number)}, {"auth", "public"}}));
  if (type == "schedule") node.append("config", schedule_config(d));
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

// Another way in: what it gives is made into what the first root gives, and goes where that goes.
void add_root(Drawing& d, const std::string& type, Value values) {
  const std::size_t root = d.nodes.size();
  add_node(d, type, false);
  add_node(d, "set", false);
  ObjectBuilder node;
  for (const auto& [name, value] : d.nodes.back().members()) {
    node.append(name.as_string(), name.as_string() == "config" ? Value::object({{"values", values}, {"keep", "none"}}) : value);
  }
  d.nodes.back() = node.build();
  add_edge(d, root, root + 1);
  std::vector<std::string> targets;
  for (const auto& edge : d.edges) {
    if (edge["source"].as_string() == id_of(0)) targets.emplace_back(edge["target"].as_string());
  }
  for (const auto& target : targets) add_edge(d, root + 1, std::stoul(target.substr(1)));
}

Value settings_of(Dice& dice) {
  ObjectBuilder settings;
  if (dice.one_in(3)) settings.append("durability", "relaxed");
  if (dice.one_in(8)) settings.append("timeout", "20s");
  return settings.build();
}

}  // namespace

Value make_workflow(Dice& dice, int number, bool killer, const Triggers& triggers) {
  Drawing d{dice, number, {}, {}, {}, {}, {}};
  add_node(d, "manual", false);
  const int count = dice.one_in(8) ? dice.between(11, 26) : dice.between(2, 10);
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
  if (triggers.webhook) add_root(d, "webhook", Value::object({{"r", "{{ $json.body.r }}"}, {"i", "{{ $json.body.i }}"}}));
  if (triggers.schedule) add_root(d, "schedule", Value::object({{"r", -1}, {"i", 0}}));
  ObjectBuilder document;
  document.append("name", "flow " + std::to_string(number));
  document.append("settings", settings_of(dice));
  document.append("nodes", Value::array(std::move(d.nodes)));
  document.append("edges", Value::array(std::move(d.edges)));
  return document.build();
}

}  // namespace mbflow::sim
