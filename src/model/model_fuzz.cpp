// Any JSON as a workflow: never a crash; and what is valid is the same after it was written and read again.
#include "model/document_text.h"

#include <mbflow/json.h>

#include <cstdio>
#include <cstdlib>

namespace {

using namespace mbflow;

NodeType type(std::string_view name, std::string_view definition, bool entry) {
  NodeType made;
  made.type = name;
  made.definition = definition;
  made.entry = entry;
  return made;
}

const DocumentRules& rules() {
  static const NodeTable table({
      type("http", R"({"config": {"required": ["url"], "properties": {"url": {"type": "string"}}}})", false),
      type("conditional", R"({"outputs": ["true", "false"]})", false),
      type("switch", R"({"outputs": {"each": "/rules", "name": "port", "also": ["default"]}})", false),
      type("noop", "", false),
      type("start", "", true),
  });
  static const DocumentRules all{table, [](std::string_view text) -> Result<ExpressionUse> {
                                   if (text.find("}}") == std::string_view::npos) return fail(Kind::invalid, "expr.syntax", "}}");
                                   ExpressionUse use;
                                   use.nodes.emplace_back(text.substr(0, 3));
                                   return use;
                                 }, 50, 50};
  return all;
}

void expect(bool good, const char* what, std::string_view text) {
  if (good) return;
  std::fprintf(stderr, "%s:\n%.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = read_document_text({reinterpret_cast<const char*>(bytes), size}, TextFormat::json, rules());
  for (const auto& fault : text.reading.faults) expect(!fault.error.code.empty() && !fault.error.message.empty(), "a fault says nothing", fault.error.at);
  (void)write_mermaid(text.reading.workflow);
  if (!text.reading.valid()) return 0;
  const std::string written = write_json(text.reading.document);
  const auto again = read_document_text(written, TextFormat::json, rules());
  expect(again.reading.valid(), "not valid any more", written);
  expect(write_json(again.reading.document) == written, "changed by writing and reading", written);
  return 0;
}
