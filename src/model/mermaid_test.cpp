#include "model/mermaid.h"

#include "model/document_text.h"
#include "model/testing_nodes.h"

#include <mbflow/json.h>

namespace mbflow {
namespace {

std::string imported(std::string_view text) {
  const auto read = parse_mermaid(text);
  return read ? write_json(read->value) : read.error().code + ": " + read.error().message;
}

// "a:A b:B | a-b a-c(text)"
std::string seen(std::string_view text) {
  const auto diagram = parse_diagram(text);
  if (!diagram) return diagram.error().message;
  std::string out;
  for (const auto& node : diagram->nodes) out += node.id + ":" + node.text + (node.asks ? "? " : " ");
  out += "|";
  for (const auto& link : diagram->links) {
    out += " " + diagram->nodes[link.source].id + "-" + diagram->nodes[link.target].id + (link.text.empty() ? "" : "(" + link.text + ")");
  }
  return out;
}

std::string drawn(const std::string& lines) { return seen("flowchart TD\n" + lines); }

TEST(MermaidParse, KnowsEveryShape) {
  EXPECT_EQ(drawn("a[A]\nb(B)\nc([C])\nd[[D]]\ne[(E)]\nf((F))\ng>G]\nh{H}\ni{{I}}\nj[/J/]\nk[\\K\\]\nl[/L\\]\nm[\\M/]\nn(((N)))"),
            "a:A b:B c:C d:D e:E f:F g:G h:H? i:I j:J k:K l:L m:M n:N |");
  EXPECT_EQ(drawn("a[\"quotes (hold) [anything] {at} all\"]"), "a:quotes (hold) [anything] {at} all |");
  EXPECT_EQ(drawn("a[one<br/>two<br>three]"), "a:one\ntwo\nthree |");
  EXPECT_EQ(drawn("a[\"#34;hi#quot; #60;b#62; #7; #x\"]"), "a:\"hi\" <b> #7; #x |");
  EXPECT_EQ(drawn("a[Заказ принят] --> b"), "a:Заказ принят b:b | a-b");
}

TEST(MermaidParse, KnowsEveryLink) {
  EXPECT_EQ(drawn("a-->b\nb --- c; c -.-> d\nd ==> e\ne --x f\nf --o g\ng <--> h\nh ----> i\ni -..-> j ~~~ a"),
            "a:a b:b c:c d:d e:e f:f g:g h:h i:i j:j | a-b b-c c-d d-e e-f f-g g-h h-i i-j");
  EXPECT_EQ(drawn("a -- text --> b\nb -. text .-> c\nc == text ==> d\nd -->|text| e\ne -->|\"a | b\"| f\nf-- text ---g"),
            "a:a b:b c:c d:d e:e f:f g:g | a-b(text) b-c(text) c-d(text) d-e(text) e-f(a | b) f-g(text)");
  EXPECT_EQ(drawn("a & b --> c & d --> e"), "a:a b:b c:c d:d e:e | a-c a-d b-c b-d c-e d-e");
  EXPECT_EQ(drawn("my-node.1-->other-node"), "my-node.1:my-node.1 other-node:other-node | my-node.1-other-node");
}

TEST(MermaidParse, LeavesOutHowItLooks) {
  EXPECT_EQ(seen("---\ntitle: T\n---\n%% a comment\n%%{init: {}}%%\ngraph LR; a-->b;\nclassDef x fill:#f00\nclass a x\nstyle a fill:#fff\nlinkStyle 0 stroke:red\n"
                 "click a \"https://example.com\"\nb:::x --> c"),
            "a:a b:b c:c | a-b b-c");
}

TEST(MermaidParse, NamesTheLineOfAFault) {
  EXPECT_EQ(seen(""), "line 0: a diagram begins with 'flowchart LR'");
  EXPECT_EQ(seen("sequenceDiagram\nA->>B: hi"), "line 1: a workflow is drawn as a flowchart: begin with 'flowchart LR', not with 'sequenceDiagram'");
  EXPECT_EQ(drawn("a[open"), "line 2: the text of a node does not end: its bracket '[' is not closed in the same line");
  EXPECT_EQ(drawn("\na b"), "line 3: a link such as --> is expected at 'b'");
  EXPECT_EQ(drawn("a -->"), "line 2: the id of a node is expected at ''");
  EXPECT_EQ(drawn("a -- text"), "line 2: a link that begins with '--' and a text does not end");
  EXPECT_EQ(drawn("a -->|text b"), "line 2: the text of a link does not end: a second | is missing");
  EXPECT_EQ(drawn("end"), "line 2: 'end' closes no subgraph");
  EXPECT_EQ(drawn("subgraph x"), "line 2: a subgraph has no 'end'");
  EXPECT_EQ(drawn("a@{ shape: rect }"), "line 2: shapes by name, '@{ … }', are not read; draw the node as a[text]");
}

TEST(MermaidImport, MakesWhatWasSketched) {
  EXPECT_EQ(imported("flowchart LR\n  a[Get order] --> b{Paid?}\n  b -->|Yes| c[Ship]\n  b -->|No| d[Remind]\n  d -->|after a week| e[Ship]"),
            R"({"name":"Diagram","nodes":[{"id":"a","name":"Get order","type":"noop"},{"id":"b","name":"Paid?","type":"conditional","config":{"condition":"{{ false }}"},)"
            R"("notes":"From a diagram: write the condition that it asks for."},{"id":"c","name":"Ship","type":"noop"},{"id":"d","name":"Remind","type":"noop"},)"
            R"({"id":"e","name":"Ship 2","type":"noop","notes":"From Remind: after a week"}],"edges":[{"source":"a","target":"b"},)"
            R"({"source":"b","source_port":"true","target":"c"},{"source":"b","source_port":"false","target":"d"},{"source":"d","target":"e"}]})");
}

TEST(MermaidImport, ARhombusOfManyWaysIsASwitch) {
  const auto read = parse_mermaid("flowchart LR\nb{Country} -->|NL| c\nb -->|Great Britain| d\nb -->|Россия| e");
  ASSERT_TRUE(read) << read.error().message;
  const Value& node = read->value["nodes"][0];
  EXPECT_EQ(node["type"], Value("switch"));
  EXPECT_EQ(write_json(node["config"]["rules"]), R"([{"port":"NL","when":"{{ false }}"},{"port":"Great_Britain","when":"{{ false }}"},{"port":"to_4","when":"{{ false }}"}])");
  EXPECT_EQ(read->value["edges"][2]["source_port"], Value("to_4"));
}

TEST(MermaidImport, SubgraphsAreGroups) {
  const auto read = parse_mermaid("flowchart LR\nsubgraph s [Billing]\n  a --> b\nend\nb --> c");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(write_json(read->value["ui"]), R"({"groups":[{"id":"group1","name":"Billing","nodes":["a","b"]}]})");
}

TEST(MermaidImport, FaultsHaveTheirLines) {
  const auto text = read_document_text("flowchart LR\n\n  a[\"A<br><small>unheard_of</small>\"] --> b", TextFormat::automatic, testing_nodes::rules());
  ASSERT_FALSE(text.reading.faults.empty());
  EXPECT_EQ(text.reading.faults[0].error.code, "document.unknown_type");
  EXPECT_EQ(text.line_of(text.reading.faults[0].error.at), 3);
  EXPECT_EQ(imported("flowchart LR\na\n%% a #123;broken"), "mermaid.syntax: line 3: the remark on 'a' is not what it was written as; remove it or restore it");
}

TEST(MermaidImport, MuchOfTheSameIsQuick) {
  std::string text = "flowchart LR\n";
  for (int i = 0; i < 100'000; ++i) text += "n" + std::to_string(i) + "[same]\nr{x} -->|w" + std::to_string(i) + "| n" + std::to_string(i) + "\n";
  EXPECT_TRUE(parse_mermaid(text));  // takes minutes where names or ways are looked for one by one
}

}  // namespace
}  // namespace mbflow
