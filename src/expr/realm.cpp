#include "expr/realm.h"

#include "expr/bridge.h"
#include "expr/compiler.h"
#include "expr/message.h"

#include <algorithm>
#include <utility>

namespace mbflow::expr {
namespace {

constexpr std::size_t build_memory = 8 << 20;     // for the built-ins alone
constexpr std::size_t garbage_allowed = 2 << 20;  // cycles left by earlier evaluations, before they are collected
constexpr std::size_t functions_kept = 4096;
constexpr std::size_t described = 300;  // bytes of an author's own message

const Compiled& prelude() {
  static const Compiled compiled = compile_source(prelude_source());
  return compiled;
}

// Bytecode of a source that is one expression → that expression's value.
JSValue load(JSContext* context, std::string_view bytecode) {
  const JSValue code = JS_ReadObject(context, reinterpret_cast<const std::uint8_t*>(bytecode.data()), bytecode.size(),
                                     JS_READ_OBJ_BYTECODE);
  return JS_IsException(code) ? code : JS_EvalFunction(context, code);
}

}  // namespace

std::unique_ptr<Realm> Realm::make(const Limits& limits) {
  std::unique_ptr<Realm> realm(new Realm(limits));
  if (!realm->build()) return nullptr;
  return realm;
}

Realm::~Realm() {
  if (dead_ || runtime_ == nullptr) return;  // the heap is freed as a whole
  for (const auto& slot : evaluation_.slots) {
    if (slot) JS_FreeValue(context_, *slot);
  }
  for (const auto& [id, function] : functions_) JS_FreeValue(context_, function);
  for (const JSValue value : built_) JS_FreeValue(context_, value);
  if (context_ != nullptr) JS_FreeAtom(context_, to_json_);
  for (const JSValue value : plain_prototypes_) JS_FreeValue(context_, value);
  if (context_ != nullptr) JS_FreeContext(context_);
  JS_FreeRuntime(runtime_);
}

Realm& Realm::of(JSContext* context) { return *static_cast<Realm*>(JS_GetContextOpaque(context)); }

bool Realm::build() {
  built_.fill(JS_UNDEFINED);
  plain_prototypes_.fill(JS_UNDEFINED);
  runtime_ = JS_NewRuntime2(&Heap::functions(), &heap_);
  if (runtime_ == nullptr) return false;
  heap_.set_limit(build_memory);
  JS_SetMaxStackSize(runtime_, limits_.stack);
  JS_SetInterruptHandler(runtime_, &Realm::on_interrupt, this);
  context_ = JS_NewContextRaw(runtime_);
  if (context_ == nullptr) return false;
  JS_SetContextOpaque(context_, this);
  to_json_ = JS_NewAtom(context_, "toJSON");
  // No compiler (JS_AddIntrinsicEval), no Proxy, typed arrays, shared memory, Atomics, WeakRef or timers.
  const bool made = JS_AddIntrinsicBaseObjects(context_) == 0 && JS_AddIntrinsicDate(context_) == 0 &&
                    JS_AddIntrinsicRegExp(context_) == 0 && JS_AddIntrinsicJSON(context_) == 0 &&
                    JS_AddIntrinsicMapSet(context_) == 0 && JS_AddIntrinsicPromise(context_) == 0 &&
                    JS_AddIntrinsicAToB(context_) == 0;
  if (!made || !run_prelude() || !freeze()) return false;
  JS_RunGC(runtime_);
  base_memory_ = heap_.used();
  heap_.set_limit(base_memory_ + limits_.memory);
  JS_SetGCThreshold(runtime_, base_memory_ + limits_.memory / 4);
  return true;
}

bool Realm::run_prelude() {
  if (!prelude().ok()) return false;
  JSValue natives = make_natives(context_);
  const JSValue function = load(context_, prelude().bytecode);
  const JSValue parts = JS_IsException(function) ? function : JS_Call(context_, function, JS_UNDEFINED, 1, &natives);
  JS_FreeValue(context_, function);
  JS_FreeValue(context_, natives);
  if (JS_IsException(parts)) return false;
  constexpr std::array<const char*, 5> names = {"slot", "node", "input", "now", "today"};
  for (std::size_t i = 0; i < names.size(); ++i) built_[i] = JS_GetPropertyStr(context_, parts, names[i]);
  const JSValue boxed = JS_GetPropertyStr(context_, parts, "boxed");
  std::int64_t count = 0;
  (void)JS_GetLength(context_, boxed, &count);
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(count); ++i) {
    const JSValue sample = JS_GetPropertyUint32(context_, boxed, i);
    boxed_.push_back(JS_GetClassID(sample));
    JS_FreeValue(context_, sample);
  }
  JS_FreeValue(context_, boxed);
  JS_FreeValue(context_, parts);
  return !JS_HasException(context_);
}

bool Realm::freeze() {
  const JSValue object = JS_NewObject(context_);
  const JSValue array = JS_NewArray(context_);
  plain_prototypes_ = {JS_GetPrototype(context_, object), JS_GetPrototype(context_, array)};
  JS_FreeValue(context_, object);
  JS_FreeValue(context_, array);
  const JSValue global = JS_GetGlobalObject(context_);
  std::vector<JSValue> roots(built_.begin(), built_.end());
  roots.push_back(global);
  const bool frozen = deep_freeze(context_, roots);
  JS_FreeValue(context_, global);
  return frozen;
}

int Realm::on_interrupt(JSRuntime*, void* self) {
  auto& realm = *static_cast<Realm*>(self);
  return realm.running_ && realm.overdue() ? 1 : 0;
}

bool Realm::overdue() {
  const auto now = thread_cpu_time();
  // The clock is first read when an evaluation has run some ten thousand steps: most end before.
  if (!deadline_) deadline_ = now + limits_.time;
  timed_out_ = timed_out_ || now >= *deadline_;
  return timed_out_;
}

void Realm::begin() {
  JS_UpdateStackTop(runtime_);
  heap_.forget();
  timed_out_ = false;
  deadline_.reset();
  running_ = true;
}

void Realm::end() {
  running_ = false;
  if (dead_) return;
  for (const auto& slot : evaluation_.slots) {
    if (slot) JS_FreeValue(context_, *slot);
  }
  evaluation_.slots.clear();
  evaluation_.error.reset();
  evaluation_.thrown = nullptr;
  if (!is_spent() && heap_.used() > base_memory_ + garbage_allowed) JS_RunGC(runtime_);
}

bool Realm::is_spent() const { return dead_ || timed_out_ || heap_.exhausted() || JS_IsJobPending(runtime_); }

bool Realm::call(JSValue function, JSValue self, std::span<JSValue> arguments, Owned& result) {
  JSValue returned = JS_UNDEFINED;
  dead_ = !leash_.run(
      [&] { returned = JS_Call(context_, function, self, static_cast<int>(arguments.size()), arguments.data()); });
  if (dead_) return false;
  result.reset(returned);
  return !JS_IsException(returned);
}

bool Realm::get(JSValue object, const char* name, Owned& result) {
  JSValue found = JS_UNDEFINED;
  dead_ = !leash_.run([&] { found = JS_GetPropertyStr(context_, object, name); });
  if (dead_) return false;
  result.reset(found);
  return !JS_IsException(found);
}

std::string Realm::describe(JSValue exception) {
  const auto text = [&](JSValue value) {
    std::string out;
    if (JS_IsString(value)) (void)text_of(context_, value, out);
    return fit_message(out, described);
  };
  if (!JS_IsError(exception)) return JS_IsString(exception) ? text(exception) : "it threw something that is no Error";
  Owned name(*this, JS_UNDEFINED);
  Owned message(*this, JS_UNDEFINED);
  if (!get(exception, "name", name) || !get(exception, "message", message))
    return "it threw an Error that cannot be read";
  return text(name.get()) + ": " + text(message.get());
}

JSValue Realm::function_of(const Script& script, std::string_view bytecode) {
  const auto known = functions_.find(script.id);
  if (known != functions_.end()) return known->second;
  if (functions_.size() >= functions_kept) {
    for (const auto& [id, function] : functions_) JS_FreeValue(context_, function);
    functions_.clear();
  }
  const JSValue function = load(context_, bytecode);
  if (!JS_IsException(function)) functions_.emplace(script.id, function);
  return function;
}

bool Realm::is_plain_prototype(JSValue prototype) const {
  if (JS_IsNull(prototype)) return true;
  return std::ranges::any_of(plain_prototypes_,
                             [&](JSValue known) { return JS_VALUE_GET_PTR(known) == JS_VALUE_GET_PTR(prototype); });
}

bool Realm::is_boxed(JSValue object) const { return std::ranges::find(boxed_, JS_GetClassID(object)) != boxed_.end(); }

}  // namespace mbflow::expr
