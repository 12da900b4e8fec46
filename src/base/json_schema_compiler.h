// Makes the Rules of a JSON Schema. Internal to json_schema*.cpp.
#pragma once

#include "base/json_schema_rules.h"

#include <map>
#include <string_view>
#include <unordered_map>

namespace mbflow::schema {

// One subschema and where it is. Subschemas are compiled from a list, not by recursion: their depth costs no stack, and a
// $ref that leads back is simply found again.
struct Site {
  Rule* rule;
  const Value* schema;
  std::string at;
};

class Compiler {
 public:
  explicit Compiler(const Value& root) : root_(root) {}
  [[nodiscard]] Result<Compiled> run();

  // What the keywords use. After the first fault what they give does not matter.
  void refuse(std::string at, std::string message);
  [[nodiscard]] const Rule* rule_at(const Value& schema, const std::string& at);
  [[nodiscard]] std::vector<const Rule*> list(const Value& argument, const std::string& at);
  [[nodiscard]] std::vector<std::string> names(const Value& argument, const std::string& at);
  [[nodiscard]] std::optional<std::size_t> count(const Value& argument, const std::string& at);
  [[nodiscard]] Value number(const Value& argument, const std::string& at);
  [[nodiscard]] std::optional<Pattern> pattern(std::string_view text, const std::string& at);

 private:
  void compile_rule(const Site& site);
  void follow(const Site& site, std::string_view ref);
  [[nodiscard]] const Value* find_id(std::string_view id, std::string& at) const;

  const Value& root_;
  Compiled made_;
  std::vector<Site> open_;
  std::unordered_map<std::string, const Rule*> by_place_;
  std::optional<Error> error_;
};

// Sets what one keyword says in the site's rule, from its argument found at the place `at`.
using Keyword = void (*)(Compiler& compiler, Rule& rule, const Value& argument, const std::string& at);
// Null: not a keyword of draft 7 that checks anything.
[[nodiscard]] Keyword find_keyword(std::string_view name);

}  // namespace mbflow::schema
