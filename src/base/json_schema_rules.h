// A JSON Schema as compiled: one Rule a subschema. Internal to json_schema*.cpp.
#pragma once

#include "base/json_schema_pattern.h"

#include <mbflow/json_schema.h>
#include <mbflow/result.h>
#include <mbflow/value.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mbflow::schema {

struct Rule;

struct Bounds {
  std::optional<std::size_t> least;
  std::optional<std::size_t> most;
};

// What must also hold when a property is present.
struct Dependency {
  std::string property;
  std::vector<std::string> needs;
  const Rule* rule = nullptr;
};

struct ObjectRules {
  Bounds count;
  std::vector<std::string> required;
  std::vector<std::pair<std::string, const Rule*>> properties;  // sorted by name
  std::vector<std::pair<Pattern, const Rule*>> patterns;
  std::vector<Dependency> dependencies;
  const Rule* others = nullptr;  // additionalProperties
  const Rule* names = nullptr;
};

struct ArrayRules {
  Bounds count;
  const Rule* items = nullptr;
  std::vector<const Rule*> tuple;
  bool listed = false;           // `items` is a list: additionalItems counts
  const Rule* others = nullptr;  // additionalItems
  const Rule* contains = nullptr;
  bool unique = false;
};

struct NumberRules {  // a null Value: no such limit
  Value minimum, maximum, above, below, multiple_of;
};

struct TextRules {
  Bounds length;
  std::optional<Pattern> pattern;
  std::string format;
};

// Rules for the same instance, combined.
struct Combined {
  std::vector<const Rule*> all_of, any_of, one_of;
  const Rule* not_ = nullptr;
  const Rule* if_ = nullptr;
  const Rule* then_ = nullptr;
  const Rule* else_ = nullptr;
};

inline constexpr unsigned any_type = 0;
[[nodiscard]] constexpr unsigned type_bit(Value::Type type) { return 1U << static_cast<unsigned>(type); }

struct Rule {
  std::string title;     // of the schema, for messages
  bool never = false;    // the schema `false`
  bool literal = false;  // "x-mbflow": "literal": a string here is never an expression
  bool path = false;     // "x-mbflow": "path": a string here stands for what the path leads to
  unsigned types = any_type;
  std::optional<Value> constant;
  std::optional<Value> choices;  // an array
  const Rule* ref = nullptr;     // stands alone: siblings of $ref do not count in draft 7
  std::optional<ObjectRules> object;
  std::optional<ArrayRules> array;
  std::optional<NumberRules> number;
  std::optional<TextRules> text;
  std::optional<Combined> combined;
};

struct Compiled {
  std::deque<Rule> rules;  // a deque: rules point at each other
  const Rule* root = nullptr;
};

// Error: schema.invalid, `at` the place in the schema.
[[nodiscard]] Result<Compiled> compile(const Value& schema);

// With `templates`, strings holding {{ }} and paths satisfy anything and {"$literal": x} is x.
[[nodiscard]] std::vector<SchemaFault> check(const Compiled& compiled, const Value& instance, bool templates);

// Formats that are not known are satisfied by every text.
[[nodiscard]] bool has_format(std::string_view format, std::string_view text);

// "a string", "an array or null"
[[nodiscard]] std::string describe_types(unsigned types);

}  // namespace mbflow::schema
