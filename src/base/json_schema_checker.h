// One check of one instance. Internal to json_schema*.cpp.
#pragma once

#include "base/json_schema_rules.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::schema {

// A place in the instance, as a chain on the stack: its pointer is only spelled out for a fault.
struct Place {
  const Place* parent = nullptr;
  std::string_view key;
  std::size_t index = 0;
  bool in_array = false;
  [[nodiscard]] Place member(std::string_view name) const { return {this, name, 0, false}; }
  [[nodiscard]] Place element(std::size_t position) const { return {this, {}, position, true}; }
  [[nodiscard]] std::string pointer() const;
};

class Checker {
 public:
  using Faults = std::vector<SchemaFault>;
  explicit Checker(bool templates) : templates_(templates) {}

  // True: `value` keeps to `rule`. Faults are collected if asked for; otherwise the first one ends the check.
  bool holds(const Rule& rule, const Value& value, const Place& place, Faults* faults);
  static constexpr std::size_t most_faults = 100;

 private:
  bool holds_here(const Rule& rule, const Value& value, const Place& place, Faults* faults);
  bool plain(const Rule& rule, const Value& value, const Place& place, Faults* faults);
  bool numbers(const NumberRules& rules, const Value& value, const Place& place, Faults* faults);
  bool text(const TextRules& rules, const Value& value, const Place& place, Faults* faults);
  bool object(const ObjectRules& rules, const Value& value, const Place& place, Faults* faults);
  bool required(const ObjectRules& rules, const Value& value, const Place& place, Faults* faults);
  bool dependencies(const ObjectRules& rules, const Value& value, const Place& place, Faults* faults);
  bool member(const ObjectRules& rules, const Member& member, const Place& place, Faults* faults);
  bool array(const ArrayRules& rules, const Value& value, const Place& place, Faults* faults);
  bool elements(const ArrayRules& rules, const Value& value, const Place& place, Faults* faults);
  bool unique(const Value& value, const Place& place, Faults* faults);
  bool combined(const Combined& rules, const Value& value, const Place& place, Faults* faults);
  bool any_of(std::span<const Rule* const> rules, const Value& value, const Place& place, Faults* faults);
  bool one_of(std::span<const Rule* const> rules, const Value& value, const Place& place, Faults* faults);
  bool conditional(const Combined& rules, const Value& value, const Place& place, Faults* faults);
  bool no_branch(std::span<const Rule* const> rules, std::vector<Faults> by_branch, const Value& value,
                 const Place& place, Faults* faults);
  // Whether the verdict hung on an expression whose value is not known yet.
  bool holds_unsurely(const Rule& rule, const Value& value, const Place& place, bool& unsure);
  [[nodiscard]] bool is_expression(const Value& value) const;
  [[nodiscard]] bool has_expression(const Value& value);

  static bool fault(const Place& place, Faults* faults, std::string message);

  bool templates_;
  bool unsure_ = false;
  std::uint64_t steps_ = 0;
  int depth_ = 0;
};

}  // namespace mbflow::schema
