// What is drawn around the nodes: notes that lie on the canvas and groups of nodes. It changes nothing of how the workflow runs.
#include "model/draft.h"
#include "model/fields.h"
#include "model/links.h"

#include <array>
#include <string>
#include <unordered_set>

namespace mbflow {
namespace {

constexpr std::size_t most_drawn = 1000;
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> colours = {
    {{"yellow", "yellow"}, {"green", "green"}, {"blue", "blue"}, {"violet", "violet"}, {"red", "red"}, {"grey", "grey"}}};

struct Drawn {
  std::unordered_set<std::string_view> nodes;    // of the workflow
  std::unordered_set<std::string_view> grouped;  // those that a group has already
  std::unordered_set<std::string> ids;           // of notes and groups
};

void read_id(Fields& fields, Drawn& drawn, ObjectBuilder& out) {
  std::string id;
  fields.text("id", id, {.most = 100, .required = true});
  if (!id.empty() && !drawn.ids.insert(id).second) {
    fields.faults().add(fields.at("id"), "document.duplicate_id",
                        "another note or group has the id " + in_quotes(id) + "; give one of them another");
  }
  out.append("id", id);
}

void read_colour(Fields& fields, std::string_view usual, ObjectBuilder& out) {
  std::string_view colour = usual;
  fields.choice<std::string_view>("colour", colour, colours);
  if (colour != usual) out.append("colour", colour);
}

Value read_note(const Value& value, const std::string& at, Drawn& drawn, FaultList& faults) {
  Fields fields(value, at, faults);
  ObjectBuilder out;
  std::string text;
  double x = 0;
  double y = 0;
  double width = 240;
  double height = 160;
  read_id(fields, drawn, out);
  fields.text("text", text, {.most = 10'000, .lines = true});
  fields.number("x", x, -1e9, 1e9);
  fields.number("y", y, -1e9, 1e9);
  fields.number("width", width, 96, 4096);
  fields.number("height", height, 64, 4096);
  if (!text.empty()) out.append("text", text);
  out.append("x", x).append("y", y).append("width", width).append("height", height);
  read_colour(fields, "yellow", out);
  fields.finish();
  return out.build();
}

void read_member(const Value& member, const std::string& at, Drawn& drawn, FaultList& faults) {
  const std::string_view id = member.is_string() ? member.as_string() : std::string_view();
  if (!member.is_string()) {
    faults.add(at, "document.wrong_type", "a group lists the ids of its nodes, each a text");
  } else if (!drawn.nodes.contains(id)) {
    faults.add(at, "document.unknown_member", "no node has the id " + in_quotes(id) + "; remove it from the group");
  } else if (!drawn.grouped.insert(id).second) {
    faults.add(at, "document.unknown_member",
               "the node " + in_quotes(id) + " is in a group already; a node is in one group at most, so remove it from one");
  }
}

Value read_group(const Value& value, const std::string& at, Drawn& drawn, FaultList& faults) {
  Fields fields(value, at, faults);
  ObjectBuilder out;
  std::string name;
  read_id(fields, drawn, out);
  fields.text("name", name, {});
  if (!name.empty()) out.append("name", name);
  if (const Value* nodes = fields.array("nodes")) {
    std::size_t index = 0;
    for (const auto& member : nodes->elements()) read_member(member, fields.at("nodes") + "/" + std::to_string(index++), drawn, faults);
    out.append("nodes", *nodes);
  } else if (!value.find("nodes")) {
    fields.missing("nodes", "the ids of its nodes");
  }
  read_colour(fields, "grey", out);
  fields.finish();
  return out.build();
}

using ReadOne = Value (*)(const Value&, const std::string&, Drawn&, FaultList&);

void read_list(Fields& fields, std::string_view name, ReadOne read, Drawn& drawn, ObjectBuilder& out) {
  const Value* list = fields.array(name);
  if (!list || list->size() == 0) return;
  if (list->size() > most_drawn) {
    return fields.faults().add(fields.at(name), "document.range",
                               in_quotes(name) + " may hold " + std::to_string(most_drawn) + " at most; remove some");
  }
  std::vector<Value> items;
  for (const auto& item : list->elements()) {
    items.push_back(read(item, fields.at(name) + "/" + std::to_string(items.size()), drawn, fields.faults()));
  }
  out.append(name, Value::array(std::move(items)));
}

}  // namespace

void read_ui(const Value& value, const std::string& at, Draft& draft, FaultList& faults) {
  Fields fields(value, at, faults);
  Drawn drawn;
  for (const auto& node : draft.workflow.nodes) drawn.nodes.insert(node.id);
  ObjectBuilder out;
  read_list(fields, "notes", read_note, drawn, out);
  read_list(fields, "groups", read_group, drawn, out);
  fields.finish();
  draft.workflow.ui = out.build();
}

}  // namespace mbflow
