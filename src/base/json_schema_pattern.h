// Regular expressions of JSON Schemas (`pattern`, `patternProperties`) over texts that nobody vouches for. Time is linear
// in the text and no stack grows with it, whatever the pattern: a pattern that could cost more is refused when compiled.
// ECMAScript without back-references, look-behind, named groups and \p{…}; \uXXXX is known; characters are code points.
// Immutable; any thread.
#pragma once

#include <mbflow/result.h>

#include <memory>
#include <string>
#include <string_view>

namespace mbflow::schema {

class Pattern {
 public:
  // Error: schema.invalid
  [[nodiscard]] static Result<Pattern> compile(std::string_view pattern);
  enum class Answer { matches, differs, too_long };  // too_long: the text is too long for a pattern of this cost
  // Anywhere in the text, as the specification has it.
  [[nodiscard]] Answer search(std::string_view text) const;
  [[nodiscard]] const std::string& text() const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace mbflow::schema
