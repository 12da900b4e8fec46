#include "trigger/event.h"

#include "base/hash.h"
#include "base/utf8.h"
#include "base/yaml.h"

#include <mbflow/json.h>

#include <algorithm>
#include <array>

namespace mbflow::trigger {
namespace {

constexpr std::size_t longest_text = 1'000;

Error wrong(std::string message, std::string at = {}) { return fail(Kind::invalid, "event.body", std::move(message)).with_at(std::move(at)); }

bool is_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  bool begins = true;  // a part of the name
  for (const char c : name) {
    if (begins && !plain(c)) return false;
    begins = c == '.' || c == ':' || c == '/';
    if (!begins && !plain(c)) return false;
  }
  return !name.empty() && name.size() <= 200 && !begins;
}

// The object's member as a text; a number is read as one too, since ids often are.
Result<std::string> text_of(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  if (!value || value->is_null()) return std::string();
  std::string text = value->is_string() ? std::string(value->as_string()) : value->is_number() ? write_json(*value) : std::string();
  if (text.empty() || text.size() > longest_text) {
    return wrong("a text of 1 to 1000 bytes is expected here", "/" + std::string(name));
  }
  return text;
}

Result<Happening> finish(Happening happening, const Value& object, std::string_view name_field) {
  if (!is_name(happening.name)) {
    return wrong("the name of an event is made of letters, digits, _ and -, in parts joined by . : or /, with at most 200 of them",
                 "/" + std::string(name_field));
  }
  MBF_TRY(const auto time, text_of(object, "time"));
  if (time.empty()) return happening;
  const auto parsed = parse_timestamp(time);
  if (!parsed) return wrong("the time of an event is an RFC 3339 text like 2026-11-23T08:00:00Z", "/time");
  happening.time = *parsed;
  return happening;
}

Result<Happening> read_own(const Value& object, Timestamp now) {
  if (!object.is_object()) return wrong("an event is an object with a \"name\"");
  constexpr std::array<std::string_view, 5> known = {"name", "source", "id", "time", "data"};
  for (const auto& [key, value] : object.members()) {
    if (std::ranges::find(known, key.as_string()) == known.end()) {
      return wrong("'" + std::string(key.as_string()) + "' is not known here; known here: data, id, name, source, time",
                   "/" + pointer_escape(key.as_string()));
    }
  }
  Happening happening;
  happening.time = now;
  MBF_TRY(happening.name, text_of(object, "name"));
  MBF_TRY(happening.source, text_of(object, "source"));
  MBF_TRY(happening.id, text_of(object, "id"));
  happening.data = object["data"];
  return finish(std::move(happening), object, "name");
}

// `attributes` are those of the event format, in either mode; `data` what they describe.
Result<Happening> read_cloud_event(const Value& attributes, Value data, Timestamp now) {
  if (attributes["specversion"].as_string() != "1.0") return wrong("only CloudEvents of specversion 1.0 are taken", "/specversion");
  Happening happening;
  happening.time = now;
  MBF_TRY(happening.name, text_of(attributes, "type"));
  MBF_TRY(happening.source, text_of(attributes, "source"));
  MBF_TRY(happening.id, text_of(attributes, "id"));
  if (happening.source.empty()) return wrong("a CloudEvent needs a source", "/source");
  if (happening.id.empty()) return wrong("a CloudEvent needs an id", "/id");
  happening.data = std::move(data);
  return finish(std::move(happening), attributes, "type");
}

Result<Happening> read_structured(const Value& object, Timestamp now) {
  if (!object.is_object()) return wrong("a CloudEvent is an object");
  Value data = object["data"];
  if (const Value* packed = object.find("data_base64")) {
    if (!base64_decode(packed->as_string())) return wrong("this is no base64", "/data_base64");
    data = Value::object({{"data_base64", *packed}, {"content_type", object["datacontenttype"]}});
  }
  return read_cloud_event(object, std::move(data), now);
}

using ReadOne = Result<Happening> (*)(const Value&, Timestamp);

Result<std::vector<Happening>> read_list(const Value& list, ReadOne read, Timestamp now) {
  if (list.size() == 0 || list.size() > most_happenings) {
    return wrong("send 1 to " + std::to_string(most_happenings) + " events at a time; these are " + std::to_string(list.size()));
  }
  std::vector<Happening> all;
  for (const auto& one : list.elements()) {
    auto happening = read(one, now);
    if (!happening) {
      const std::string at = "/" + std::to_string(all.size()) + happening.error().at;
      return std::move(happening).error().with_at(at);
    }
    all.push_back(*std::move(happening));
  }
  return all;
}

Result<std::vector<Happening>> just(Result<Happening> one) {
  if (!one) return std::move(one).error();
  std::vector<Happening> all;
  all.push_back(*std::move(one));
  return all;
}

Result<Value> parse_body(std::string_view body) {
  auto value = parse_json(body);
  if (value) return value;
  return wrong("the body is no JSON: " + value.error().message);
}

// Attributes are headers, the body is the data.
Result<Happening> read_binary(const Headers& headers, std::string_view type, std::string_view body, Timestamp now) {
  ObjectBuilder attributes;
  for (const auto& [name, value] : headers) {
    if (name.size() > 3 && is_same_header(std::string_view(name).substr(0, 3), "ce-") && utf8_valid(value)) {
      std::string attribute = name.substr(3);
      std::ranges::transform(attribute, attribute.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      attributes.set(attribute, value);
    }
  }
  Value data;
  if (type.starts_with("application/json") || type.find("+json") != std::string_view::npos) {
    if (!body.empty()) {
      MBF_TRY(data, parse_body(body));
    }
  } else if (utf8_valid(body)) {
    data = body.empty() ? Value() : Value(body);
  } else {
    data = Value::object({{"data_base64", base64_encode(body)}, {"content_type", type}});
  }
  return read_cloud_event(attributes.build(), std::move(data), now);
}

}  // namespace

Result<std::vector<Happening>> read_happenings(const Headers& headers, std::string_view body, Timestamp now) {
  const auto* sent = find_header(headers, "content-type");
  std::string type = sent ? *sent : std::string();
  std::ranges::transform(type, type.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (find_header(headers, "ce-specversion")) return just(read_binary(headers, type, body, now));
  MBF_TRY(const Value value, parse_body(body));
  if (type.starts_with("application/cloudevents-batch")) {
    return value.is_array() ? read_list(value, read_structured, now) : wrong("a batch of CloudEvents is an array");
  }
  if (type.starts_with("application/cloudevents")) return just(read_structured(value, now));
  return value.is_array() ? read_list(value, read_own, now) : just(read_own(value, now));
}

Value item_of(const Happening& happening) {
  return Value::object({{"name", happening.name},
                        {"source", happening.source},
                        {"id", happening.id},
                        {"time", format_timestamp(happening.time)},
                        {"data", happening.data}});
}

bool hears(std::string_view pattern, std::string_view name) {
  if (is_end(name) && !is_end(pattern)) return false;
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

std::vector<const Node*> event_nodes(const Workflow& workflow) {
  std::vector<const Node*> nodes;
  for (const auto& node : workflow.nodes) {
    if (node.type == "event" && !node.disabled) nodes.push_back(&node);
  }
  return nodes;
}

}  // namespace mbflow::trigger
