#include "expr/path.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace mbflow::expr {
namespace {

using Kind = Token::Kind;

constexpr std::array<std::string_view, 9> root_names = {"json",     "index",   "vars",  "env", "execution",
                                                        "workflow", "trigger", "input", "node"};

class PathParser {
 public:
  PathParser(std::string_view source, const std::vector<Token>& tokens, std::size_t at)
      : source_(source), tokens_(tokens), at_(at) {}

  std::optional<ParsedPath> run() {
    if (!read_root()) return std::nullopt;
    const bool list = path_.root == Root::input || path_.root == Root::node;
    if (list && !read_pick()) return std::nullopt;
    while (read_step()) {
    }
    return ParsedPath{std::move(path_), at_};
  }

 private:
  [[nodiscard]] std::string_view text(std::size_t at) const {
    return at < tokens_.size() ? tokens_[at].text(source_) : std::string_view();
  }
  [[nodiscard]] bool is(std::size_t at, Kind kind) const { return at < tokens_.size() && tokens_[at].kind == kind; }
  [[nodiscard]] bool is_point(std::size_t at) const {
    return is(at, Kind::punctuator) && (text(at) == "." || text(at) == "?.");
  }
  // A template after an operand calls it, as `(` does.
  [[nodiscard]] bool is_call(std::size_t at) const {
    if (is(at, Kind::whole_template) || is(at, Kind::template_open)) return true;
    return is(at, Kind::punctuator) && (text(at) == "(" || (text(at) == "?." && text(at + 1) == "("));
  }

  bool read_root() {
    if (!is(at_, Kind::name) || (at_ > 0 && is_point(at_ - 1))) return false;
    if (text(at_) == "$") return read_node();
    const auto root = root_named(text(at_));
    if (!root) return false;
    path_.root = *root;
    ++at_;
    return true;
  }

  // $('Name')
  bool read_node() {
    if (text(at_ + 1) != "(" || !is(at_ + 2, Kind::string) || text(at_ + 3) != ")") return false;
    auto name = string_token(text(at_ + 2));
    if (!name) return false;
    path_.root = Root::node;
    path_.node = *std::move(name);
    at_ += 4;
    return true;
  }

  // .item  .first()  .last()  .all()
  bool read_pick() {
    if (!is_point(at_) || !is(at_ + 1, Kind::name)) return false;
    const std::string_view name = text(at_ + 1);
    if (name == "item" && !is_call(at_ + 2)) {
      path_.pick = Pick::item;
      at_ += 2;
      return true;
    }
    if (text(at_ + 2) != "(" || text(at_ + 3) != ")" || is_call(at_ + 4)) return false;
    if (name != "first" && name != "last" && name != "all") return false;
    path_.pick = name == "first" ? Pick::first : name == "last" ? Pick::last : Pick::all;
    at_ += 4;
    return true;
  }

  bool read_step() {
    if (is_point(at_) && is(at_ + 1, Kind::name)) {
      const std::string_view name = text(at_ + 1);
      if (name.find('\\') != std::string_view::npos || is_call(at_ + 2)) return false;
      return take(std::string(name), 2);
    }
    const std::size_t bracket = text(at_) == "?." ? at_ + 1 : at_;
    if (!is(bracket, Kind::punctuator) || text(bracket) != "[" || text(bracket + 2) != "]" || is_call(bracket + 3))
      return false;
    const std::size_t width = bracket + 3 - at_;
    if (is(bracket + 1, Kind::string)) {
      auto key = string_token(text(bracket + 1));
      return key && take(*std::move(key), width);
    }
    if (!is(bracket + 1, Kind::number)) return false;
    Step step = make_step(std::string(text(bracket + 1)));
    return step.index != Step::no_index && take(std::move(step.key), width);
  }

  bool take(std::string key, std::size_t width) {
    path_.steps.push_back(make_step(std::move(key)));
    at_ += width;
    return true;
  }

  std::string_view source_;
  const std::vector<Token>& tokens_;
  std::size_t at_;
  Path path_;
};

std::optional<char> escaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case '\\':
    case '\'':
    case '"':
    case '`':
    case '/':
    case '$':
    case '{':
    case '}':
      return c;
    default:
      return std::nullopt;
  }
}

Error path_error(std::string_view text, std::string_view why) {
  return fail(mbflow::Kind::invalid, "expr.path",
              "'" + std::string(text.substr(0, 80)) + "' is not a path: " + std::string(why) +
                  R"(; write it like user.emails[0] or ['odd key'].x)");
}

// What is inside one [ ]: an index or a quoted key. `at` is past the opening bracket; leaves it past the closing one.
Result<Step> bracket_step(std::string_view text, std::size_t& at) {
  const char quote = at < text.size() ? text[at] : '\0';
  std::size_t end = at;
  if (quote == '\'' || quote == '"') {
    for (end = at + 1; end < text.size() && text[end] != quote;) end += text[end] == '\\' ? 2 : 1;
    if (end >= text.size()) return path_error(text, "a quote is never closed");
    auto key = string_token(text.substr(at, ++end - at));
    if (!key || end >= text.size() || text[end] != ']')
      return path_error(text, "a key in brackets must end with a quote and ]");
    at = end + 1;
    return make_step(*std::move(key));
  }
  end = text.find(']', at);
  if (end == std::string_view::npos) return path_error(text, "a bracket is never closed");
  Step step = make_step(std::string(text.substr(at, end - at)));
  if (step.index == Step::no_index) return path_error(text, "brackets hold a position from 0 or a quoted key");
  at = end + 1;
  return step;
}

// "$.a" and "$json.a" mean the same as "a".
std::size_t skip_data_root(std::string_view text) {
  const std::size_t end = std::min(text.find_first_of(".["), text.size());
  return text.substr(0, end) == "$" || text.substr(0, end) == "$json" ? end : 0;
}

}  // namespace

std::optional<Root> root_named(std::string_view name) {
  if (!name.starts_with('$')) return std::nullopt;
  for (std::size_t i = 0; i + 1 < root_names.size(); ++i) {  // $('node') is not a name
    if (root_names[i] == name.substr(1)) return static_cast<Root>(i);
  }
  return std::nullopt;
}

std::string_view name_of(Root root) { return root_names[static_cast<std::size_t>(root)]; }

std::optional<std::string> string_token(std::string_view quoted) {
  std::string text;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] != '\\') {
      text += quoted[i];
      continue;
    }
    const auto c = escaped(quoted[++i]);
    if (!c) return std::nullopt;
    text += *c;
  }
  return text;
}

std::optional<ParsedPath> parse_path(std::string_view source, const std::vector<Token>& tokens, std::size_t at) {
  return PathParser(source, tokens, at).run();
}

Result<Path> parse_data_path(std::string_view text) {
  Path path{.data_only = true};
  std::size_t at = skip_data_root(text);
  const bool rooted = at > 0;
  while (at < text.size()) {
    if (text[at] == '[') {
      ++at;
      MBF_TRY(Step step, bracket_step(text, at));
      path.steps.push_back(std::move(step));
      continue;
    }
    if (text[at] == '.')
      ++at;
    else if (rooted || !path.steps.empty())
      return path_error(text, "after ] comes a point or another [");
    const std::size_t end = std::min(text.find_first_of(".[", at), text.size());
    if (end == at) return path_error(text, "a name is missing between two points");
    path.steps.push_back(make_step(std::string(text.substr(at, end - at))));
    at = end;
  }
  if (path.steps.empty() && !rooted) return path_error(text, "it is empty");
  return path;
}

}  // namespace mbflow::expr
