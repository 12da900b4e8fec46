#include "base/yaml.h"

#include "base/utf8.h"
#include "base/yaml_scalar.h"
#include "base/yaml_source.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace mbflow {
namespace {

using YAML::anchor_t;
using YAML::Mark;

// What aliases may add to a document, so that ten lines cannot stand for a billion values.
constexpr std::uint64_t max_alias_nodes = 1000000;
constexpr std::uint64_t max_alias_bytes = std::uint64_t{256} << 20;

constexpr std::string_view tag_prefix = "tag:yaml.org,2002:";

// Thrown by the handler through yaml-cpp, which has no other way to stop; caught in parse_yaml.
struct Fault {
  Error error;
};

std::size_t position(const Mark& mark) { return static_cast<std::size_t>(std::max(mark.pos, 0)); }

// Turns the events of one document into Values, from the bottom up.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(std::string_view text) : text_(text) {}
  Located take() && { return std::move(located_); }

  void OnDocumentStart(const Mark& mark) override {
    if (++documents_ > 1) syntax(mark, "a second document begins here: keep one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const Mark& mark, anchor_t anchor) override {
    if (expects_key()) syntax(mark, "a key is missing, or is null: put it in quotes");
    if (in_block_map() && !is_marked_key(text_, stack_.back().key_at)) syntax(mark, "the colon after a key is missing");
    enter(mark);
    finish(Value(), anchor, 1);
  }

  void OnAlias(const Mark& mark, anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) alias(mark, "an alias inside of what it refers to");
    const Part& part = found->second;
    alias_nodes_ += part.nodes;
    alias_bytes_ += part.value.memory();
    if (alias_nodes_ > max_alias_nodes || alias_bytes_ > max_alias_bytes)
      alias(mark, "aliases make the document too large");
    if (expects_key())
      return take_key(mark, part.value.is_string() ? std::string(part.value.as_string()) : not_text(mark));
    if (static_cast<int>(stack_.size()) + part.value.depth() > Value::max_depth) depth(mark);
    enter(mark);
    finish(part.value, 0, part.nodes);
  }

  void OnScalar(const Mark& mark, const std::string& tag, anchor_t anchor, const std::string& text) override {
    const std::size_t begin = skip_properties(text_, position(mark));
    if (is_quote(text_, begin) && !end_of_quoted(text_, begin))
      syntax(mark, "the closing quote of this text is missing");
    if (!utf8_valid(text)) return take_scalar(mark, tag, anchor, mend_escapes(text));
    take_scalar(mark, tag, anchor, text);
  }

  void OnSequenceStart(const Mark& mark, const std::string& tag, anchor_t anchor, YAML::EmitterStyle::value) override {
    check_tag(mark, tag, "seq");
    open(mark, anchor, Shape::list);
  }
  void OnMapStart(const Mark& mark, const std::string& tag, anchor_t anchor, YAML::EmitterStyle::value style) override {
    check_tag(mark, tag, "map");
    open(mark, anchor, style == YAML::EmitterStyle::Flow ? Shape::flow_map : Shape::block_map);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  enum class Shape : std::uint8_t { list, flow_map, block_map };
  struct Frame {
    Shape shape = Shape::list;
    bool has_key = false;
    anchor_t anchor = 0;
    std::uint64_t nodes = 1;
    Value key;
    std::size_t key_at = 0;  // in the text
    ObjectBuilder members;
    std::vector<Value> elements;
    std::size_t parent_pointer = 0;  // how long the pointer was before the child that is being read
  };
  struct Part {
    Value value;
    std::uint64_t nodes = 0;
  };

  [[nodiscard]] std::string place(const Mark& mark) const { return source_place(text_, position(mark)); }
  [[noreturn]] void syntax(const Mark& mark, std::string_view what) const {
    throw Fault{fail(Kind::invalid, "yaml.syntax", place(mark).append(what)).with_at(pointer_)};
  }
  [[noreturn]] void alias(const Mark& mark, std::string_view what) const {
    throw Fault{fail(Kind::invalid, "yaml.alias", place(mark).append(what)).with_at(pointer_)};
  }
  [[noreturn]] void depth(const Mark& mark) const {
    throw Fault{fail(Kind::invalid, "yaml.depth",
                     place(mark) + "nested deeper than " + std::to_string(Value::max_depth) + " levels")
                    .with_at(pointer_)};
  }
  [[noreturn]] std::string not_text(const Mark& mark) const {
    syntax(mark, "a list or map stands where a key must be a text, or its bracket is never closed");
  }

  [[nodiscard]] bool in_map() const { return !stack_.empty() && stack_.back().shape != Shape::list; }
  [[nodiscard]] bool in_block_map() const { return !stack_.empty() && stack_.back().shape == Shape::block_map; }
  [[nodiscard]] bool expects_key() const { return in_map() && !stack_.back().has_key; }

  void take_scalar(const Mark& mark, const std::string& tag, anchor_t anchor, const std::string& text) {
    if (!expects_key()) {
      enter(mark);
      return finish(resolve(mark, tag, text), anchor, 1);
    }
    if (tag == "?" && text == "<<") alias(mark, "merge keys (<<) are not supported: write the members out");
    if (anchor != 0) anchors_[anchor] = Part{Value(text), 1};
    take_key(mark, text);
  }

  void take_key(const Mark& mark, const std::string& text) {
    Frame& frame = stack_.back();
    if (frame.members.find(text)) {
      throw Fault{fail(Kind::invalid, "yaml.duplicate_key",
                       place(mark) + "the key \"" + text + "\" is already there: keep one of the two")
                      .with_at(pointer_)};
    }
    frame.key = Value(text);
    frame.key_at = position(mark);
    frame.has_key = true;
    descend(text);
    located_.lines.insert_or_assign(pointer_, mark.line + 1);
  }

  void descend(std::string_view token) {
    stack_.back().parent_pointer = pointer_.size();
    pointer_ += '/';
    pointer_ += pointer_escape(token);
  }

  // Before a node that is not a key. The line of a member is its key's, noted already.
  void enter(const Mark& mark) {
    if (in_map()) return;
    if (!stack_.empty()) descend(std::to_string(stack_.back().elements.size()));
    located_.lines.insert_or_assign(pointer_, mark.line + 1);
  }

  void open(const Mark& mark, anchor_t anchor, Shape shape) {
    if (expects_key()) not_text(mark);
    if (static_cast<int>(stack_.size()) >= Value::max_depth) depth(mark);
    enter(mark);
    Frame frame;
    frame.shape = shape;
    frame.anchor = anchor;
    stack_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    Value value = frame.shape == Shape::list ? Value::array(std::move(frame.elements)) : frame.members.build();
    finish(std::move(value), frame.anchor, frame.nodes);
  }

  void finish(Value value, anchor_t anchor, std::uint64_t nodes) {
    if (anchor != 0) anchors_[anchor] = Part{value, nodes};
    if (stack_.empty()) {
      located_.value = std::move(value);
      return;
    }
    Frame& frame = stack_.back();
    frame.nodes += nodes;
    pointer_.resize(frame.parent_pointer);
    if (frame.shape == Shape::list) return frame.elements.push_back(std::move(value));
    frame.members.append(std::move(frame.key), std::move(value));
    frame.has_key = false;
  }

  void check_tag(const Mark& mark, std::string_view tag, std::string_view wanted) const {
    if (tag.empty() || tag == "?" || tag == "!") return;
    if (!tag.starts_with(tag_prefix) || tag.substr(tag_prefix.size()) != wanted)
      syntax(mark, "an unknown tag: remove it");
  }

  // "?" is what yaml-cpp calls an unquoted scalar, "!" a quoted one.
  Value resolve(const Mark& mark, std::string_view tag, const std::string& text) const {
    if (tag == "!") return Value(text);
    const bool standard = tag.starts_with(tag_prefix);
    if (standard) tag.remove_prefix(tag_prefix.size());
    if (standard && tag == "str") return Value(text);
    const ScalarKind kind = scalar_kind(text);
    const bool tagged_right = (tag == "null" && kind == ScalarKind::null) ||
                              (tag == "bool" && kind == ScalarKind::boolean) ||
                              (tag == "int" && kind == ScalarKind::integer) ||
                              (tag == "float" && (kind == ScalarKind::integer || kind == ScalarKind::number));
    if (standard ? !tagged_right : tag != "?")
      syntax(mark, "a tag that is unknown or does not fit its value: remove it");
    const auto value = scalar_value(text);
    if (!value && kind == ScalarKind::not_json)
      syntax(mark, "JSON has no infinity and no NaN: put the word in quotes, or write null");
    if (!value) syntax(mark, "the number is too large: the largest is about 1.8e308");
    return standard && tag == "float" ? Value(value->as_number()) : *value;
  }

  std::string_view text_;
  Located located_;
  std::vector<Frame> stack_;
  std::map<anchor_t, Part> anchors_;
  std::string pointer_;
  std::uint64_t alias_nodes_ = 0;
  std::uint64_t alias_bytes_ = 0;
  int documents_ = 0;
};

// yaml-cpp would replace bad UTF-8 and takes the control character EOT for the end of the text.
Result<void> check_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::size_t length = utf8_sequence(text.substr(at));
    if (length == 0) {
      return fail(Kind::invalid, "yaml.syntax", source_place(text, at) + "not valid UTF-8: save the text as UTF-8");
    }
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r') {
      return fail(Kind::invalid, "yaml.syntax",
                  source_place(text, at) + "a control character: write it as an escape in double quotes");
    }
    at += length;
  }
  return {};
}

Result<Located> parse_checked(std::string_view text) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder(text);
    while (parser.HandleNextDocument(builder)) continue;
    return std::move(builder).take();
  } catch (const Fault& fault) {
    return fault.error;
  } catch (const YAML::DeepRecursion& error) {
    return fail(Kind::invalid, "yaml.depth", source_place(text, position(error.mark)) + "nested too deep");
  } catch (const YAML::Exception& error) {
    return fail(Kind::invalid, "yaml.syntax",
                source_place(text, position(error.mark)) + "this is not YAML: " + error.msg);
  }
}

}  // namespace

Result<Located> parse_yaml(std::string_view text) {
  text = drop_bom(text);
  MBF_CHECK(check_text(text));
  auto located = parse_checked(text);
  if (located.ok() || located.error().code != "yaml.syntax") return located;
  // A thousand brackets that are never closed: yaml-cpp looks for the end first, and only says that there is none.
  if (const auto at = deep_bracket(text, Value::max_depth)) {
    return fail(Kind::invalid, "yaml.depth",
                source_place(text, *at) + "nested deeper than " + std::to_string(Value::max_depth) + " levels");
  }
  return located;
}

}  // namespace mbflow
