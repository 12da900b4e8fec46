// What a Template compiles to. Immutable but for code that is compiled when first needed.
#pragma once

#include "expr/compiler.h"
#include "expr/expr.h"
#include "expr/native.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::expr {

// One {{ … }}. Exactly one of the ways to run it is preferred: a plain path, a native tree, JavaScript.
class Expression {
 public:
  // Error: expr.syntax, `at` = byte offset into the source as decimal text.
  [[nodiscard]] static Result<std::shared_ptr<const Expression>> compile(std::string source);
  [[nodiscard]] static std::shared_ptr<const Expression> of_path(Path path, std::string source);

  [[nodiscard]] const std::string& source() const { return source_; }
  [[nodiscard]] const std::optional<Path>& path() const { return path_; }
  [[nodiscard]] const std::optional<NativeTree>& native() const { return native_; }
  // For JavaScript with plain paths fetched natively, and without that help (the differential test's witness).
  [[nodiscard]] const CompiledScript& script() const { return compiled(fast_, true); }
  [[nodiscard]] const CompiledScript& reference() const { return compiled(plain_, false); }
  void collect_nodes(std::vector<std::string>& nodes) const;

 private:
  struct Lazy {
    std::once_flag once;
    CompiledScript code;
  };
  [[nodiscard]] const CompiledScript& compiled(Lazy& lazy, bool slots) const;

  std::string source_;
  Tokens tokens_;
  std::optional<Path> path_;
  std::optional<NativeTree> native_;
  mutable Lazy fast_;
  mutable Lazy plain_;
};

struct Template::Program {
  struct Part {
    std::string text;  // when there is no expression
    std::shared_ptr<const Expression> expression;
  };
  std::vector<Part> parts;
  std::vector<std::string> nodes;
  Value literal;  // when no part is an expression
  bool native = false;
  bool single = false;  // one expression alone: its type is kept
};

}  // namespace mbflow::expr
