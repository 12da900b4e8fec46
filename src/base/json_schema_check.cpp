// Checking: what combines rules. The rules of single values are in json_schema_values.cpp.
#include "base/describe.h"
#include "base/json_schema_checker.h"
#include "base/yaml.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace mbflow::schema {
namespace {

constexpr std::uint64_t most_steps = 5'000'000;
constexpr int deepest = 1000;

// Of the branches that all failed, the one that was probably meant: no other went as far into the value.
const std::vector<SchemaFault>* likely_branch(const std::vector<std::vector<SchemaFault>>& by_branch, std::size_t here) {
  const std::vector<SchemaFault>* likely = nullptr;
  for (const auto& faults : by_branch) {
    const bool refused_here = std::ranges::any_of(faults, [&](const SchemaFault& f) { return f.at.size() == here; });
    if (refused_here || faults.empty()) continue;
    if (likely) return nullptr;
    likely = &faults;
  }
  return likely;
}

std::string describe_branch(const Rule& rule) {
  const Rule* seen = &rule;
  while (seen->ref) seen = seen->ref;
  if (!seen->title.empty()) return seen->title;
  if (seen->types != any_type) return describe_types(seen->types);
  if (seen->constant) return describe(*seen->constant);
  if (!seen->object || seen->object->required.empty()) return {};
  std::string names;
  for (const auto& name : seen->object->required) names += (names.empty() ? "'" : " and '") + name + "'";
  return names;
}

std::string expected_one_of(std::span<const Rule* const> rules) {
  std::vector<std::string> shown;
  for (const Rule* rule : rules) {
    std::string one = describe_branch(*rule);
    if (one.empty()) return "expected one of the allowed forms";
    if (std::ranges::find(shown, one) == shown.end()) shown.push_back(std::move(one));
  }
  std::string all = "expected ";
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (i > 0) all += i + 1 == shown.size() ? " or " : ", ";
    all += shown[i];
  }
  return all;
}

}  // namespace

std::string Place::pointer() const {
  std::vector<const Place*> chain;
  for (const Place* place = this; place->parent; place = place->parent) chain.push_back(place);
  std::string pointer;
  for (const Place* place : chain | std::views::reverse) {
    pointer += '/';
    pointer += place->in_array ? std::to_string(place->index) : pointer_escape(place->key);
  }
  return pointer;
}

bool Checker::fault(const Place& place, Faults* faults, std::string message) {
  if (faults && faults->size() < most_faults) faults->push_back({place.pointer(), std::move(message)});
  return false;
}

bool Checker::is_expression(const Value& value) const {
  return templates_ && value.is_string() && value.as_string().find("{{") != std::string_view::npos;
}

bool Checker::has_expression(const Value& value) {
  if (!templates_) return false;
  std::vector<const Value*> open{&value};
  while (!open.empty()) {
    const Value* next = open.back();
    open.pop_back();
    if (is_expression(*next)) return true;
    for (const auto& element : next->elements()) open.push_back(&element);
    for (const auto& member : next->members()) open.push_back(&member.value);
  }
  return false;
}

bool Checker::holds(const Rule& rule, const Value& value, const Place& place, Faults* faults) {
  if (faults && faults->size() >= most_faults) return false;
  if (++steps_ > most_steps) return fault(place, faults, "the schema needs too many steps here; make it simpler");
  if (depth_ >= deepest) return fault(place, faults, "the schema is nested too deeply here; make it simpler");
  ++depth_;
  const bool templates = std::exchange(templates_, templates_ && !rule.literal);  // for all that is below, too
  const Value* literal = templates_ && value.size() == 1 ? value.find("$literal") : nullptr;
  const bool good = literal ? Checker(false).holds(rule, *literal, place.member("$literal"), faults)
                            : holds_here(rule, value, place, faults);
  templates_ = templates;
  --depth_;
  return good;
}

bool Checker::holds_here(const Rule& rule, const Value& value, const Place& place, Faults* faults) {
  if (rule.ref) return holds(*rule.ref, value, place, faults);
  if (rule.never) return fault(place, faults, "nothing is allowed here; remove it");
  if (is_expression(value) || (templates_ && rule.path && value.is_string())) {
    unsure_ = true;
    return true;
  }
  bool good = plain(rule, value, place, faults);
  if (good && rule.number && value.is_number()) good = numbers(*rule.number, value, place, faults);
  if (good && rule.text && value.is_string()) good = text(*rule.text, value, place, faults);
  if (!good) return false;  // further words about the same value would only repeat it
  if (rule.array && value.is_array()) good = array(*rule.array, value, place, faults);
  if (!good && !faults) return false;
  if (rule.object && value.is_object()) good = object(*rule.object, value, place, faults);
  if (!good && !faults) return false;
  return !rule.combined ? good : combined(*rule.combined, value, place, faults) && good;
}

bool Checker::holds_unsurely(const Rule& rule, const Value& value, const Place& place, bool& unsure) {
  const bool before = std::exchange(unsure_, false);
  const bool good = holds(rule, value, place, nullptr);
  unsure = unsure_;
  unsure_ |= before;
  return good;
}

bool Checker::combined(const Combined& rules, const Value& value, const Place& place, Faults* faults) {
  bool good = true;
  for (const Rule* rule : rules.all_of) {
    good = holds(*rule, value, place, faults) && good;
    if (!good && !faults) return false;
  }
  if (!rules.any_of.empty()) good = any_of(rules.any_of, value, place, faults) && good;
  if (!rules.one_of.empty()) good = one_of(rules.one_of, value, place, faults) && good;
  if (rules.if_) good = conditional(rules, value, place, faults) && good;
  bool unsure = false;
  if (rules.not_ && holds_unsurely(*rules.not_, value, place, unsure) && !unsure) {
    const std::string what = describe_branch(*rules.not_);
    good = fault(place, faults, "not allowed here: " + (what.empty() ? describe(value) : what));
  }
  return good;
}

bool Checker::conditional(const Combined& rules, const Value& value, const Place& place, Faults* faults) {
  bool unsure = false;
  const bool condition = holds_unsurely(*rules.if_, value, place, unsure);
  const Rule* branch = condition ? rules.then_ : rules.else_;
  return !branch || unsure || holds(*branch, value, place, faults);
}

bool Checker::any_of(std::span<const Rule* const> rules, const Value& value, const Place& place, Faults* faults) {
  std::vector<Faults> by_branch;
  for (const Rule* rule : rules) {
    if (holds(*rule, value, place, faults ? &by_branch.emplace_back() : nullptr)) return true;
  }
  return no_branch(rules, std::move(by_branch), value, place, faults);
}

bool Checker::one_of(std::span<const Rule* const> rules, const Value& value, const Place& place, Faults* faults) {
  std::size_t sure = 0;
  std::size_t any = 0;
  for (const Rule* rule : rules) {
    bool unsure = false;
    if (!holds_unsurely(*rule, value, place, unsure)) continue;
    ++any;
    if (!unsure) ++sure;
  }
  if (sure > 1) return fault(place, faults, "more than one of the allowed forms fits; keep only one of them");
  if (any > 0) return true;
  std::vector<Faults> by_branch;
  for (const Rule* rule : rules) {
    if (faults) holds(*rule, value, place, &by_branch.emplace_back());
  }
  return no_branch(rules, std::move(by_branch), value, place, faults);
}

bool Checker::no_branch(std::span<const Rule* const> rules, std::vector<Faults> by_branch, const Value& value,
                        const Place& place, Faults* faults) {
  if (!faults) return false;
  if (const Faults* likely = likely_branch(by_branch, place.pointer().size())) {
    for (const auto& one : *likely) {
      if (faults->size() < most_faults) faults->push_back(one);
    }
    return false;
  }
  return fault(place, faults, expected_one_of(rules) + ", found " + describe(value));
}

std::vector<SchemaFault> check(const Compiled& compiled, const Value& instance, bool templates) {
  std::vector<SchemaFault> faults;
  Checker(templates).holds(*compiled.root, instance, Place{}, &faults);
  return faults;
}

}  // namespace mbflow::schema
