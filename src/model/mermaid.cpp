#include "model/document.h"

#include <mbflow/json.h>

#include <unordered_map>

namespace mbflow {
namespace {

// Mermaid's quotes hold anything but quotes, brackets of HTML and its own escapes; entities are numbers between # and ;.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = c != '"' && c != '#' && c != '<' && c != '>' && c != '&' && c != '`' && c != '|' && c != '\n' && c != '\r';
    if (plain) out += c;
    if (!plain) out += "#" + std::to_string(static_cast<int>(static_cast<unsigned char>(c))) + ";";
  }
  return out;
}

std::string draw_node(std::size_t index, const Node& node, std::string_view indent) {
  std::string line = std::string(indent) + "n" + std::to_string(index) + "[\"" + escaped(node.name);
  line += "<br><small>" + escaped(node.type) + "</small>\"]";
  return line + (node.disabled ? ":::disabled\n" : "\n");
}

std::string label(const Edge& edge) {
  std::string text = edge.source_port == "main" ? "" : edge.source_port;
  if (!edge.condition.empty()) text += (text.empty() ? "" : ": ") + edge.condition;
  if (edge.target_port != "main") text += (text.empty() ? "-> " : " -> ") + edge.target_port;
  return text.empty() ? "" : "|\"" + escaped(text) + "\"|";
}

// What the picture does not show stands in comments, so that the diagram can be read as the workflow it was. Their braces are
// written as entities: Mermaid takes those in a comment for directives of its own.
std::string remark(std::string_view id, Value value, std::initializer_list<const char*> shown) {
  for (const auto* key : shown) value = value.without(key);
  std::string line = "%% " + std::string(id) + " ";
  for (const char c : write_json(value)) {
    const bool plain = c != '{' && c != '}' && c != '#';
    if (plain) line += c;
    else line += "#" + std::to_string(static_cast<int>(c)) + ";";
  }
  return line + "\n";
}

}  // namespace

std::string write_mermaid(const Workflow& workflow) {
  std::unordered_map<std::string_view, std::size_t> by_id;
  std::unordered_map<std::string_view, std::vector<std::size_t>> bodies;
  for (std::size_t i = 0; i < workflow.nodes.size(); ++i) {
    by_id.emplace(workflow.nodes[i].id, i);
    bodies[workflow.nodes[i].parent].push_back(i);
  }
  std::string out = "flowchart LR\n";
  for (std::size_t i = 0; i < workflow.nodes.size(); ++i) {
    const Node& node = workflow.nodes[i];
    if (node.parent.empty()) out += draw_node(i, node, "  ");
    const auto body = bodies.find(node.id);
    if (body == bodies.end() || node.id.empty()) continue;
    // One level of frames: a loop in a loop is drawn beside its own body.
    out += "  subgraph body" + std::to_string(i) + "[\"" + escaped(node.name) + "\"]\n";
    for (const auto inner : body->second) out += draw_node(inner, workflow.nodes[inner], "    ");
    out += "  end\n";
  }
  for (const auto& edge : workflow.edges) {
    const auto source = by_id.find(edge.source);
    const auto target = by_id.find(edge.target);
    if (source == by_id.end() || target == by_id.end()) continue;
    out += "  n" + std::to_string(source->second) + " " + (edge.source_port == "error" ? "-.->" : "-->") + label(edge) + " n" +
           std::to_string(target->second) + "\n";
  }
  const Value document = write_document(workflow);
  out += remark("workflow", document, {"nodes", "edges"});
  for (std::size_t i = 0; i < workflow.nodes.size(); ++i) out += remark("n" + std::to_string(i), document["nodes"][i], {"name", "type", "parent", "disabled"});
  return out;
}

}  // namespace mbflow
