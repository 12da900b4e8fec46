// A few node types made by hand, and what else tests of documents need.
#pragma once

#include "model/document.h"

#include <mbflow/json.h>
#include <mbflow/node.h>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace mbflow::testing_nodes {

inline Value json(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value.ok()) << (value ? "" : value.error().message) << "\n" << text;
  return value ? *value : Value();
}

inline NodeType type(std::string_view name, std::string_view definition, bool entry = false) {
  NodeType made;
  made.type = name;
  made.definition = definition;
  made.entry = entry;
  return made;
}

inline const NodeTable& table() {
  static const NodeTable nodes({
      type("start", R"({"inputs": [], "outputs": ["main"]})", true),
      type("noop", R"({"inputs": ["main"], "outputs": ["main"], "config": {"type": "object", "additionalProperties": false}})"),
      type("any", ""),
      type("http", R"({"inputs": ["main"], "outputs": ["main"], "config": {"type": "object", "required": ["url"],
        "additionalProperties": false, "properties": {"url": {"type": "string", "minLength": 1},
        "method": {"enum": ["GET", "POST"]}, "tries": {"type": "integer", "minimum": 1}}}})"),
      type("data_adapter", R"({"inputs": ["main"], "outputs": ["main"], "config": {"type": "object", "properties": {
        "operation": {"enum": ["map"]}, "mapping": {"type": "object", "additionalProperties": {"x-mbflow": "path"}},
        "note": {"type": "string", "x-mbflow": "literal"}}}})"),
      type("conditional", R"({"inputs": ["main"], "outputs": ["true", "false"]})"),
      type("switch", R"({"inputs": ["main"], "outputs": {"each": "/rules", "name": "port", "also": ["default"]}})"),
      type("join", R"({"inputs": ["left", "right"], "outputs": ["main"]})"),
      type("CamelCase", ""),
  });
  return nodes;
}

// Enough of an expression parser: braces must close, and names stand in $('…').
inline Result<ExpressionUse> check_expression(std::string_view text) {
  ExpressionUse use;
  if (text.find("}}") == std::string_view::npos) return fail(Kind::invalid, "expr.syntax", "}} is missing");
  for (std::size_t at = text.find("$('"); at != std::string_view::npos; at = text.find("$('", at + 1)) {
    use.nodes.emplace_back(text.substr(at + 3, text.find('\'', at + 3) - at - 3));
  }
  return use;
}

inline Result<void> check_path(std::string_view path) {
  if (path.find("..") == std::string_view::npos) return {};
  return fail(Kind::invalid, "expr.path", "two dots in a row");
}

inline DocumentRules rules() {
  DocumentRules made{table(), check_expression};
  made.check_path = check_path;
  return made;
}

inline Reading read(std::string_view text) { return read_document(json(text), rules()); }

// "code at", one a line; warnings begin with "warning ".
inline std::string faults(const Reading& reading) {
  std::string all;
  for (const auto& fault : reading.faults) {
    all += (fault.warning ? "warning " : "") + fault.error.code + " " + fault.error.at + "\n";
  }
  return all;
}
inline std::string faults(std::string_view text) { return faults(read(text)); }

}  // namespace mbflow::testing_nodes
