#include "model/document_text.h"
#include "model/testing_nodes.h"

namespace mbflow {
namespace {

TextReading read_text(std::string_view bytes, TextFormat format = TextFormat::automatic) {
  return read_document_text(bytes, format, testing_nodes::rules());
}

std::string lines(const TextReading& text) {
  std::string all;
  for (const auto& fault : text.reading.faults) all += std::to_string(text.line_of(fault.error.at)) + " " + fault.error.code + "\n";
  return all;
}

TEST(DocumentText, FaultsOfJsonHaveLines) {
  EXPECT_EQ(lines(read_text("{\n  \"name\": \"w\",\n  \"nodes\": [\n    {\"id\": \"a\",\n     \"type\": \"nop\"}\n  ],\n  \"edges\": [{}]\n}")),
            "5 document.unknown_type\n7 document.missing\n7 document.missing\n");
  EXPECT_EQ(lines(read_text("{\n\"name\": \"w\",\n\"name\": \"v\"}")), "3 json.duplicate_key\n");
  EXPECT_EQ(lines(read_text("{\n\"name\": \"w\",\n}")), "3 json.syntax\n");
}

TEST(DocumentText, FaultsOfYamlHaveLines) {
  EXPECT_EQ(lines(read_text("name: w\nnodes:\n  - id: a\n    type: nop\n")), "4 document.unknown_type\n");
  EXPECT_EQ(lines(read_text("name: w\nname: v\n")), "2 yaml.duplicate_key\n");
}

TEST(DocumentText, GuessesTheFormat) {
  EXPECT_TRUE(read_text("\xef\xbb\xbf  {\"name\": \"w\", \"nodes\": [{\"id\": \"a\", \"type\": \"any\"}]}").reading.valid());
  EXPECT_TRUE(read_text("name: w\nnodes: [{id: a, type: any}]").reading.valid());
  EXPECT_EQ(lines(read_text("name: w", TextFormat::json)), "1 json.syntax\n");
  EXPECT_EQ(format_of("x/flow.yml"), TextFormat::yaml);
  EXPECT_EQ(format_of("flow.json"), TextFormat::json);
  EXPECT_EQ(format_of("flow"), TextFormat::automatic);
}

TEST(DocumentText, RefusesWhatIsTooLarge) {
  EXPECT_EQ(lines(read_text(std::string(max_document_bytes + 1, ' '))), "0 document.too_large\n");
  EXPECT_FALSE(read_text("").reading.valid());
}

}  // namespace
}  // namespace mbflow
