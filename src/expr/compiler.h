// JavaScript source to bytecode, without running any of it. Safe from any thread: each has a compiler of its own.
#pragma once

#include "expr/script.h"

#include <string>
#include <string_view>

namespace mbflow::expr {

struct SyntaxFault {
  int line = 1;    // of the source, from 1
  int column = 1;  // in bytes, from 1
  std::string message;
};

// Either bytecode (for a realm of the same build only) or a fault.
struct Compiled {
  std::string bytecode;
  SyntaxFault fault;
  [[nodiscard]] bool ok() const { return !bytecode.empty(); }
};
[[nodiscard]] Compiled compile_source(std::string_view source);

// An expression by the two rules of script.h; where the language does not allow them, without.
struct CompiledScript {
  Script script;
  Compiled code;  // a fault is told in lines and columns of the expression
};
[[nodiscard]] CompiledScript compile_expression(std::string_view source, const std::vector<Token>& tokens, bool slots);

}  // namespace mbflow::expr
