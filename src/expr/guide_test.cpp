// The examples of docs/expressions.md are true.
#include "expr/expr.h"
#include "expr/fake_scope.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace mbflow::expr {
namespace {

std::string guide() {
  const char* root = std::getenv("MBFLOW_SOURCE_DIR");
  std::ifstream file(std::string(root != nullptr ? root : ".") + "/docs/expressions.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string without_escapes(std::string cell) {
  for (std::size_t at = cell.find("\\|"); at != std::string::npos; at = cell.find("\\|", at + 1)) cell.erase(at, 1);
  return cell;
}

struct Example {
  std::string expression, wanted;
};

// Rows of the form | `expression` | `JSON` | or | `expression` | error `code` |
std::vector<Example> examples(const std::string& text) {
  std::vector<Example> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t middle = line.rfind("` | ");
    if (!line.starts_with("| `") || middle == std::string::npos || line.find("{{") == std::string::npos) continue;
    const std::string right = line.substr(middle + 4);
    const std::size_t open = right.find('`');
    found.push_back({without_escapes(line.substr(3, middle - 3)),
                     without_escapes(right.substr(open + 1, right.rfind('`') - open - 1))});
  }
  return found;
}

TEST(Guide, examples_hold) {
  const std::string text = guide();
  const std::size_t begin = text.find("```json\n") + 8;
  FakeScope scope(text.substr(begin, text.find("```", begin) - begin));
  scope.zone = "Europe/Berlin";
  scope.clock = *parse_timestamp("2026-03-30T10:00:00Z");
  Evaluator evaluator;
  const auto all = examples(text);
  EXPECT_GT(all.size(), 45U);
  for (const Example& example : all) {
    auto compiled = Template::compile(example.expression);
    auto result = compiled ? evaluator.evaluate(*compiled, scope) : Result<Value>(compiled.error());
    EXPECT_EQ(result ? write_json(*result) : result.error().code, example.wanted) << example.expression;
  }
}

}  // namespace
}  // namespace mbflow::expr
