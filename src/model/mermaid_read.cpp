#include "model/mermaid.h"

#include <mbflow/json.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_map>

namespace mbflow {
namespace {

constexpr std::array<std::string_view, 5> yes = {"yes", "true", "да", "y", "ok"};
constexpr std::array<std::string_view, 4> no = {"no", "false", "нет", "n"};

bool is_among(const auto& words, std::string text) {
  for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::ranges::find(words, text) != words.end();
}

// The braces of a remark; see write_mermaid().
std::string unveiled(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto rest = text.substr(i);
    if (rest.starts_with("#123;")) out += '{', i += 4;
    else if (rest.starts_with("#125;")) out += '}', i += 4;
    else if (rest.starts_with("#35;")) out += '#', i += 3;
    else out += text[i];
  }
  return out;
}

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

struct Label {
  std::string port, condition, target_port;
};

// As write_mermaid() writes it: [port][: condition][ -> port of the target]
Label read_label(std::string_view text) {
  Label label;
  const auto arrow = text.starts_with("-> ") ? 0 : text.rfind(" -> ");
  if (arrow != std::string_view::npos && text.find('}', arrow) == std::string_view::npos) {
    label.target_port = text.substr(text.find("-> ", arrow) + 3);
    text = text.substr(0, arrow);
  }
  const auto expression = text.find("{{");
  if (expression != std::string_view::npos) {
    label.condition = text.substr(expression);
    text = text.substr(0, expression);
    if (text.ends_with(": ")) text.remove_suffix(2);
  }
  label.port = text;
  return label;
}

class Importer {
 public:
  explicit Importer(Diagram diagram) : diagram_(std::move(diagram)), facts_(diagram_.nodes.size()) {}

  Result<Located> import() {
    MBF_TRY(const Value about, remark("workflow"));
    for (std::size_t i = 0; i < diagram_.nodes.size(); ++i) {
      auto& fact = facts_[i];
      MBF_TRY(fact.remark, remark(diagram_.nodes[i].id));
      fact.id = fact.remark["id"].is_string() ? fact.remark["id"].as_string() : diagram_.nodes[i].id;
      places_.emplace(diagram_.nodes[i].id, i);
    }
    order_.resize(facts_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    // Ours is drawn with bodies inside, whatever the order of the nodes; their numbers tell it.
    if (about.size() > 0) std::ranges::stable_sort(order_, {}, [this](std::size_t i) { return std::pair(diagram_.nodes[i].id.size(), diagram_.nodes[i].id); });
    find_bodies();
    find_ways();
    ObjectBuilder out;
    if (!about.find("name")) out.append("name", "Diagram");
    for (const auto& member : about.members()) out.append(member.key, member.value);
    out.append("nodes", nodes());
    out.append("edges", edges());
    if (Value groups = frames(); groups.size() > 0 && !about.find("ui")) out.append("ui", Value::object({{"groups", std::move(groups)}}));
    located_.value = out.build();
    return std::move(located_);
  }

 private:
  struct Fact {
    std::string id;
    Value remark;
    std::string notes;
    std::vector<std::string> ways;  // ports of one that decides, made from the texts of its links
    bool by_yes_or_no = true;
  };

  Result<Value> remark(std::string_view id) {
    const auto found = diagram_.remarks.find(id);
    if (found == diagram_.remarks.end() || !found->second.text.starts_with("#123;")) return Value::object();
    JsonOptions strict;
    strict.reject_duplicate_keys = true;
    auto value = parse_json(unveiled(found->second.text), strict);
    if (value) return value;
    return fail(Kind::invalid, "mermaid.syntax",
                "line " + std::to_string(found->second.line) + ": the remark on '" + std::string(id) + "' is not what it was written as; remove it or restore it");
  }

  // A subgraph "body3" is the body of the node n3, as we draw it.
  void find_bodies() {
    owners_.resize(diagram_.frames.size());
    for (std::size_t i = 0; i < owners_.size(); ++i) {
      const std::string_view id = diagram_.frames[i].id;
      const auto owner = id.starts_with("body") ? places_.find("n" + std::string(id.substr(4))) : places_.end();
      if (owner != places_.end()) owners_[i] = facts_[owner->second].id;
    }
  }

  [[nodiscard]] bool decides(std::size_t node) const { return diagram_.nodes[node].asks && diagram_.nodes[node].small.empty(); }

  // Links with texts out of a rhombus of somebody else's are its ways; texts on other links have no meaning here and are kept as notes.
  void find_ways() {
    for (const auto& link : diagram_.links) {
      auto& source = facts_[link.source];
      if (decides(link.source)) source.by_yes_or_no &= is_among(yes, link.text) || is_among(no, link.text);
      else if (diagram_.nodes[link.source].small.empty() && !link.text.empty()) add_note(facts_[link.target], "From " + one_line(diagram_.nodes[link.source].text) + ": " + one_line(link.text));
    }
    for (const auto& link : diagram_.links) {
      if (decides(link.source) && !facts_[link.source].by_yes_or_no) add_way(facts_[link.source], port_of(link));
    }
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      if (decides(i)) add_note(facts_[i], "From a diagram: write the condition that it asks for.");
    }
  }

  static void add_note(Fact& fact, const std::string& text) { fact.notes += (fact.notes.empty() ? "" : "\n") + text; }

  static void add_way(Fact& fact, std::string port) {
    constexpr std::size_t most = 100;  // rules of a switch
    if (fact.ways.size() < most && std::ranges::find(fact.ways, port) == fact.ways.end()) fact.ways.push_back(std::move(port));
  }

  [[nodiscard]] std::string port_of(const Diagram::Link& link) const {
    if (facts_[link.source].by_yes_or_no) return is_among(yes, link.text) ? "true" : "false";
    std::string port;
    for (const char c : link.text) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (plain || (c == ' ' && !port.empty() && port.back() != '_')) port += plain ? c : '_';
    }
    const bool fits = !port.empty() && port != "error" && port.size() <= 64;
    return fits ? port : "to_" + std::to_string(link.target + 1);
  }

  [[nodiscard]] Value config_of(std::size_t node) const {
    const auto& fact = facts_[node];
    if (!decides(node)) return {};
    if (fact.by_yes_or_no) return Value::object({{"condition", "{{ false }}"}});
    std::vector<Value> rules;
    for (const auto& way : fact.ways) rules.push_back(Value::object({{"port", way}, {"when", "{{ false }}"}}));
    return Value::object({{"rules", Value::array(std::move(rules))}});
  }

  // Names are unique in a workflow, texts of a diagram are not.
  std::string name_of(std::size_t node) {
    std::string name = one_line(diagram_.nodes[node].text);
    for (int& times = names_[name]; ++times > 1;) {
      std::string next = name + " " + std::to_string(times);
      if (names_.emplace(next, 1).second) return next;
    }
    return name;
  }

  Value nodes() {
    std::vector<Value> list;
    for (const auto i : order_) {
      const auto& drawn = diagram_.nodes[i];
      const auto& fact = facts_[i];
      ObjectBuilder out;
      out.append("id", fact.id);
      out.append("name", name_of(i));
      out.append("type", !drawn.small.empty() ? drawn.small : !decides(i) ? "noop" : fact.by_yes_or_no ? "conditional" : "switch");
      if (Value config = config_of(i); config.is_object()) out.append("config", std::move(config));
      for (const auto& member : fact.remark.members()) {
        if (member.key.as_string() != "id") out.append(member.key, member.value);
      }
      if (drawn.frame != 0 && !owners_[drawn.frame - 1].empty()) out.append("parent", owners_[drawn.frame - 1]);
      if (drawn.disabled) out.append("disabled", true);
      if (!fact.notes.empty() && !fact.remark.find("notes")) out.append("notes", fact.notes);
      located_.lines["/nodes/" + std::to_string(list.size())] = drawn.line;
      list.push_back(out.build());
    }
    return Value::array(std::move(list));
  }

  Value edges() {
    std::vector<Value> list;
    for (const auto& link : diagram_.links) {
      Label label;
      if (decides(link.source)) label.port = port_of(link);
      else if (!diagram_.nodes[link.source].small.empty()) label = read_label(link.text);
      ObjectBuilder out;
      out.append("source", facts_[link.source].id);
      if (!label.port.empty()) out.append("source_port", label.port);
      out.append("target", facts_[link.target].id);
      if (!label.target_port.empty()) out.append("target_port", label.target_port);
      if (!label.condition.empty()) out.append("condition", label.condition);
      located_.lines["/edges/" + std::to_string(list.size())] = link.line;
      list.push_back(out.build());
    }
    return Value::array(std::move(list));
  }

  Value frames() {
    std::vector<std::vector<Value>> members(diagram_.frames.size());
    for (std::size_t node = 0; node < facts_.size(); ++node) {
      if (const auto frame = diagram_.nodes[node].frame; frame != 0) members[frame - 1].emplace_back(facts_[node].id);
    }
    std::vector<Value> list;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!owners_[i].empty() || members[i].empty()) continue;
      list.push_back(Value::object({{"id", "group" + std::to_string(i + 1)}, {"name", one_line(diagram_.frames[i].title)}, {"nodes", Value::array(std::move(members[i]))}}));
    }
    return Value::array(std::move(list));
  }

  Diagram diagram_;
  std::vector<Fact> facts_;
  std::vector<std::size_t> order_;  // of the nodes in the document
  std::map<std::string, std::size_t> places_;
  std::vector<std::string> owners_;  // of frames that are bodies: the ids of their loops
  std::unordered_map<std::string, int> names_;  // how often each was wanted
  Located located_;
};

}  // namespace

Result<Located> parse_mermaid(std::string_view text) {
  MBF_TRY(auto diagram, parse_diagram(text));
  return Importer(std::move(diagram)).import();
}

}  // namespace mbflow
