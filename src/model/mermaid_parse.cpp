#include "model/mermaid.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

namespace mbflow {
namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::size_t deepest = 50;

struct Shape {
  std::string_view open, close;
};
// Longer ones first: "((" is not "(" with a text that begins with a bracket.
constexpr std::array<Shape, 16> shapes = {{{"(((", ")))"}, {"((", "))"}, {"([", "])"}, {"[[", "]]"}, {"[(", ")]"}, {"{{", "}}"}, {"[/", "/]"}, {"[/", "\\]"},
                                           {"[\\", "\\]"}, {"[\\", "/]"}, {"(-", "-)"}, {"[", "]"}, {"(", ")"}, {"{", "}"}, {">", "]"}, {"[|", "|]"}}};

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// "#34;" and "#quot;" as Mermaid writes them; what is no entity stays as it is.
std::string entity(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> names = {{{"quot", "\""}, {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"nbsp", " "}}};
  for (const auto& [word, text] : names) {
    if (name == word) return std::string(text);
  }
  unsigned code = 0;
  const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), code);
  if (fault != std::errc() || end != name.data() + name.size() || (code < 32 && code != 10 && code != 13) || code > 126) return "#" + std::string(name) + ";";
  return {static_cast<char>(code)};
}

// What is seen of a text: entities and breaks are read, other tags left out.
std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::size_t end = c == '#' ? text.find(';', i) : c == '<' ? text.find('>', i) : std::string_view::npos;
    if (c == '#' && end != std::string_view::npos && end - i <= 6) out += entity(text.substr(i + 1, end - i - 1)), i = end;
    else if (c == '<' && end != std::string_view::npos) out += text.substr(i).starts_with("<br") ? "\n" : "", i = end;
    else out += c;
  }
  return out;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<Diagram> parse() {
    bool begun = false;
    while (!rest_.empty()) {
      ++line_;
      const auto end = std::min(rest_.find('\n'), rest_.size());
      auto text = trimmed(rest_.substr(0, end));
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      if (line_ == 1 && text == "---") {
        skip_front_matter();
        continue;
      }
      if (text.starts_with("%%")) read_remark(text.substr(2));
      if (text.empty() || text.starts_with("%%")) continue;
      MBF_CHECK(begun ? read_line(text) : read_head(text));
      begun = true;
    }
    if (!begun) return fault("a diagram begins with 'flowchart LR'");
    if (open_ != 0) return fault("a subgraph has no 'end'");
    return std::move(diagram_);
  }

 private:
  [[nodiscard]] Error fault(const std::string& what) const {
    return fail(Kind::invalid, "mermaid.syntax", "line " + std::to_string(line_) + ": " + what);
  }

  void skip_front_matter() {
    while (!rest_.empty()) {
      ++line_;
      const auto end = std::min(rest_.find('\n'), rest_.size());
      const auto text = trimmed(rest_.substr(0, end));
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      if (text == "---") return;
    }
  }

  void read_remark(std::string_view text) {
    text = trimmed(text);
    const auto space = text.find(' ');
    if (space != std::string_view::npos) diagram_.remarks.emplace(std::string(text.substr(0, space)), Diagram::Remark{std::string(trimmed(text.substr(space))), line_});
  }

  Result<void> read_head(std::string_view text) {
    const auto word = text.substr(0, text.find_first_of(" \t;"));
    if (word != "flowchart" && word != "graph" && word != "flowchart-elk") {
      return fault("a workflow is drawn as a flowchart: begin with 'flowchart LR', not with '" + std::string(word.substr(0, 40)) + "'");
    }
    const auto statements = text.find(';');
    return statements == std::string_view::npos ? Result<void>() : read_line(text.substr(statements + 1));
  }

  Result<void> read_line(std::string_view text) {
    at_ = text;
    for (skip(); !at_.empty(); skip()) {
      if (at_.front() != ';') {
        MBF_CHECK(read_statement());
        continue;
      }
      at_.remove_prefix(1);
    }
    return {};
  }

  Result<void> read_statement() {
    const auto word = at_.substr(0, std::min(at_.find_first_of(" \t;"), at_.size()));
    for (const std::string_view look : {"classDef", "class", "style", "linkStyle", "click", "direction", "accTitle:", "accDescr:"}) {
      if (word == look) return at_ = {}, Result<void>();
    }
    if (word == "subgraph") return open_frame();
    if (word != "end") return read_chain();
    if (open_ == 0) return fault("'end' closes no subgraph");
    open_ = diagram_.frames[open_ - 1].parent;
    at_.remove_prefix(word.size());
    return {};
  }

  Result<void> open_frame() {
    std::size_t depth = 0;
    for (auto frame = open_; frame != 0; frame = diagram_.frames[frame - 1].parent) ++depth;
    if (depth == deepest) return fault("subgraphs are nested more than " + std::to_string(deepest) + " deep");
    at_.remove_prefix(std::string_view("subgraph").size());
    skip();
    const auto bracket = at_.find('[');
    Diagram::Frame frame{std::string(trimmed(at_.substr(0, bracket))), {}, open_};
    if (bracket != std::string_view::npos) {
      at_.remove_prefix(bracket);
      MBF_TRY(auto text, read_shape());
      frame.title = plain(text.first);
    } else {
      frame.title = plain(frame.id);
    }
    at_ = {};
    diagram_.frames.push_back(std::move(frame));
    open_ = diagram_.frames.size();
    return {};
  }

  // Nodes, joined by links: a & b --> c -->|text| d
  Result<void> read_chain() {
    MBF_TRY(auto sources, read_nodes());
    for (skip(); !at_.empty() && at_.front() != ';'; skip()) {
      MBF_TRY(auto text, read_link());
      const bool drawn = text != "~~~";
      skip();
      MBF_TRY(auto targets, read_nodes());
      if (drawn && sources.size() * targets.size() > 10'000) return fault("so many links in one line are not read; write them in several");
      for (const auto source : sources) {
        for (const auto target : targets) {
          if (drawn) diagram_.links.push_back({source, target, text, line_});
        }
      }
      sources = std::move(targets);
    }
    return {};
  }

  Result<std::vector<std::size_t>> read_nodes() {
    std::vector<std::size_t> nodes;
    for (;;) {
      MBF_TRY(const auto node, read_node());
      nodes.push_back(node);
      skip();
      if (at_.empty() || at_.front() != '&') return nodes;
      at_.remove_prefix(1);
      skip();
    }
  }

  Result<std::size_t> read_node() {
    const std::string id(read_id());
    if (id.empty()) return fault("the id of a node is expected at '" + std::string(at_.substr(0, 20)) + "'");
    const auto [known, is_new] = places_.emplace(id, diagram_.nodes.size());
    if (is_new) diagram_.nodes.push_back({id, id, {}, false, false, 0, line_});
    const auto place = known->second;
    if (open_ != 0 && diagram_.nodes[place].frame == 0) diagram_.nodes[place].frame = open_;
    if (!at_.empty() && (at_.front() == '[' || at_.front() == '(' || at_.front() == '{' || at_.front() == '>')) {
      MBF_TRY(auto shape, read_shape());
      name(diagram_.nodes[place], shape.first);
      diagram_.nodes[place].asks = shape.second;
    }
    if (at_.starts_with("@{")) return fault("shapes by name, '@{ … }', are not read; draw the node as " + id + "[text]");
    if (at_.starts_with(":::")) {
      at_.remove_prefix(3);
      diagram_.nodes[place].disabled |= read_id() == "disabled";
    }
    return place;
  }

  // A dash or a point within a word belongs to it, unless a link begins there.
  std::string_view read_id() {
    std::size_t end = 0;
    while (end < at_.size()) {
      const bool joins = (at_[end] == '-' || at_[end] == '.') && end > 0 && end + 1 < at_.size() && is_word(at_[end + 1]);
      if (!is_word(at_[end]) && !joins) break;
      ++end;
    }
    const auto id = at_.substr(0, end);
    at_.remove_prefix(end);
    return id;
  }

  static void name(Diagram::Node& node, std::string_view text) {
    const auto mark = text.find("<br><small>");
    node.text = plain(text.substr(0, mark));
    if (mark != std::string_view::npos) node.small = plain(text.substr(mark + std::string_view("<br>").size()));
  }

  // Its text as it is written, and whether it is a rhombus.
  Result<std::pair<std::string_view, bool>> read_shape() {
    for (const auto& shape : shapes) {
      if (!at_.starts_with(shape.open)) continue;
      auto inner = at_.substr(shape.open.size());
      const auto lead = inner.find_first_not_of(blanks);
      const bool quoted = lead != std::string_view::npos && inner[lead] == '"';
      const auto quote = quoted ? inner.find('"', lead + 1) : 0;
      if (quote == std::string_view::npos) continue;
      const auto end = inner.find(shape.close, quote);
      if (end == std::string_view::npos) continue;
      const auto text = quoted ? inner.substr(lead + 1, quote - lead - 1) : trimmed(inner.substr(0, end));
      at_ = inner.substr(end + shape.close.size());
      return std::pair(text, shape.open == "{");
    }
    return fault("the text of a node does not end: its bracket '" + std::string(at_.substr(0, 1)) + "' is not closed in the same line");
  }

  // The text on it; "~~~" for one that is not drawn.
  Result<std::string> read_link() {
    const auto begun = at_;
    if (at_.starts_with("~~~")) {
      at_.remove_prefix(std::min(at_.find_first_not_of('~'), at_.size()));
      return std::string("~~~");
    }
    const bool two_ended = at_.size() > 1 && (at_.front() == '<' || at_.front() == 'x' || at_.front() == 'o') && (at_[1] == '-' || at_[1] == '=');
    if (two_ended) at_.remove_prefix(1);
    const auto stroke = read_stroke();
    if (stroke.size() < 2) return fault("a link such as --> is expected at '" + std::string(begun.substr(0, 20)) + "'");
    std::string text;
    if (!read_head_of_link() && (stroke == "--" || stroke == "==" || stroke == "-.")) {
      const auto end = at_.find(stroke == "-." ? ".-" : stroke);
      if (end == std::string_view::npos) return fault("a link that begins with '" + std::string(stroke) + "' and a text does not end");
      text = plain(unquoted(trimmed(at_.substr(0, end))));
      at_.remove_prefix(end);
      read_stroke();
      read_head_of_link();
    }
    skip();
    if (at_.empty() || at_.front() != '|') return text;
    const auto quote = at_.find_first_not_of(blanks, 1);
    const auto from = quote != std::string_view::npos && at_[quote] == '"' ? at_.find('"', quote + 1) : 1;
    const auto end = from == std::string_view::npos ? from : at_.find('|', from);
    if (end == std::string_view::npos) return fault("the text of a link does not end: a second | is missing");
    text = plain(unquoted(trimmed(at_.substr(1, end - 1))));
    at_.remove_prefix(end + 1);
    return text;
  }

  static std::string_view unquoted(std::string_view text) {
    return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
  }
  std::string_view read_stroke() {
    const auto stroke = at_.substr(0, std::min(at_.find_first_not_of("-=."), at_.size()));
    at_.remove_prefix(stroke.size());
    return stroke;
  }
  bool read_head_of_link() {
    const bool head = !at_.empty() && (at_.front() == '>' || ((at_.front() == 'x' || at_.front() == 'o') && (at_.size() == 1 || !is_word(at_[1]))));
    if (head) at_.remove_prefix(1);
    return head;
  }
  void skip() { at_.remove_prefix(std::min(at_.find_first_not_of(blanks), at_.size())); }

  std::string_view rest_, at_;
  int line_ = 0;
  std::size_t open_ = 0;  // the frame we are in
  Diagram diagram_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

Result<Diagram> parse_diagram(std::string_view text) { return Parser(text).parse(); }

bool looks_like_mermaid(std::string_view text) {
  while (true) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return false;
    text.remove_prefix(first);
    if (!text.starts_with("%%")) break;
    text.remove_prefix(std::min(text.find('\n'), text.size()));
  }
  const auto word = text.substr(0, text.find_first_of(" \t\r\n;"));
  return word == "flowchart" || word == "graph" || word == "flowchart-elk";
}

}  // namespace mbflow
