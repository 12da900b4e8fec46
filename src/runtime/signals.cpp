#include "runtime/signals.h"

#include "runtime/node_run.h"

#include <algorithm>
#include <array>

namespace mbflow::runtime {
namespace {

using Action = engine::Decided::Action;
constexpr std::array<std::pair<std::string_view, Action>, 3> actions = {
    {{"retry", Action::retry}, {"succeed", Action::succeed}, {"fail", Action::fail}}};

std::optional<engine::Input> read_decision(Run& run, const Value& body) {
  engine::Decided decided;
  decided.node = run.plan().find(body["node"].as_string());
  decided.by = body["by"].as_string();
  const auto action = std::ranges::find(actions, body["action"].as_string(), &std::pair<std::string_view, Action>::first);
  if (decided.node == no_node || action == actions.end()) return std::nullopt;
  decided.action = action->second;
  if (decided.action != Action::succeed) return decided;
  auto output = std::make_shared<NodeOutput>();
  NodeOutput::Port port{"main", {}, {}};
  for (const auto& json : body["items"].elements()) port.items.push_back(Item{json, {}, {}});
  output->ports.push_back(std::move(port));
  // A condition that cannot be judged lets nothing pass, as with any output.
  if (!judge_edges(run, decided.node, *output, run.worker.services.env.now())) return std::nullopt;
  decided.output = std::move(output);
  return decided;
}

}  // namespace

Value cancel_signal(std::string by) { return Value::object({{"type", "cancel"}, {"by", by}}); }

Value retry_signal() { return Value::object({{"type", "retry"}}); }

Value decide_signal(const Decision& decision) {
  return Value::object({{"type", "decide"},
                        {"node", decision.node},
                        {"action", decision.action},
                        {"items", input_items(decision.items)},
                        {"by", decision.by}});
}

std::optional<engine::Input> read_signal(Run& run, const Value& body) {
  const auto type = body["type"].as_string();
  if (type == "cancel") return engine::CancelAsked{std::string(body["by"].as_string())};
  if (type == "retry") return engine::RetryAsked{};
  if (type == "decide") return read_decision(run, body);
  return std::nullopt;
}

Value input_items(const Value& input) {
  std::vector<Value> items;
  auto add = [&](const Value& one) { items.push_back(one.is_object() ? one : Value::object({{"value", one}})); };
  if (input.is_null()) items.push_back(Value::object());
  else if (!input.is_array()) add(input);
  else for (const auto& one : input.elements()) add(one);
  return Value::array(std::move(items));
}

}  // namespace mbflow::runtime
