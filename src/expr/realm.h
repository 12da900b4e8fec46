// One JavaScript engine with one realm in it: the language's built-ins without a compiler (no eval, no Function from
// text), host objects, clocks, threads or modules, and every object of it frozen. Since nothing in it can change,
// nothing can pass through it from one expression or run to another; so it is kept, and thrown away after any fault.
// One thread. See README.md for why this is cheaper and no weaker than a fresh context a run.
#pragma once

#include "expr/expr.h"
#include "expr/heap.h"
#include "expr/leash.h"
#include "expr/script.h"

#include <quickjs.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mbflow::expr {

// What the built-ins of ours need during an evaluation. Set by the evaluator.
struct Evaluation {
  const Scope* scope = nullptr;
  const Script* script = nullptr;
  std::vector<std::optional<JSValue>> slots;  // fetched ones, owned
  std::optional<Error> error;                 // what a built-in of ours threw …
  void* thrown = nullptr;                     // … as this object
};

class Realm;

// A JavaScript value that is given back when it is no longer needed, unless the realm died meanwhile.
class Owned {
 public:
  Owned(Realm& realm, JSValue value) : realm_(realm), value_(value) {}
  ~Owned() { reset(JS_UNDEFINED); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  [[nodiscard]] JSValue get() const { return value_; }
  void reset(JSValue value);

 private:
  Realm& realm_;
  JSValue value_;
};

class Realm {
 public:
  // Nothing when memory does not even suffice for the built-ins.
  [[nodiscard]] static std::unique_ptr<Realm> make(const Limits& limits);
  ~Realm();
  Realm(const Realm&) = delete;
  Realm& operator=(const Realm&) = delete;

  [[nodiscard]] JSContext* context() const { return context_; }
  [[nodiscard]] static Realm& of(JSContext* context);
  Leash& leash() { return leash_; }
  Evaluation& evaluation() { return evaluation_; }

  // Around each evaluation: its time and memory are counted from begin().
  void begin();
  void end();
  [[nodiscard]] bool overdue();  // looks at the clock
  [[nodiscard]] bool timed_out() const { return timed_out_; }
  [[nodiscard]] bool out_of_memory() const { return heap_.exhausted(); }
  // Nothing may be kept: a limit was hit, or work is left that would run later.
  [[nodiscard]] bool is_spent() const;
  // The only ways into JavaScript. False: it threw, or was cut off and the realm is dead.
  [[nodiscard]] bool call(JSValue function, JSValue self, std::span<JSValue> arguments, Owned& result);
  [[nodiscard]] bool get(JSValue object, const char* name, Owned& result);
  // Cut off in the middle: nothing of it may be touched any more.
  [[nodiscard]] bool is_dead() const { return dead_; }

  // "TypeError: not a function", of anything that was thrown. May call JavaScript.
  [[nodiscard]] std::string describe(JSValue exception);

  // The function of a script, made once; an exception value when memory ran out. Borrowed.
  [[nodiscard]] JSValue function_of(const Script& script, std::string_view bytecode);

  // Objects of the prelude. Borrowed.
  enum class Built : std::uint8_t { slot, node, input, make_now, make_today, count };
  [[nodiscard]] JSValue built(Built which) const { return built_[static_cast<std::size_t>(which)]; }
  [[nodiscard]] bool is_plain_prototype(JSValue prototype) const;  // Object.prototype, Array.prototype or null
  [[nodiscard]] bool is_boxed(JSValue object) const;               // new Number(1) and the like
  [[nodiscard]] JSAtom to_json_name() const { return to_json_; }

 private:
  explicit Realm(const Limits& limits) : limits_(limits), leash_(limits.time), heap_(&leash_) {}
  [[nodiscard]] bool build();
  [[nodiscard]] bool run_prelude();
  [[nodiscard]] bool freeze();
  static int on_interrupt(JSRuntime* runtime, void* self);

  Limits limits_;
  Leash leash_;
  Heap heap_;
  JSRuntime* runtime_ = nullptr;
  JSContext* context_ = nullptr;
  std::array<JSValue, static_cast<std::size_t>(Built::count)> built_{};
  std::array<JSValue, 2> plain_prototypes_{};
  std::vector<JSClassID> boxed_;
  JSAtom to_json_ = JS_ATOM_NULL;
  std::unordered_map<std::uint64_t, JSValue> functions_;
  std::size_t base_memory_ = 0;
  bool running_ = false;
  bool timed_out_ = false;
  bool dead_ = false;
  std::optional<std::chrono::nanoseconds> deadline_;  // of the thread's processor time
  Evaluation evaluation_;
};

inline void Owned::reset(JSValue value) {
  if (!realm_.is_dead()) JS_FreeValue(realm_.context(), value_);
  value_ = value;
}

// Freezes every object that can be reached from `roots` and the prototypes of all classes. False: memory ran out.
[[nodiscard]] bool deep_freeze(JSContext* context, std::span<const JSValue> roots);

// The built-ins of ours that the prelude wraps, as one object. They take and give primitives only, so that none of them
// ever calls back into an author's code.
[[nodiscard]] JSValue make_natives(JSContext* context);

// The prelude's source: a function of the natives object.
[[nodiscard]] std::string_view prelude_source();

}  // namespace mbflow::expr
