// Broken and sound workflow files; see README.md.
#include "files.h"

#include <mbflow/json.h>
#include <mbflow/json_schema.h>

#include <gtest/gtest.h>

#include <ctime>
#include <iostream>

namespace mbflow::documents {
namespace {

std::filesystem::path folder(std::string_view name) { return source_dir() / "tests/documents" / name; }

const JsonSchema& workflow_schema() {
  static const JsonSchema schema = [] {
    const auto parsed = parse_json(read_bytes(source_dir() / "api/workflow.schema.json"));
    const auto compiled = JsonSchema::compile(*parsed);
    EXPECT_TRUE(compiled.ok()) << (compiled ? "" : compiled.error().message);
    return *compiled;
  }();
  return schema;
}

void expect_in_schema(const Value& canonical, const std::string& what) {
  for (const auto& fault : workflow_schema().check(canonical)) {
    ADD_FAILURE() << what << " is not in api/workflow.schema.json: " << fault.at << ": " << fault.message;
  }
}

TEST(Documents, BrokenFilesGiveTheirFaults) {
  std::size_t count = 0;
  for (const auto& file : cases(folder("broken"))) {
    ++count;
    const auto start = std::clock();  // of the processor: a busy machine is no fault
    const auto text = read_file(file);
    EXPECT_LT(std::clock() - start, 20 * CLOCKS_PER_SEC) << file;
    for (const auto& fault : text.reading.faults) EXPECT_GT(fault.error.message.size(), 10U) << file;
    const Value found = faults_of(text);
    if (accepting()) {
      accept(beside(file, "expected"), found);
      std::cout << file.filename().string() << "\n" << explain(text);
    }
    const Value expected = expectation(beside(file, "expected"));
    EXPECT_EQ(write_json(found), write_json(expected)) << file.filename() << "\n" << explain(text);
    EXPECT_GT(found.size(), 0U) << file.filename() << " is not broken";
  }
  EXPECT_GE(count, 80U);
}

TEST(Documents, GoodFilesBecomeTheirCanonicalForm) {
  std::size_t count = 0;
  for (const auto& file : cases(folder("good"))) {
    ++count;
    const auto text = read_file(file);
    EXPECT_TRUE(text.reading.valid()) << file.filename() << "\n" << explain(text);
    if (accepting()) {
      accept(beside(file, "canonical"), text.reading.document);
      if (!text.reading.faults.empty()) accept(beside(file, "warnings"), faults_of(text));
    }
    EXPECT_EQ(write_json(text.reading.document), write_json(expectation(beside(file, "canonical")))) << file.filename();
    const Value warnings = expectation(beside(file, "warnings"));
    EXPECT_EQ(faults_of(text), warnings.is_null() ? Value::array() : warnings) << file.filename();

    expect_in_schema(text.reading.document, file.filename().string());
    const auto again = read_document(text.reading.document, rules());
    EXPECT_EQ(write_json(again.document), write_json(text.reading.document)) << file.filename();
    const auto drawn = read_document_text(write_mermaid(text.reading.workflow), TextFormat::mermaid, rules());
    EXPECT_EQ(write_json(drawn.reading.document), write_json(text.reading.document)) << file.filename();
  }
  EXPECT_GE(count, 20U);
}

TEST(Documents, TheSchemaRefusesWhatTheReaderRefuses) {
  for (const char* wrong : {R"({"nodes": []})", R"({"name": "x", "nodes": [{"id": "a"}]})", R"({"name": "x", "nodes": [], "nods": 1})",
                            R"({"name": "x", "nodes": [{"id": "a", "type": "noop", "retry": {"attempts": 0}}]})",
                            R"({"name": "x", "nodes": [], "settings": {"timeout": "soon"}})",
                            R"({"name": "x", "nodes": [], "edges": [{"source": "a", "target": "b", "condition": "x"}]})"}) {
    EXPECT_FALSE(workflow_schema().check(*parse_json(wrong)).empty()) << wrong;
  }
}

// The fenced blocks of a page in one language.
std::vector<std::string> blocks(const std::string& page, const std::string& language) {
  std::vector<std::string> found;
  const std::string fence = "```" + language + "\n";
  for (auto at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    const auto end = page.find("\n```", at);
    found.push_back(page.substr(at, end - at + 1));
  }
  return found;
}

TEST(Documents, ExamplesOfThePageAreValid) {
  const std::string page = read_bytes(source_dir() / "docs/workflow-format.md");
  std::size_t count = 0;
  for (const auto& [language, format] : {std::pair("json", TextFormat::json), std::pair("yaml", TextFormat::yaml), std::pair("mermaid", TextFormat::mermaid)}) {
    for (const auto& block : blocks(page, language)) {
      ++count;
      const auto text = read_document_text(block, format, rules());
      EXPECT_TRUE(text.reading.faults.empty()) << block << explain(text);
      expect_in_schema(text.reading.document, block);
    }
  }
  EXPECT_GE(count, 5U);
}

TEST(Documents, ExamplesOfNodeTypesAreValidConfigs) {
  std::size_t count = 0;
  for (const auto& type : built_in_nodes().all()) {
    const auto definition = parse_json(type.definition);
    ASSERT_TRUE(definition.ok()) << type.type;
    for (const auto& example : (*definition)["examples"].elements()) {
      ++count;
      const Value node = Value::object({{"id", "a"}, {"type", type.type}, {"config", example["config"]}});
      const auto reading = read_document(Value::object({{"name", "w"}, {"nodes", Value::array({node})}}), rules());
      for (const auto& fault : reading.faults) {
        const bool about_config = fault.error.at.starts_with("/nodes/0/config") && fault.error.code != "expr.unknown_node";
        EXPECT_FALSE(about_config) << type.type << " " << fault.error.at << ": " << fault.error.message;
      }
    }
  }
  EXPECT_GE(count, 15U);
}

TEST(Documents, SampleWorkflowsAreValid) {
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() / "examples")) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".yaml")) continue;
    const auto text = read_file(entry.path());
    EXPECT_TRUE(text.reading.faults.empty()) << name << "\n" << explain(text);
  }
}

}  // namespace
}  // namespace mbflow::documents
