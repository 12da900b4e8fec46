// One expression made ready for JavaScript: a function whose source has two rules applied to it.
//   1. A member of null or undefined reads as undefined: `a.b` is written `a?.b`, everywhere but where the language
//      forbids it (targets of assignment, `new`, `super`, tagged templates).
//   2. A plain path at a `$` root is fetched natively, when it is reached, and only that part is converted:
//      `$json.items.map(f)` becomes `$slot(0)?.map(f)`. A root that is also used whole is passed whole instead.
#pragma once

#include "expr/path.h"
#include "expr/token.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::expr {

// Which `$` names a script wants as parameters; the order is that of its function's parameters.
enum class Param : std::uint8_t { slot, json, index, vars, env, execution, workflow, trigger, input, node, now, today };
constexpr std::size_t param_count = 12;
[[nodiscard]] std::string_view param_name(std::size_t param);  // "$json" …

struct Script {
  std::string source;  // a function expression in parentheses
  std::vector<Path> slots;
  std::uint32_t wanted = 0;  // bit n: Param n is used whole
  std::uint64_t id = 0;      // names the compiled function in an evaluator's cache
};

struct ScriptOptions {
  bool optional = true;  // rule 1
  bool slots = true;     // rule 2
};
[[nodiscard]] Script write_script(std::string_view source, const std::vector<Token>& tokens,
                                  const ScriptOptions& options);

// The first line of a script's source; the expression begins on the second.
constexpr int script_lines_before = 1;

}  // namespace mbflow::expr
