// The canonical form: keys in the order of api/workflow.schema.json, defaults left out.
#include "model/document.h"
#include "model/names.h"

#include "base/time.h"

#include <algorithm>

namespace mbflow {
namespace {

void add_text(ObjectBuilder& out, const char* key, std::string_view text, std::string_view usual = {}) {
  if (text != usual) out.append(key, text);
}

Value write_settings(const Settings& settings) {
  ObjectBuilder out;
  if (settings.timeout) out.append("timeout", format_duration(*settings.timeout));
  if (const Value* concurrency = settings.rest.find("concurrency")) out.append("concurrency", *concurrency);
  add_text(out, "on_failure", settings.on_failure);
  add_text(out, "timezone", settings.timezone, "UTC");
  if (const Value* retention = settings.rest.find("retention")) out.append("retention", *retention);
  if (settings.durability != Durability::full) out.append("durability", names::of(names::durability, settings.durability));
  for (const auto& [key, value] : settings.rest.members()) {
    if (key.as_string() != "concurrency" && key.as_string() != "retention") out.append(key, value);
  }
  return out.build();
}

Value write_retry(const RetryPolicy& retry) {
  const RetryPolicy usual;
  ObjectBuilder out;
  if (retry.attempts != usual.attempts) out.append("attempts", retry.attempts);
  if (retry.delay != usual.delay) out.append("delay", format_duration(retry.delay));
  if (retry.factor != usual.factor) out.append("factor", retry.factor);
  // Not given, the longest delay follows the first one.
  if (retry.max_delay != std::max(usual.max_delay, retry.delay)) out.append("max_delay", format_duration(retry.max_delay));
  if (!retry.jitter) out.append("jitter", false);
  return out.build();
}

Value write_node(const Node& node) {
  const Node usual;
  ObjectBuilder out;
  out.append("id", node.id);
  add_text(out, "name", node.name, node.id);
  out.append("type", node.type);
  if (node.config.size() != 0) out.append("config", node.config);
  if (node.retry != usual.retry) out.append("retry", write_retry(node.retry));
  if (node.timeout) out.append("timeout", format_duration(*node.timeout));
  if (node.on_error != usual.on_error) out.append("on_error", names::of(names::on_error, node.on_error));
  if (node.on_unknown != usual.on_unknown) out.append("on_unknown", names::of(names::on_unknown, node.on_unknown));
  if (node.run != usual.run) out.append("run", names::of(names::run, node.run));
  if (node.concurrency != usual.concurrency) out.append("concurrency", node.concurrency);
  add_text(out, "parent", node.parent);
  if (node.disabled) out.append("disabled", true);
  if (node.pinned) out.append("pinned", *node.pinned);
  add_text(out, "notes", node.notes);
  if (node.position.is_object()) out.append("position", node.position);
  return out.build();
}

Value write_edge(const Edge& edge) {
  ObjectBuilder out;
  out.append("source", edge.source);
  add_text(out, "source_port", edge.source_port, "main");
  out.append("target", edge.target);
  add_text(out, "target_port", edge.target_port, "main");
  add_text(out, "condition", edge.condition);
  return out.build();
}

template <class Part>
Value write_list(const std::vector<Part>& parts, Value (*write)(const Part&)) {
  std::vector<Value> list;
  list.reserve(parts.size());
  for (const auto& part : parts) list.push_back(write(part));
  return Value::array(std::move(list));
}

}  // namespace

Value write_document(const Workflow& workflow) {
  ObjectBuilder out;
  out.append("name", workflow.name);
  add_text(out, "description", workflow.description);
  if (!workflow.tags.empty()) out.append("tags", Value::array({workflow.tags.begin(), workflow.tags.end()}));
  if (const Value settings = write_settings(workflow.settings); settings.size() != 0) out.append("settings", settings);
  if (workflow.variables.size() != 0) out.append("variables", workflow.variables);
  out.append("nodes", write_list(workflow.nodes, write_node));
  out.append("edges", write_list(workflow.edges, write_edge));
  if (workflow.ui.size() != 0) out.append("ui", workflow.ui);
  return out.build();
}

}  // namespace mbflow
