// One node of a document.
#include "model/draft.h"
#include "model/fields.h"
#include "model/names.h"

#include "base/describe.h"

#include <algorithm>

namespace mbflow {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// HTTP and DATA_ADAPTER are http and data_adapter. A type with small letters is left alone: a custom one may be CamelCase.
std::string normal_type(std::string type) {
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  if (std::ranges::any_of(type, is_small)) return type;
  for (char& c : type) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-' || c == ' ') c = '_';
  }
  return type;
}

void read_retry(const Value& value, const std::string& at, RetryPolicy& retry, FaultList& faults) {
  Fields fields(value, at, faults);
  fields.integer("attempts", retry.attempts, 1, 100);
  if (const auto delay = fields.take("delay")) fields.duration(delay, retry.delay, Duration::zero(), hours(24));
  fields.number("factor", retry.factor, 1, 10);
  // A long delay alone would otherwise be cut to the default of max_delay.
  retry.max_delay = std::max(retry.max_delay, retry.delay);
  if (const auto longest = fields.take("max_delay")) {
    fields.duration(longest, retry.max_delay, Duration::zero(), hours(24 * 7));
    if (retry.max_delay < retry.delay) {
      faults.add(fields.at("max_delay"), "document.range", "'max_delay' must not be shorter than 'delay'; make it longer");
      retry.max_delay = retry.delay;
    }
  }
  fields.boolean("jitter", retry.jitter);
  fields.finish();
}

void read_position(const Fields::Field& field, Fields& fields, Value& position) {
  if (!field) return;
  Fields inner(*field.value, fields.at("position"), fields.faults());
  double x = 0;
  double y = 0;
  inner.number("x", x, -1e9, 1e9);
  inner.number("y", y, -1e9, 1e9);
  inner.finish();
  if (field.value->is_object()) position = Value::object({{"x", x}, {"y", y}});
}

void read_pinned(const Fields::Field& field, Fields& fields, std::optional<Value>& pinned) {
  if (!field) return;
  if (field.value->is_object()) {
    pinned = Value::array({*field.value});
    return;
  }
  if (!field.value->is_array()) return fields.wrong_type(field, "a list of objects, or one object");
  bool good = true;
  for (std::size_t i = 0; i < field.value->size(); ++i) {
    const Value& item = (*field.value)[i];
    if (item.is_object()) continue;
    good = false;
    fields.faults().add(fields.at("pinned") + "/" + std::to_string(i), "document.wrong_type",
                        "an item must be an object, found " + describe(item));
  }
  if (good) pinned = *field.value;
}

void read_rules(Fields& fields, Node& node) {
  if (const Value* retry = fields.object("retry")) read_retry(*retry, fields.at("retry"), node.retry, fields.faults());
  if (const auto timeout = fields.take_or_null("timeout")) {
    Duration duration{};
    fields.duration(timeout, duration, milliseconds(1), hours(24 * 365));
    if (duration > Duration::zero()) node.timeout = duration;
  }
  fields.choice<OnError>("on_error", node.on_error, names::on_error);
  fields.choice<OnUnknown>("on_unknown", node.on_unknown, names::on_unknown);
  fields.choice<RunMode>("run", node.run, names::run);
  fields.integer("concurrency", node.concurrency, 1, 1000);
}

}  // namespace

void read_node(const Value& value, std::uint32_t index, Draft& draft, FaultList& faults) {
  Fields fields(value, draft.at + "/nodes/" + std::to_string(index), faults);
  if (!value.is_object()) return;
  Node node;
  fields.text("id", node.id, {.most = 100, .required = true});
  fields.text("name", node.name, {});
  if (node.name.empty()) node.name = node.id;
  fields.text("type", node.type, {.required = true});
  node.type = normal_type(std::move(node.type));
  const Value* config = fields.object("config");
  if (config) node.config = *config;
  read_rules(fields, node);
  fields.text(fields.take_or_null("parent"), "parent", node.parent, {});
  fields.boolean("disabled", node.disabled);
  read_pinned(fields.take_or_null("pinned"), fields, node.pinned);
  fields.text("notes", node.notes, {.most = 10'000, .lines = true});
  read_position(fields.take_or_null("position"), fields, node.position);
  fields.finish();
  draft.nodes.push_back({index, value.find("on_error") != nullptr, config != nullptr || !value.find("config")});
  draft.workflow.nodes.push_back(std::move(node));
}

}  // namespace mbflow
