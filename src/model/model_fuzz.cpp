// Any JSON as a workflow: never a crash; and what is valid is the same after it was written or drawn and read again.
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

// Bytes that are no JSON are orders for changing a sound document: where to go, and what to put there.
class Vandal {
 public:
  explicit Vandal(std::string_view orders) : orders_(orders) {}
  [[nodiscard]] bool done() const { return orders_.empty(); }

  Value change(const Value& value) {
    if (value.size() == 0 || next() % 8 == 0) return odd();
    const std::size_t place = next() % value.size();
    const bool remove = next() % 8 == 0;
    if (value.is_array()) return change_array(value, place, remove);
    std::vector<Member> members(value.members().begin(), value.members().end());
    Member& member = members[place];
    if (remove) members.erase(members.begin() + static_cast<std::ptrdiff_t>(place));
    else if (next() % 8 == 0) member.key = odd_key();
    else member.value = change(member.value);
    return Value::object(std::move(members));
  }

 private:
  std::size_t next() {
    if (orders_.empty()) return 0;
    const auto order = static_cast<unsigned char>(orders_.front());
    orders_.remove_prefix(1);
    return order;
  }

  Value change_array(const Value& value, std::size_t place, bool remove) {
    std::vector<Value> elements(value.elements().begin(), value.elements().end());
    if (remove) elements.push_back(elements[place]);
    else elements[place] = change(elements[place]);
    return Value::array(std::move(elements));
  }

  Value odd() {
    static const Value odds = *parse_json(R"([null, true, 0, -1, 1e300, 3.5, "", "a", "b", "c", "main", "error", "true", "HTTP", "switch",
      "start", "{{ x }}", "{{", "1h", "port", "continue", [], {}, {"$literal": "{{"}, [{"port": "p"}], {"x": 1}])");
    return odds[next() % odds.size()];
  }

  Value odd_key() {
    static const Value keys = *parse_json(R"(["name", "id", "type", "from", "sourceHandle", "condition", "on_error", "parent", "retry", "~/", ""])");
    return keys[next() % keys.size()];
  }

  std::string_view orders_;
};

const Value& sound() {
  static const Value document = *parse_json(R"({"name": "w", "tags": ["t"], "settings": {"timeout": "1h", "retention": {"days": 1},
    "concurrency": {"limit": 1, "key": "{{ a }}"}, "durability": "none"}, "variables": {"v": 1}, "nodes": [
    {"id": "a", "name": "A", "type": "http", "config": {"url": "u"}, "retry": {"attempts": 2, "delay": "1s", "max_delay": "2s"},
     "timeout": "1s", "on_error": "port", "run": "each", "concurrency": 2, "pinned": [{}], "position": {"x": 1, "y": 2}},
    {"id": "b", "type": "switch", "config": {"rules": [{"port": "p"}, {"port": "q"}]}, "parent": "a", "disabled": true},
    {"id": "c", "type": "conditional", "notes": "n"}, {"id": "d", "type": "start"}], "edges": [
    {"source": "a", "target": "b"}, {"source": "b", "source_port": "p", "target": "c", "condition": "{{ x }}"},
    {"from": "a", "to": "c", "type": "ERROR"}, {"source": "d", "target": "a", "type": "CONDITIONAL", "condition": "y"}],
    "ui": {"notes": [{"id": "m", "text": "t", "x": 1, "y": 2, "width": 100, "height": 100, "colour": "red"}],
           "groups": [{"id": "g", "name": "G", "nodes": ["a", "c"], "colour": "blue"}]}})");
  return document;
}

void check_reading(const Reading& reading) {
  for (const auto& fault : reading.faults) expect(!fault.error.code.empty() && !fault.error.message.empty(), "a fault says nothing", fault.error.at);
  const std::string diagram = write_mermaid(reading.workflow);
  if (!reading.valid()) return;
  const std::string written = write_json(reading.document);
  const auto again = read_document_text(written, TextFormat::json, rules());
  expect(again.reading.valid(), "not valid any more", written);
  expect(write_json(again.reading.document) == written, "changed by writing and reading", written);
  const auto drawn = read_document_text(diagram, TextFormat::mermaid, rules());
  expect(write_json(drawn.reading.document) == written, "changed by drawing and reading", diagram);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  check_reading(read_document_text(text, TextFormat::json, rules()).reading);
  check_reading(read_document_text(text, TextFormat::mermaid, rules()).reading);
  if (text.starts_with('{')) return 0;
  Vandal vandal(text);
  Value document = sound();
  for (int changes = 0; changes < 20 && !vandal.done(); ++changes) document = vandal.change(document);
  check_reading(read_document(document, rules()));
  return 0;
}
