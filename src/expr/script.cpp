#include "expr/script.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <utility>

namespace mbflow::expr {
namespace {

using Kind = Token::Kind;

constexpr std::array<std::string_view, param_count> param_names = {"$slot",  "$json",      "$index",    "$vars",
                                                                   "$env",   "$execution", "$workflow", "$trigger",
                                                                   "$input", "$",          "$now",      "$today"};
constexpr std::array<std::string_view, 16> assignments = {
    "=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=", "&=", "|=", "^=", "&&=", "||=", "\?\?="};

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

class Writer {
 public:
  Writer(std::string_view source, const std::vector<Token>& tokens, const ScriptOptions& options)
      : source_(source), tokens_(tokens), options_(options), optional_(tokens.size()), slot_at_(tokens.size()) {}

  Script run() {
    match_brackets();
    for (std::size_t i = 0; i < tokens_.size(); ++i) visit(i);
    find_roots();
    script_.id = next_id();
    write();
    return std::move(script_);
  }

 private:
  struct Use {
    Path path;
    std::size_t begin, end;  // tokens
  };

  [[nodiscard]] std::string_view text(std::size_t at) const {
    return at < tokens_.size() ? tokens_[at].text(source_) : std::string_view();
  }
  [[nodiscard]] bool is(std::size_t at, Kind kind) const { return at < tokens_.size() && tokens_[at].kind == kind; }
  [[nodiscard]] bool is_sign(std::size_t at, std::string_view sign) const {
    return is(at, Kind::punctuator) && text(at) == sign;
  }
  [[nodiscard]] bool is_template(std::size_t at) const {
    return is(at, Kind::whole_template) || is(at, Kind::template_open);
  }
  [[nodiscard]] bool is_assignment(std::size_t at) const {
    if (!is(at, Kind::punctuator)) return false;
    return text(at) == "++" || text(at) == "--" || std::ranges::find(assignments, text(at)) != assignments.end();
  }
  [[nodiscard]] bool is_name_after_point(std::size_t at) const {
    return at > 0 && (is_sign(at - 1, ".") || is_sign(at - 1, "?."));
  }
  // Brackets and templates continue the operand before them; a word or literal always begins one.
  [[nodiscard]] bool starts_operand(std::size_t at) const {
    const bool bracket = is_sign(at, "(") || is_sign(at, "[") || is_sign(at, "{");
    if (bracket || is_template(at)) return at == 0 || !ends_operand(tokens_[at - 1], source_);
    return tokens_[at].kind <= Kind::regex && !is_name_after_point(at);
  }

  void match_brackets() {
    match_.resize(tokens_.size());
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      match_[i] = i;
      const bool opens = is(i, Kind::template_open) || is_sign(i, "(") || is_sign(i, "[") || is_sign(i, "{");
      const bool closes = is(i, Kind::template_close) || is_sign(i, ")") || is_sign(i, "]") || is_sign(i, "}");
      if (opens) open.push_back(i);
      if (!closes || open.empty()) continue;
      match_[open.back()] = i;
      open.pop_back();
    }
  }

  // A chain is an operand and the accesses and calls that follow it.
  void visit(std::size_t begin) {
    if (!starts_operand(begin)) return;
    std::vector<std::size_t> accesses;
    const std::string_view first = text(begin);
    const bool constructs = begin > 0 && text(begin - 1) == "new";
    const bool keyword = first == "super" || first == "import" || first == "new";
    bool free = !constructs && !keyword;  // `new a.b()` may not be `new a?.b()`; after its arguments it is free
    std::size_t at = match_[begin] + 1;
    for (; at < tokens_.size(); ++at) {
      if (is_sign(at, ".") || is_sign(at, "?.")) {
        if (free && is_sign(at, ".")) accesses.push_back(at);
        if (!is_sign(at + 1, "(") && !is_sign(at + 1, "["))
          ++at;
        else if (is_sign(at + 1, "["))
          at = match_[at + 1];
      } else if (is_sign(at, "[")) {
        if (free) accesses.push_back(at);
        at = match_[at];
      } else if (is_sign(at, "(")) {
        at = match_[at];
        free = free || constructs;
      } else {
        break;
      }
    }
    if (is_assignment(at) || is_template(at)) return;
    for (const std::size_t access : accesses) optional_[access] = true;
  }

  void find_roots() {
    std::vector<Use> uses;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const auto param = is(i, Kind::name) && !is_name_after_point(i) ? param_of(text(i)) : std::nullopt;
      if (!param) continue;
      auto parsed = options_.slots ? parse_path(source_, tokens_, i) : std::nullopt;
      const bool plain =
          parsed && (!parsed->path.steps.empty() || parsed->path.pick != Pick::whole) && !changes(i, parsed->next);
      if (!plain)
        script_.wanted |= 1U << *param;
      else
        uses.push_back({std::move(parsed->path), i, parsed->next});
    }
    std::erase_if(uses, [&](const Use& use) { return (script_.wanted & (1U << *param_of(text(use.begin)))) != 0; });
    choose_slots(uses);
  }

  // The chain is assigned to, deleted or counted up: it must stay what the author wrote.
  [[nodiscard]] bool changes(std::size_t begin, std::size_t next) const {
    if (is_assignment(next)) return true;
    return begin > 0 && (text(begin - 1) == "delete" || text(begin - 1) == "++" || text(begin - 1) == "--");
  }

  // Of two paths where one leads into the other only the shorter is fetched, so that no object is seen as two copies.
  void choose_slots(std::vector<Use>& uses) {
    for (Use& use : uses) {
      const Use* shortest = &use;
      for (const Use& other : uses) {
        if (other.path.is_prefix_of(use.path) && other.path.steps.size() < shortest->path.steps.size())
          shortest = &other;
      }
      const std::size_t dropped = use.path.steps.size() - shortest->path.steps.size();
      slot_at_[use.begin] = {slot_of(shortest->path), step_end(use, dropped)};
    }
  }

  std::size_t slot_of(const Path& path) {
    const auto found = std::ranges::find(script_.slots, path);
    if (found != script_.slots.end()) return static_cast<std::size_t>(found - script_.slots.begin());
    script_.slots.push_back(path);
    return script_.slots.size() - 1;
  }

  // The token at which the last `dropped` steps of a use begin.
  [[nodiscard]] std::size_t step_end(const Use& use, std::size_t dropped) const {
    std::size_t end = use.end;
    for (; dropped > 0; --dropped) {
      if (is_sign(end - 1, "]"))
        end = is_sign(end - 4, "?.") ? end - 4 : end - 3;
      else
        end -= 2;
    }
    return end;
  }

  static std::optional<std::size_t> param_of(std::string_view name) {
    const auto found = std::ranges::find(param_names, name);
    if (found == param_names.end() || found == param_names.begin()) return std::nullopt;
    return static_cast<std::size_t>(found - param_names.begin());
  }

  void write() {
    std::string& out = script_.source;
    out = "(function(";
    for (std::size_t i = 0; i < param_count; ++i) out.append(i == 0 ? "" : ",").append(param_names[i]);
    out += "){\"use strict\";return(\n";
    std::size_t copied = 0;
    const auto copy_to = [&](std::size_t end) { out.append(source_.substr(copied, end - copied)), copied = end; };
    for (std::size_t i = 0; i < tokens_.size();) {
      copy_to(tokens_[i].begin);
      if (slot_at_[i]) {
        out.append("$slot(").append(std::to_string(slot_at_[i]->slot)).append(")");
        i = slot_at_[i]->next;
        copied = tokens_[i - 1].end;
        continue;
      }
      if (options_.optional && optional_[i]) {
        out += "?.";
        copied += text(i) == "." ? 1 : 0;
      }
      ++i;
    }
    copy_to(tokens_.empty() ? source_.size() : tokens_.back().end);
    out += "\n)})";
  }

  struct SlotUse {
    std::size_t slot, next;
  };
  std::string_view source_;
  const std::vector<Token>& tokens_;
  ScriptOptions options_;
  std::vector<std::size_t> match_;
  std::vector<bool> optional_;
  std::vector<std::optional<SlotUse>> slot_at_;
  Script script_;
};

}  // namespace

std::string_view param_name(std::size_t param) { return param_names[param]; }

Script write_script(std::string_view source, const std::vector<Token>& tokens, const ScriptOptions& options) {
  return Writer(source, tokens, options).run();
}

}  // namespace mbflow::expr
