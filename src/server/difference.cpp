#include "server/difference.h"

#include "base/yaml.h"

#include <algorithm>
#include <set>
#include <string>

namespace mbflow::server {
namespace {

constexpr std::size_t looked_at = 100;
constexpr std::size_t most_members = 200;
constexpr std::size_t most_changes = 200;

struct Comparison {
  std::size_t most;
  std::vector<Value> found{};

  void note(const std::string& at, std::string_view change, const Value* before, const Value* after) {
    if (found.size() >= most) return;
    ObjectBuilder json;
    json.append("at", at);
    json.append("change", change);
    if (before) json.append("before", *before);
    if (after) json.append("after", *after);
    found.push_back(json.build());
  }

  void compare(const std::string& at, const Value& before, const Value& after) {
    if (found.size() >= most || before == after) return;
    if (before.is_object() && after.is_object()) return compare_members(at, before, after);
    if (before.is_array() && after.is_array()) return compare_elements(at, before, after);
    note(at, "changed", &before, &after);
  }

  void compare_members(const std::string& at, const Value& before, const Value& after) {
    for (const auto& member : before.members()) {
      const std::string here = at + "/" + pointer_escape(member.key.as_string());
      const Value* other = after.find(member.key.as_string());
      if (other) compare(here, member.value, *other);
      else note(here, "removed", &member.value, nullptr);
    }
    for (const auto& member : after.members()) {
      if (!before.find(member.key.as_string())) note(at + "/" + pointer_escape(member.key.as_string()), "added", nullptr, &member.value);
    }
  }

  void compare_elements(const std::string& at, const Value& before, const Value& after) {
    const auto common = std::min(before.size(), after.size());
    for (std::size_t i = 0; i < std::max(before.size(), after.size()) && found.size() < most; ++i) {
      const std::string here = at + "/" + std::to_string(i);
      if (i < common) compare(here, before[i], after[i]);
      else if (i < before.size()) note(here, "removed", &before[i], nullptr);
      else note(here, "added", nullptr, &after[i]);
    }
  }
};

std::string edge_name(const Value& edge) {
  auto port = [&](std::string_view key) { return edge.find(key) ? std::string(edge[key].as_string()) : std::string("main"); };
  return std::string(edge["source"].as_string()) + ":" + port("source_port") + ":" + std::string(edge["target"].as_string()) + ":" +
         port("target_port");
}
std::string node_name(const Value& node) { return std::string(node["id"].as_string()); }

template <class Name>
Value part_difference(const Value& before, const Value& after, Name name) {
  auto find = [&](const Value& list, const std::string& wanted) {
    return std::ranges::find_if(list.elements(), [&](const Value& part) { return name(part) == wanted; });
  };
  std::vector<Value> added, removed, changed;
  for (const auto& part : before.elements()) {
    const auto other = find(after, name(part));
    if (other == after.elements().end()) {
      removed.push_back(part);
    } else if (!(part == *other)) {
      const Value what = Value::array(differences(part, *other, most_changes));
      changed.push_back(Value::object({{"id", name(part)}, {"before", part}, {"after", *other}, {"differences", what}}));
    }
  }
  for (const auto& part : after.elements()) {
    if (find(before, name(part)) == before.elements().end()) added.push_back(part);
  }
  return Value::object({{"added", Value::array(std::move(added))},
                        {"removed", Value::array(std::move(removed))},
                        {"changed", Value::array(std::move(changed))}});
}

std::string_view type_name(const Value& value) {
  switch (value.type()) {
    case Value::Type::null: return "null";
    case Value::Type::boolean: return "boolean";
    case Value::Type::integer: return "integer";
    case Value::Type::number: return "number";
    case Value::Type::string: return "string";
    case Value::Type::array: return "array";
    default: return "object";
  }
}

Value member_schemas(std::span<const Value> values, int depth) {
  std::vector<std::string> names;  // in the order they come
  std::set<std::string, std::less<>> seen;
  for (const auto& value : values) {
    for (const auto& member : value.members()) {
      if (names.size() < most_members && seen.insert(std::string(member.key.as_string())).second) names.emplace_back(member.key.as_string());
    }
  }
  ObjectBuilder members;
  for (const auto& name : names) {
    std::vector<Value> there;
    for (const auto& value : values) {
      if (const Value* found = value.find(name)) there.push_back(*found);
    }
    members.append(name, summarize(there, depth - 1).with("x-present", static_cast<std::int64_t>(there.size())));
  }
  return members.build();
}

}  // namespace

std::vector<Value> differences(const Value& before, const Value& after, std::size_t most) {
  Comparison comparison{most};
  comparison.compare("", before, after);
  return std::move(comparison.found);
}

Value document_difference(const Value& before, const Value& after) {
  auto rest = [](const Value& document) { return document.without("nodes").without("edges"); };
  return Value::object({{"nodes", part_difference(before["nodes"], after["nodes"], node_name)},
                        {"edges", part_difference(before["edges"], after["edges"], edge_name)},
                        {"rest", Value::array(differences(rest(before), rest(after), most_changes))}});
}

Value summarize(std::span<const Value> values, int depth) {
  values = values.first(std::min(values.size(), looked_at));
  std::vector<Value> types;
  std::vector<Value> objects, elements;
  for (const auto& value : values) {
    const Value type(type_name(value));
    if (std::ranges::find(types, type) == types.end()) types.push_back(type);
    if (value.is_object()) objects.push_back(value);
    for (const auto& element : value.elements()) {
      if (elements.size() < looked_at) elements.push_back(element);
    }
  }
  ObjectBuilder schema;
  schema.append("type", types.size() == 1 ? types.front() : Value::array(std::move(types)));
  if (depth > 0 && !objects.empty()) schema.append("properties", member_schemas(objects, depth));
  if (depth > 0 && !elements.empty()) schema.append("items", summarize(elements, depth - 1));
  return schema.build();
}

}  // namespace mbflow::server
