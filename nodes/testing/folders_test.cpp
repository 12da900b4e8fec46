// That no node folder lacks anything: files, texts in both languages, cures, docs, a harmless icon, enough cases.
#include "nodes/testing/case_runner.h"

#include <mbflow/json.h>
#include <mbflow/json_schema.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

namespace mbflow::nodes {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<std::string> all_types() {
  std::vector<std::string> types;
  for (const NodeType& type : built_in_nodes().all()) types.emplace_back(type.type);
  return types;
}

bool filled(const Value& value) { return value.is_string() && !value.as_string().empty(); }

// Codes after fail(Kind::…, in the sources of a folder.
std::set<std::string> raised_codes(const std::string& source) {
  std::set<std::string> codes;
  for (std::size_t at = source.find("fail("); at != std::string::npos; at = source.find("fail(", at + 1)) {
    const std::size_t open = source.find('"', at);
    const std::size_t close = source.find('"', open + 1);
    const std::size_t kind = source.find("ind", at);
    if (open == std::string::npos || close == std::string::npos || kind > open || open - at > 80) continue;
    codes.insert(source.substr(open + 1, close - open - 1));
  }
  return codes;
}

class NodeFolder : public testing::TestWithParam<std::string> {
 protected:
  NodeFolder() : folder_(nodes_dir() / GetParam()) {
    const auto parsed = parse_json(built_in_nodes().find(GetParam())->definition);
    if (parsed) definition_ = *parsed;
    russian_ = definition_["texts"]["ru"];
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h") source_ += text_of(entry.path());
    }
  }

  // The texts of the settings below a schema, by dotted name, as text.ru.json has them.
  void check_settings(const Value& schema, const std::string& name, std::set<std::string>& named) {
    for (const Member& member : schema["properties"].members()) {
      const std::string below = (name.empty() ? "" : name + ".") + std::string(member.key.as_string());
      named.insert(below);
      check_setting(member.value, below);
      check_settings(member.value, below, named);
      check_settings(member.value["items"], below + "[]", named);
    }
  }

  void check_setting(const Value& schema, const std::string& name) {
    const Value& texts = russian_["config"][name];
    for (const char* kind : {"title", "description"}) {
      EXPECT_TRUE(filled(schema[kind])) << "node.json, " << name << ": no " << kind;
      EXPECT_TRUE(filled(texts[kind])) << "text.ru.json, config, " << name << ": no " << kind;
    }
    for (const Member& label : schema["x-labels"].members()) {
      EXPECT_TRUE(filled(texts["labels"][label.key.as_string()]))
          << "text.ru.json, " << name << ": no label " << label.key.as_string();
    }
    if (!schema["enum"].is_array() || schema["x-labels"].is_null()) return;
    EXPECT_EQ(schema["enum"].size(), schema["x-labels"].size()) << name << ": a label for each value";
  }

  fs::path folder_;
  Value definition_;
  Value russian_;
  std::string source_;
};

TEST_P(NodeFolder, definition_is_whole) {
  ASSERT_TRUE(definition_.is_object());
  for (const char* key : {"title", "summary"}) EXPECT_TRUE(filled(definition_[key])) << key;
  EXPECT_GE(definition_["version"].as_integer(), 1);
  const std::set<std::string_view> groups{"trigger", "call", "data", "flow", "state"};
  EXPECT_TRUE(groups.contains(definition_["group"].as_string())) << definition_["group"].as_string();
  EXPECT_TRUE(definition_["inputs"].is_array());
  EXPECT_TRUE(filled(definition_["output"]["description"]));
  EXPECT_GE(definition_["examples"].size(), 1U);
  const auto schema = JsonSchema::compile(definition_["config"]);
  EXPECT_TRUE(schema) << (schema ? "" : schema.error().message);
}

TEST_P(NodeFolder, russian_covers_every_text) {
  for (const char* key : {"title", "summary", "output"}) EXPECT_TRUE(filled(russian_[key])) << key;
  std::set<std::string> named;
  check_settings(definition_["config"], "", named);
  for (const Member& member : russian_["config"].members()) {
    EXPECT_TRUE(named.contains(std::string(member.key.as_string()))) << "no setting " << member.key.as_string();
  }
  for (const Member& port : definition_["ports"].members())
    EXPECT_TRUE(filled(russian_["ports"][port.key.as_string()]));
  for (const Member& field : definition_["output"]["properties"].members()) {
    EXPECT_TRUE(filled(russian_["output_fields"][field.key.as_string()])) << field.key.as_string();
  }
  EXPECT_EQ(russian_["examples"].size(), definition_["examples"].size());
}

TEST_P(NodeFolder, every_error_has_a_cure) {
  std::set<std::string> listed;
  for (const Value& error : definition_["errors"].elements()) {
    const std::string code(error["code"].as_string());
    EXPECT_TRUE(listed.insert(code).second) << code << " is listed twice";
    EXPECT_TRUE(filled(error["cure"])) << code;
    EXPECT_TRUE(filled(russian_["errors"][code])) << "text.ru.json: no cure for " << code;
    for (const char* page : {"README.md", "README.ru.md"}) {
      EXPECT_TRUE(text_of(folder_ / page).contains("`" + code + "`")) << page << " does not explain " << code;
    }
  }
  EXPECT_EQ(russian_["errors"].size(), listed.size());
  for (const std::string& code : raised_codes(source_))
    EXPECT_TRUE(listed.contains(code)) << code << " is not in node.json";
  const bool uses_paths =
      source_.contains("Path::parse") || source_.contains("set_fields") || source_.contains("parse_paths");
  if (uses_paths) {
    EXPECT_TRUE(listed.contains("path.syntax"));
  }
}

TEST_P(NodeFolder, every_own_error_has_a_case) {
  std::set<std::string> shown;
  for (const Case& one : find_cases(nodes_dir())) {
    if (one.type == GetParam()) shown.insert(std::string(one.test["error"]["code"].as_string()));
  }
  for (const std::string& code : raised_codes(source_)) {
    // What only the machine can bring about has no case.
    if (code.starts_with(GetParam() + ".") && code != "http.too_large") {
      EXPECT_TRUE(shown.contains(code)) << code;
    }
  }
}

TEST_P(NodeFolder, docs_follow_one_pattern) {
  const std::pair<const char*, std::vector<const char*>> pages[] = {
      {"README.md", {"# ", "## Settings", "## Ports", "## Example", "## Errors"}},
      {"README.ru.md", {"# ", "## Настройки", "## Порты", "## Пример", "## Ошибки"}}};
  for (const auto& [page, parts] : pages) {
    const std::string text = text_of(folder_ / page);
    std::size_t at = 0;
    for (const char* part : parts) {
      const std::size_t found = text.find(std::string(part), at);
      EXPECT_NE(found, std::string::npos) << page << ": no \"" << part << "\" in its place";
      at = found == std::string::npos ? at : found;
    }
    for (const Member& member : definition_["config"]["properties"].members()) {
      EXPECT_TRUE(text.contains("`" + std::string(member.key.as_string()) + "`"))
          << page << ": " << member.key.as_string();
    }
  }
  EXPECT_TRUE(text_of(folder_ / "README.md").starts_with("# " + std::string(definition_["title"].as_string()) + "\n"));
  EXPECT_TRUE(text_of(folder_ / "README.ru.md").starts_with("# " + std::string(russian_["title"].as_string()) + "\n"));
}

// An icon goes into the page as it is, so it may hold shapes and nothing that acts.
TEST_P(NodeFolder, icon_is_harmless) {
  const std::string icon = text_of(folder_ / "icon.svg");
  EXPECT_TRUE(icon.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\""));
  EXPECT_TRUE(icon.contains("currentColor"));
  EXPECT_LT(icon.size(), 2000U);
  const std::set<std::string> shapes{"svg", "path", "circle", "rect", "line", "polyline", "polygon", "ellipse", "g"};
  int depth = 0;
  for (std::size_t at = icon.find('<'); at != std::string::npos; at = icon.find('<', at + 1)) {
    const bool closing = icon[at + 1] == '/';
    const std::size_t start = at + (closing ? 2 : 1);
    const std::string name = icon.substr(start, icon.find_first_of(" />", start) - start);
    const std::string tag = icon.substr(at, icon.find('>', at) - at);
    EXPECT_TRUE(shapes.contains(name)) << name;
    EXPECT_FALSE(tag.contains("href") || tag.contains(" on") || tag.contains("url(") || tag.contains("style=")) << tag;
    depth += closing ? -1 : (tag.ends_with('/') ? 0 : 1);
  }
  EXPECT_EQ(depth, 0);
}

TEST_P(NodeFolder, has_enough_cases) {
  std::size_t cases = 0;
  bool has_error = false;
  for (const Case& one : find_cases(nodes_dir())) {
    if (one.type != GetParam() || one.file.filename() == "node.json") continue;
    ++cases;
    has_error = has_error || one.test["error"].is_object();
    EXPECT_TRUE(filled(one.test["title"])) << one.file;
  }
  EXPECT_GE(cases, 4U);
  EXPECT_TRUE(has_error);
}

INSTANTIATE_TEST_SUITE_P(nodes, NodeFolder, testing::ValuesIn(all_types()), [](const auto& one) { return one.param; });

// The folder's own codes and the shared ones, each with advice in both languages.
TEST(node_folders, shared_errors_have_cures) {
  const auto shared = parse_json(text_of(nodes_dir() / "errors.json"));
  ASSERT_TRUE(shared);
  std::set<std::string> listed;
  for (const Value& error : shared->elements()) {
    EXPECT_TRUE(listed.insert(std::string(error["code"].as_string())).second);
    EXPECT_TRUE(filled(error["cure"]) && filled(error["cure_ru"])) << error["code"].as_string();
  }
  for (const char* file : {"config_parse.cpp", "path.cpp"}) {
    for (const std::string& code : raised_codes(text_of(nodes_dir() / file)))
      EXPECT_TRUE(listed.contains(code)) << code;
  }
}

}  // namespace
}  // namespace mbflow::nodes
