// JSON Schema (draft 7) over Value. Immutable once compiled; any thread. Neither a schema nor an instance can make a check
// run away: patterns take linear time, and a check that needs more than five million steps ends with a fault.
#pragma once

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <memory>
#include <string>
#include <vector>

namespace mbflow {

struct SchemaFault {
  std::string at;       // JSON pointer into the instance; a missing property is named as if it were there
  std::string message;  // one sentence: what is expected there, what was found
};

class JsonSchema {
 public:
  // Error: schema.invalid, `at` the place in the schema. `$ref` only within the schema itself; nothing is fetched.
  [[nodiscard]] static Result<JsonSchema> compile(const Value& schema);
  [[nodiscard]] std::vector<SchemaFault> check(const Value& instance) const;  // all faults (at most 100); empty = valid
  // For configs whose expressions are not resolved yet: a string that holds {{ }}, or is a path ("x-mbflow": "path"),
  // satisfies anything; under "x-mbflow": "literal" strings are plain; {"$literal": x} stands for x.
  [[nodiscard]] std::vector<SchemaFault> check_template(const Value& config) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace mbflow
