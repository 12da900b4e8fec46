// A Scope made of plain members, for tests, fuzzing and benchmarks.
#pragma once

#include "expr/expr.h"

#include <mbflow/json.h>

#include <map>
#include <string>
#include <vector>

namespace mbflow::expr {

struct FakeScope : Scope {
  struct Node {
    std::vector<Item> items;
    std::size_t paired = NodeView::npos;
  };

  FakeScope() = default;
  explicit FakeScope(std::string_view json_text) { current = parsed(json_text); }

  [[nodiscard]] static Value parsed(std::string_view text) {
    auto value = parse_json(text);
    return value ? *value : Value("bad JSON in the test");
  }
  FakeScope& with_node(const std::string& name, std::string_view items_text, std::size_t paired = NodeView::npos) {
    Node& node = nodes[name];
    node.paired = paired;
    const Value items = parsed(items_text);
    for (const Value& item : items.elements()) node.items.push_back({item, {}, {}});
    return *this;
  }

  [[nodiscard]] Value json() const override { return current; }
  [[nodiscard]] std::size_t index() const override { return position; }
  [[nodiscard]] ItemsView input() const override { return inputs; }
  [[nodiscard]] Result<NodeView> node(std::string_view name) const override {
    const auto found = nodes.find(std::string(name));
    if (found == nodes.end()) return fail(Kind::invalid, "expr.node", "'" + std::string(name) + "' did not run");
    return NodeView{found->second.items, found->second.paired};
  }
  [[nodiscard]] Value root(std::string_view name) const override { return roots[name]; }
  [[nodiscard]] Timestamp now() const override { return clock; }
  [[nodiscard]] std::string_view timezone() const override { return zone; }

  Value current = Value::object();
  std::size_t position = 0;
  std::vector<Item> inputs;
  std::map<std::string, Node> nodes;
  Value roots = Value::object();
  Timestamp clock{std::chrono::microseconds(1'767'225'600'000'000)};  // 2026-01-01T00:00:00Z
  std::string zone = "UTC";
};

}  // namespace mbflow::expr
