// Expressions that need no JavaScript engine: plain paths, literals and the operators between them, with JavaScript's
// semantics. Whatever is not surely identical is left to JavaScript: at compile time when it does not parse here, at
// run time when an operand turns out to be an object, an odd number in a string, a method name.
#pragma once

#include "expr/path.h"
#include "expr/token.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace mbflow::expr {

enum class Op : std::uint8_t {
  path,
  literal,  // operands
  logical_not,
  negate,
  plus,    // of one
  choose,  // a ? b : c
  logical_or,
  logical_and,
  coalesce,  // of two, from here on
  equal,
  not_equal,
  loose_equal,
  loose_not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  add,
  subtract,
  multiply,
  divide,
  remainder,
};

// A value on its way. A number that was computed may be NaN or infinite, which a Value cannot hold.
struct Operand {
  Value value;
  bool undefined = false;
  std::optional<double> computed;
  [[nodiscard]] bool is_number() const { return computed.has_value() || value.is_number(); }
  [[nodiscard]] double number() const { return computed ? *computed : value.as_number(); }
};
// As a result: undefined, NaN and infinities become null, whole numbers integers.
[[nodiscard]] Value to_value(const Operand& operand);
[[nodiscard]] Value number_value(double number);

struct NativeNode {
  Op op = Op::literal;
  Operand literal;
  Path path;
  std::uint32_t a = 0, b = 0, c = 0;  // operands: places in NativeTree::nodes
};

struct NativeTree {
  std::vector<NativeNode> nodes;  // the root is the last
};

// Nothing when the expression is not of this kind.
[[nodiscard]] std::optional<NativeTree> parse_native(std::string_view source, const Tokens& tokens);

// Nothing inside: JavaScript must say. Errors: expr.node.
[[nodiscard]] Result<std::optional<Operand>> run_native(const NativeTree& tree, const Scope& scope);

}  // namespace mbflow::expr
