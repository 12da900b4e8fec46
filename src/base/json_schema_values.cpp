// Checking: the rules of single values, arrays and objects.
#include "base/describe.h"
#include "base/json_schema_checker.h"
#include "base/nearest.h"
#include "base/utf8.h"

#include <mbflow/json.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace mbflow::schema {
namespace {

bool has_type(unsigned types, const Value& value) {
  if ((types & type_bit(value.type())) != 0) return true;
  const bool integers = (types & type_bit(Value::Type::integer)) != 0;
  return integers && value.is_number() && value.as_number() == std::floor(value.as_number());  // 1.0 is an integer
}

bool is_less(const Value& a, const Value& b) {
  if (a.is_integer() && b.is_integer()) return a.as_integer() < b.as_integer();
  return a.as_number() < b.as_number();
}

bool is_multiple(const Value& value, const Value& of) {
  if (value.is_integer() && of.is_integer()) return value.as_integer() % of.as_integer() == 0;
  const double times = value.as_number() / of.as_number();
  if (!std::isfinite(times)) return false;
  // Decimal fractions are not exact in binary: 0.0075 is a multiple of 0.0001.
  return std::fabs(times - std::round(times)) <= 1e-9 * std::max(1.0, std::fabs(times));
}

std::string list_choices(const Value& choices) {
  std::string list;
  for (std::size_t i = 0; i < choices.size() && i < 20; ++i) list += (i == 0 ? "" : ", ") + shorten(write_json(choices[i]), 60);
  return choices.size() > 20 ? list + " …" : list;
}

std::string hint_for(const Value& value, const Value& choices) {
  std::vector<std::string_view> words;
  for (const auto& choice : choices.elements()) {
    if (choice.is_string()) words.push_back(choice.as_string());
  }
  return value.is_string() ? did_you_mean(value.as_string(), words) : std::string();
}

std::string known_properties(const ObjectRules& rules, std::string_view wrong) {
  std::vector<std::string_view> names;
  for (const auto& [name, rule] : rules.properties) names.push_back(name);
  if (names.empty()) return "; remove it";
  if (auto hint = did_you_mean(wrong, names); !hint.empty()) return hint;
  std::string list = "; known here: ";
  for (std::size_t i = 0; i < names.size() && i < 20; ++i) list.append(i == 0 ? "" : ", ").append(names[i]);
  return names.size() > 20 ? list + " …" : list;
}

// Equal values have equal texts: members sorted, 1.0 written as 1.
std::string canonical_text(const Value& value) {
  if (!value.is_object() && !value.is_array()) return write_json(value);
  std::vector<std::string> parts;
  for (const auto& [key, member] : value.members()) parts.push_back(write_json(key) + ":" + canonical_text(member));
  std::ranges::sort(parts);
  for (const auto& element : value.elements()) parts.push_back(canonical_text(element));
  std::string text(1, value.is_object() ? '{' : '[');
  for (const auto& part : parts) text.append(part).append(1, ',');
  return text;
}

std::string at_least(std::size_t count, std::string_view noun) {
  return "expected at least " + std::to_string(count) + " " + std::string(noun);
}
std::string at_most(std::size_t count, std::string_view noun) {
  return "expected at most " + std::to_string(count) + " " + std::string(noun);
}

}  // namespace

std::string describe_types(unsigned types) {
  static constexpr std::array<std::pair<Value::Type, std::string_view>, 7> names = {{
      {Value::Type::string, "a string"}, {Value::Type::number, "a number"}, {Value::Type::integer, "an integer"},
      {Value::Type::boolean, "true or false"}, {Value::Type::object, "an object"}, {Value::Type::array, "an array"},
      {Value::Type::null, "null"}}};
  std::string all;
  for (const auto& [type, name] : names) {
    const bool covered = type == Value::Type::integer && (types & type_bit(Value::Type::number)) != 0;
    if ((types & type_bit(type)) != 0 && !covered) all.append(all.empty() ? "" : " or ").append(name);
  }
  return all;
}

bool Checker::plain(const Rule& rule, const Value& value, const Place& place, Faults* faults) {
  if (rule.types != any_type && !has_type(rule.types, value)) {
    const bool duration = rule.text && rule.text->format == "duration";
    const std::string expected = duration ? "a duration such as \"30s\" or \"1h30m\"" : describe_types(rule.types);
    return fault(place, faults, "expected " + expected + ", found " + describe(value));
  }
  if (rule.constant && *rule.constant != value && !has_expression(value)) {
    return fault(place, faults, "expected " + describe(*rule.constant) + ", found " + describe(value));
  }
  if (!rule.choices) return true;
  const auto equal = [&](const Value& choice) { return choice == value; };
  if (std::ranges::any_of(rule.choices->elements(), equal) || has_expression(value)) return true;
  return fault(place, faults, "expected one of " + list_choices(*rule.choices) + ", found " + describe(value) +
                                  hint_for(value, *rule.choices));
}

bool Checker::numbers(const NumberRules& rules, const Value& value, const Place& place, Faults* faults) {
  const auto wrong = [&](std::string_view expected, const Value& limit) {
    return fault(place, faults, "expected a number " + std::string(expected) + " " + describe(limit) + ", found " + describe(value));
  };
  if (!rules.minimum.is_null() && is_less(value, rules.minimum)) return wrong("of at least", rules.minimum);
  if (!rules.maximum.is_null() && is_less(rules.maximum, value)) return wrong("of at most", rules.maximum);
  if (!rules.above.is_null() && !is_less(rules.above, value)) return wrong("above", rules.above);
  if (!rules.below.is_null() && !is_less(value, rules.below)) return wrong("below", rules.below);
  const bool good = rules.multiple_of.is_null() || is_multiple(value, rules.multiple_of);
  return good || wrong("that is a multiple of", rules.multiple_of);
}

bool Checker::text(const TextRules& rules, const Value& value, const Place& place, Faults* faults) {
  const std::string_view text = value.as_string();
  if (rules.length.least || rules.length.most) {
    const std::size_t length = utf8_length(text);
    if (length == 0 && rules.length.least == 1U) return fault(place, faults, "expected a text that is not empty");
    if (rules.length.least && length < *rules.length.least) {
      return fault(place, faults, at_least(*rules.length.least, "characters") + ", found " + std::to_string(length));
    }
    if (rules.length.most && length > *rules.length.most) {
      return fault(place, faults, at_most(*rules.length.most, "characters") + ", found " + std::to_string(length));
    }
  }
  if (!rules.format.empty() && !has_format(rules.format, text)) {
    return fault(place, faults, "expected the format '" + rules.format + "', found " + describe(value));
  }
  if (!rules.pattern) return true;
  const auto answer = rules.pattern->search(text);
  if (answer == Pattern::Answer::matches) return true;
  const bool long_text = answer == Pattern::Answer::too_long;
  return fault(place, faults, long_text ? "this text is too long for the pattern " + rules.pattern->text()
                                        : "expected a text like " + rules.pattern->text() + ", found " + describe(value));
}

bool Checker::array(const ArrayRules& rules, const Value& value, const Place& place, Faults* faults) {
  bool good = true;
  const std::size_t size = value.size();
  if (size == 0 && rules.count.least == 1U) {
    good = fault(place, faults, "expected a list that is not empty");
  } else if (rules.count.least && size < *rules.count.least) {
    good = fault(place, faults, at_least(*rules.count.least, "elements") + ", found " + std::to_string(size));
  }
  if (rules.count.most && size > *rules.count.most) {
    good = fault(place, faults, at_most(*rules.count.most, "elements") + ", found " + std::to_string(size));
  }
  if (rules.unique) good = unique(value, place, faults) && good;
  if (rules.contains) {
    const auto fits = [&](const Value& element) { return holds(*rules.contains, element, place, nullptr); };
    if (!std::ranges::any_of(value.elements(), fits)) {
      good = fault(place, faults, "no element is what the schema wants at least one of");
    }
  }
  return (good || faults) && elements(rules, value, place, faults) && good;
}

bool Checker::elements(const ArrayRules& rules, const Value& value, const Place& place, Faults* faults) {
  bool good = true;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Rule* rule = rules.items;
    if (rules.listed) rule = i < rules.tuple.size() ? rules.tuple[i] : rules.others;
    if (rule) good = holds(*rule, value[i], place.element(i), faults) && good;
    if (!good && !faults) return false;
  }
  return good;
}

bool Checker::unique(const Value& value, const Place& place, Faults* faults) {
  // By text first: comparing each with each would be quadratic. Numbers that are equal are written alike.
  std::vector<std::pair<std::string, std::size_t>> texts;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (has_expression(value[i])) continue;
    texts.emplace_back(canonical_text(value[i]), i);
  }
  std::ranges::sort(texts);
  const auto twice = std::ranges::adjacent_find(texts, {}, &std::pair<std::string, std::size_t>::first);
  if (twice == texts.end()) return true;
  return fault(place.element(std::next(twice)->second), faults,
               "the elements must differ; this one is equal to number " + std::to_string(twice->second));
}

bool Checker::object(const ObjectRules& rules, const Value& value, const Place& place, Faults* faults) {
  bool good = required(rules, value, place, faults);
  if (rules.count.least && value.size() < *rules.count.least) {
    good = fault(place, faults, at_least(*rules.count.least, "properties") + ", found " + std::to_string(value.size()));
  }
  if (rules.count.most && value.size() > *rules.count.most) {
    good = fault(place, faults, at_most(*rules.count.most, "properties") + ", found " + std::to_string(value.size()));
  }
  for (const auto& one : value.members()) {
    if (!good && !faults) return false;
    good = member(rules, one, place, faults) && good;
  }
  if (!good && !faults) return false;
  return dependencies(rules, value, place, faults) && good;
}

bool Checker::required(const ObjectRules& rules, const Value& value, const Place& place, Faults* faults) {
  bool good = true;
  for (const auto& name : rules.required) {
    if (!value.find(name)) good = fault(place.member(name), faults, "'" + shorten(name, 60) + "' is missing; add it");
  }
  return good;
}

bool Checker::member(const ObjectRules& rules, const Member& member, const Place& place, Faults* faults) {
  const std::string_view name = member.key.as_string();
  const Place inside = place.member(name);
  bool good = true;
  bool known = false;
  const auto named = std::ranges::lower_bound(rules.properties, name, {}, [](const auto& p) -> std::string_view { return p.first; });
  if (named != rules.properties.end() && named->first == name) {
    known = true;
    good = holds(*named->second, member.value, inside, faults);
  }
  for (const auto& [pattern, rule] : rules.patterns) {
    if (pattern.search(name) != Pattern::Answer::matches) continue;
    known = true;
    good = holds(*rule, member.value, inside, faults) && good;
  }
  if (rules.names && !holds(*rules.names, member.key, inside, nullptr)) {
    good = fault(inside, faults, "a property of this name is not allowed here");
  }
  if (known || !rules.others) return good;
  if (!rules.others->never) return holds(*rules.others, member.value, inside, faults) && good;
  return fault(inside, faults, "'" + shorten(std::string(name), 60) + "' is not known here" + known_properties(rules, name));
}

bool Checker::dependencies(const ObjectRules& rules, const Value& value, const Place& place, Faults* faults) {
  bool good = true;
  for (const auto& [property, needs, rule] : rules.dependencies) {
    if (!value.find(property)) continue;
    for (const auto& name : needs) {
      if (value.find(name)) continue;
      good = fault(place.member(name), faults, "'" + name + "' is missing; '" + property + "' needs it");
    }
    if (rule) good = holds(*rule, value, place, faults) && good;
  }
  return good;
}

}  // namespace mbflow::schema
