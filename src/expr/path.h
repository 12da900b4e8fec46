// Plain paths: `$json.a[0]['k'].c`, `$vars.x`, `$('Name').first().json.id`, `.length`. They are walked over Values
// without the JavaScript engine, with its semantics. Pure but for the calls into the Scope.
#pragma once

#include "expr/expr.h"
#include "expr/token.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::expr {

enum class Root : std::uint8_t { json, index, vars, env, execution, workflow, trigger, input, node };
enum class Pick : std::uint8_t { whole, item, first, last, all };  // of the items behind $input and $('…')

struct Step {
  static constexpr std::uint32_t no_index = 0xffffffff;
  std::string key;
  std::uint32_t index = no_index;  // when the key is an array index in canonical form
  bool inherited = false;          // a name that every JavaScript object inherits ("constructor"): missing ≠ undefined
  friend bool operator==(const Step&, const Step&) = default;
};
[[nodiscard]] Step make_step(std::string key);

struct Path {
  Root root = Root::json;
  Pick pick = Pick::whole;
  std::string node;  // of Root::node
  std::vector<Step> steps;
  // A path written as plain data ("a.b[0]"), not as JavaScript: names that JavaScript objects inherit mean nothing in
  // it.
  bool data_only = false;
  [[nodiscard]] bool is_prefix_of(const Path& other) const;
  friend bool operator==(const Path&, const Path&) = default;
};

// Where a walk ended. When `rest` steps are left, only JavaScript can say what they mean on `value` (a method name on
// an array or string, an inherited name).
struct Reached {
  Value value;
  bool undefined = false;
  std::size_t rest = 0;
};
// Errors: expr.node, expr.too_large.
[[nodiscard]] Result<Reached> follow(const Path& path, const Scope& scope);
// The item that `$('…').item` means; nothing when there is none. Error: expr.node when several could be meant.
[[nodiscard]] Result<const Item*> paired_item(const NodeView& view, std::string_view name);

// The path that begins at token `at`, and the token after it. A member that is called (`.map(`) is left out: what it is
// called on is the path. Nothing when no path begins there.
struct ParsedPath {
  Path path;
  std::size_t next = 0;
};
[[nodiscard]] std::optional<ParsedPath> parse_path(std::string_view source, const std::vector<Token>& tokens,
                                                   std::size_t at);
// $json, $vars …, in the form `Scope::root` knows; nothing for other names.
[[nodiscard]] std::optional<Root> root_named(std::string_view name);
[[nodiscard]] std::string_view name_of(Root root);  // "json", "vars" …
// The text of a string token; nothing when it holds an escape that only JavaScript should read.
[[nodiscard]] std::optional<std::string> string_token(std::string_view quoted);

// The grammar of Template::compile_path. Error: expr.path
[[nodiscard]] Result<Path> parse_data_path(std::string_view text);

// An item as expressions see it: {"json": …}; and a list of them.
[[nodiscard]] Value item_value(const Item& item);
[[nodiscard]] Value item_values(std::span<const Item> items);
// The length of a string as JavaScript counts it: in UTF-16 units.
[[nodiscard]] std::size_t utf16_length(std::string_view text);

}  // namespace mbflow::expr
