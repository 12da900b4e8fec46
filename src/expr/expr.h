// {{ … }}: templates and the expressions in them. A Template is compiled once from what an author wrote (code); the
// values it is evaluated over (data) are never parsed again. Plain paths run natively; everything else runs in QuickJS
// in a context without any host object. Both ways agree; a differential test shows it.
#pragma once

#include "base/env.h"

#include <mbflow/node.h>
#include <mbflow/result.h>
#include <mbflow/value.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::expr {

// Items that are not in memory as a whole.
class ItemSource {
 public:
  virtual ~ItemSource() = default;
  // Error: whatever the owner of the Scope wants to hear: it is given back by evaluate().
  [[nodiscard]] virtual Result<const Item*> at(std::size_t index) const = 0;
};

// A list of items as expressions see it.
struct ItemsView {
  ItemsView() = default;
  ItemsView(std::span<const Item> in_memory) : items(in_memory), count(in_memory.size()) {}              // NOLINT: implicit
  ItemsView(const std::vector<Item>& in_memory) : ItemsView(std::span<const Item>(in_memory)) {}         // NOLINT: by design
  ItemsView(std::shared_ptr<const ItemSource> from, std::size_t size) : source(std::move(from)), count(size) {}
  [[nodiscard]] std::size_t size() const { return count; }
  [[nodiscard]] Result<const Item*> at(std::size_t index) const { return source ? source->at(index) : Result<const Item*>(&items[index]); }
  // All of them. Error expr.too_large when they are not in memory.
  [[nodiscard]] Result<std::span<const Item>> all() const;

  std::span<const Item> items;
  std::shared_ptr<const ItemSource> source;  // else
  std::size_t count = 0;
};

// One node of the run as $('name') sees it. Item lists are in port order.
struct NodeView {
  ItemsView items;  // of its first port that has items
  std::size_t paired = 0;       // which of them the current item descends from; npos when none or many
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

// What an expression may see. Implemented by the runtime; called during evaluation only, on the same thread. Cheap.
class Scope {
 public:
  virtual ~Scope() = default;
  [[nodiscard]] virtual Value json() const = 0;                   // $json: the current item's object
  [[nodiscard]] virtual std::size_t index() const = 0;            // $index
  [[nodiscard]] virtual ItemsView input() const = 0;              // $input
  // Error expr.node: unknown, or it did not run.
  [[nodiscard]] virtual Result<NodeView> node(std::string_view name) const = 0;
  // "vars", "env", "execution", "workflow", "trigger" → the object behind $vars …
  [[nodiscard]] virtual Value root(std::string_view name) const = 0;
  [[nodiscard]] virtual Timestamp now() const = 0;              // $now; the same for a whole node run
  [[nodiscard]] virtual std::string_view timezone() const = 0;  // IANA name
};

// A compiled template. Cheap to copy, immutable, any thread.
class Template {
 public:
  // Error: expr.syntax, with the line and column in the message. Text without {{ }} is a literal.
  [[nodiscard]] static Result<Template> compile(std::string_view text);
  // A dotted path into $json ("user.name", "items[0].id", "$.a.b", "['odd key']"). Error: expr.path
  [[nodiscard]] static Result<Template> compile_path(std::string_view path);
  [[nodiscard]] bool is_literal() const;
  [[nodiscard]] bool is_native() const;                         // every part is a plain path
  [[nodiscard]] const std::vector<std::string>& nodes() const;  // names in $('…')
  struct Program;
  [[nodiscard]] const Program& program() const { return *program_; }

 private:
  std::shared_ptr<const Program> program_;
};

struct Limits {
  std::chrono::milliseconds time{50};  // of the processor: a busy machine fails nobody
  std::size_t memory = 16 << 20;
  std::size_t stack = 256 << 10;
};

// Evaluates templates; owns a JavaScript engine made on first need. One per thread, not shared. Nothing that one run
// does can be seen by another: `new_run` marks where a new run begins.
class Evaluator {
 public:
  explicit Evaluator(Limits limits = {});
  ~Evaluator();
  // One expression alone keeps its type (undefined becomes null); mixed text gives a string.
  // Errors: expr.raised (invalid: it threw), expr.limit (invalid: time, memory or depth), expr.node,
  // expr.too_large.
  [[nodiscard]] Result<Value> evaluate(const Template& text, const Scope& scope);
  // The same through JavaScript alone, for the differential test.
  [[nodiscard]] Result<Value> evaluate_in_js(const Template& text, const Scope& scope);
  void new_run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A config with templates at its leaves: compiled once per published version, resolved per item.
class ConfigTemplate {
 public:
  // `schema` is the node's config schema: strings under "x-mbflow": "path" are dotted paths into $json unless they hold
  // {{ }}; strings under "x-mbflow": "literal" are never expressions; {"$literal": x} gives x untouched anywhere.
  // Error: expr.syntax or expr.path, `at` relative to the config.
  [[nodiscard]] static Result<ConfigTemplate> compile(const Value& config, const Value& schema);
  [[nodiscard]] bool is_constant() const;  // no expression anywhere: resolve once
  [[nodiscard]] const std::vector<std::string>& nodes() const;
  // Errors as of Evaluator::evaluate, `at` relative to the config.
  [[nodiscard]] Result<Value> resolve(Evaluator& evaluator, const Scope& scope) const;

 private:
  struct Tree;
  std::shared_ptr<const Tree> tree_;
};

}  // namespace mbflow::expr
