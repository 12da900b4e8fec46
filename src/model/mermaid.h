// A Mermaid flowchart as plain data: what is drawn, without a thought of what it means. Its grammar is that of
// https://mermaid.js.org/syntax/flowchart.html, without shapes by name (`@{ … }`), Markdown in texts and ids of links.
#pragma once

#include "base/yaml.h"

#include <mbflow/result.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow {

struct Diagram {
  struct Node {
    std::string id, text;   // lines of the text stand behind each other, between them "\n"
    std::string small;      // its last line, where that is written small: the type, as we write it
    bool asks = false;     // drawn as a rhombus
    bool disabled = false;  // of the class of that name
    std::size_t frame = 0;  // 1 + its place among the frames; 0: in none
    int line = 0;           // where it was seen first
  };
  struct Link {
    std::size_t source = 0, target = 0;  // places among the nodes
    std::string text;
    int line = 0;
  };
  struct Frame {  // a subgraph
    std::string id, title;
    std::size_t parent = 0;  // as Node::frame
  };
  std::vector<Node> nodes;
  std::vector<Link> links;
  std::vector<Frame> frames;
  struct Remark {
    std::string text;
    int line = 0;
  };
  std::map<std::string, Remark, std::less<>> remarks;  // comments of two words and more, by their first word
};

// Error mermaid.syntax: with the line, and what was expected there.
[[nodiscard]] Result<Diagram> parse_diagram(std::string_view text);

// A diagram as a document, by what is drawn and by the remarks that write_mermaid() makes. A sketch of somebody else's becomes nodes that
// pass on what they get, a rhombus one that decides; what it asks is in the notes of the node. Errors: mermaid.syntax.
[[nodiscard]] Result<Located> parse_mermaid(std::string_view text);

// Whether a text begins as a Mermaid diagram does.
[[nodiscard]] bool looks_like_mermaid(std::string_view text);

}  // namespace mbflow
