#include "model/event.h"

namespace mbflow {

namespace {

Value origin_to_json(Origin origin) {
  return origin.index == Origin::none ? Value() : Value(std::int64_t{origin.index});
}

Value item_to_json(const Item& item) {
  ObjectBuilder object;
  object.append("json", item.json);
  if (item.origin.index != Origin::none) object.append("origin", origin_to_json(item.origin));
  if (item.more_origins) {
    std::vector<Value> origins;
    for (auto origin : *item.more_origins) origins.push_back(origin_to_json(origin));
    object.append("more_origins", Value::array(std::move(origins)));
  }
  return object.build();
}

// {"main": 3}
Value counts(const std::vector<NodeOutput::Port>& ports) {
  ObjectBuilder object;
  for (const auto& port : ports) object.set(port.name, static_cast<std::int64_t>(port.size()));
  return object.build();
}

// {"main": [{"json", "origin"}…]}; of what is kept apart nothing.
template <class Ports>
Value contents(const Ports& ports) {
  ObjectBuilder object;
  for (const auto& port : ports) {
    std::vector<Value> items;
    items.reserve(port.items.size());
    for (const auto& item : port.items) items.push_back(item_to_json(item));
    object.set(port.name, Value::array(std::move(items)));
  }
  return object.build();
}

Value verdicts_to_json(const std::vector<NodeOutput::Verdict>& verdicts, bool with_items) {
  std::vector<Value> list;
  for (const auto& verdict : verdicts) {
    ObjectBuilder object;
    object.append("edge", std::int64_t{verdict.edge});
    object.append("passed", static_cast<std::int64_t>(verdict.items.size()));
    if (with_items) {
      std::vector<Value> items;
      for (auto item : verdict.items) items.emplace_back(std::int64_t{item});
      object.append("items", Value::array(std::move(items)));
    }
    list.push_back(object.build());
  }
  return Value::array(std::move(list));
}

Value partial_to_json(const std::vector<ItemResult>& results) {
  std::vector<Value> list;
  for (const auto& result : results) {
    ObjectBuilder object;
    object.append("item", std::int64_t{result.item});
    object.append("output", contents(result.ports));
    list.push_back(object.build());
  }
  return Value::array(std::move(list));
}

Value error_to_json(const Error& error) {
  ObjectBuilder object;
  object.append("kind", to_string(error.kind));
  object.append("code", error.code);
  object.append("message", error.message);
  if (!error.at.empty()) object.append("at", error.at);
  if (error.retry_after_ms != -1) object.append("retry_after_ms", error.retry_after_ms);
  return object.build();
}

Value log_to_json(const std::vector<LogLine>& lines) {
  std::vector<Value> list;
  for (const auto& line : lines) list.push_back(Value::object({{"at", format_timestamp(line.at)}, {"level", to_string(line.level)}, {"text", line.text}}));
  return Value::array(std::move(list));
}

void append_output(ObjectBuilder& object, const Event& event, bool with_output) {
  if (event.output) {
    object.append("items", counts(event.output->ports));
    if (with_output) object.append("output", contents(event.output->ports));
    if (!event.output->verdicts.empty())
      object.append("edges", verdicts_to_json(event.output->verdicts, with_output));
  }
  if (event.partial) {
    object.append("items_done", static_cast<std::int64_t>(event.partial->size()));
    if (with_output) object.append("partial", partial_to_json(*event.partial));
  }
  if (event.progress) object.append("items_done", std::int64_t{event.progress->end()});
}

}  // namespace

Value event_to_json(const Event& event, const std::vector<std::string>& ids, bool with_output) {
  ObjectBuilder object;
  object.append("seq", std::int64_t{event.seq});
  object.append("type", to_string(event.type));
  object.append("at", format_timestamp(event.at));
  if (event.node < ids.size()) object.append("node", ids[event.node]);
  if (event.attempt != 0) object.append("attempt", event.attempt);
  if (event.started != Timestamp{}) object.append("started_at", format_timestamp(event.started));
  if (event.until != Timestamp{}) object.append("until", format_timestamp(event.until));
  if (event.type == EventType::execution_finished) object.append("status", to_string(event.status));
  append_output(object, event, with_output);
  if (event.error) object.append("error", error_to_json(*event.error));
  if (event.log) object.append("log", log_to_json(*event.log));
  if (!event.data.is_null()) object.append("data", event.data);
  if (!event.response.is_null() && with_output) object.append("response", event.response);
  return object.build();
}

}  // namespace mbflow
