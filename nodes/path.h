// A way into a JSON value as people write it: "user.name", "items[0].id", "['odd key']", with a leading "$." or not.
// "$" and
// "" are the value itself. Immutable; any thread.
#pragma once

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::nodes {

class Path {
 public:
  // Error: path.syntax
  [[nodiscard]] static Result<Path> parse(std::string_view text);

  // Null pointer: nothing there.
  [[nodiscard]] const Value* find(const Value& root) const;
  // A copy of root with the value put there; objects are made on the way. An index may name an element that exists or
  // the next one. Error: path.index
  [[nodiscard]] Result<Value> set(const Value& root, Value value) const;
  // A copy of root without what is there.
  [[nodiscard]] Value remove(const Value& root) const;

  [[nodiscard]] bool is_root() const { return steps_.empty(); }
  // The last key: the natural name for what is there; "value" when there is none.
  [[nodiscard]] std::string_view last_key() const;

 private:
  struct Step {
    std::string key;
    std::optional<std::size_t> index;  // set: an element, not a member
  };
  [[nodiscard]] Result<Value> set_from(std::size_t depth, const Value& place, Value value) const;
  [[nodiscard]] Value remove_from(std::size_t depth, const Value& place) const;

  std::vector<Step> steps_;
};

// Error: path.syntax, `at` the element's place in the list.
[[nodiscard]] Result<std::vector<Path>> parse_paths(const std::vector<std::string>& texts);

}  // namespace mbflow::nodes
