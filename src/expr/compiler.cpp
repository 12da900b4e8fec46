#include "expr/compiler.h"

#include "expr/heap.h"
#include "expr/message.h"

#include <quickjs.h>

#include <array>
#include <charconv>
#include <memory>
#include <utility>

namespace mbflow::expr {
namespace {

constexpr std::size_t compiler_memory = 64 << 20;
constexpr std::size_t compiler_stack = 256 << 10;
constexpr int compiles_per_engine = 2000;  // names that were seen stay in the engine's table; a new engine forgets them
constexpr std::size_t max_message = 300;
constexpr const char* file_name = "expression";

// "    at expression:3:14" in the stack of a SyntaxError
void read_place(std::string_view stack, SyntaxFault& fault) {
  const std::string mark = std::string(file_name) + ":";
  const std::size_t at = stack.find(mark);
  if (at == std::string_view::npos) return;
  const char* end = stack.data() + stack.size();
  const auto line = std::from_chars(stack.data() + at + mark.size(), end, fault.line);
  if (line.ptr < end && *line.ptr == ':') std::from_chars(line.ptr + 1, end, fault.column);
}

class Engine {
 public:
  Engine() : runtime_(JS_NewRuntime2(&Heap::functions(), &heap_)) {
    heap_.set_limit(compiler_memory);
    JS_SetMaxStackSize(runtime_, compiler_stack);
    context_ = JS_NewContextRaw(runtime_);
    JS_AddIntrinsicBaseObjects(context_);
    JS_AddIntrinsicRegExpCompiler(context_);
    JS_AddIntrinsicEval(context_);
  }
  ~Engine() {
    JS_FreeContext(context_);
    JS_FreeRuntime(runtime_);
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] bool worn() const { return count_ >= compiles_per_engine || heap_.exhausted(); }

  Compiled compile(const std::string& source) {
    ++count_;
    JS_UpdateStackTop(runtime_);
    const JSValue code =
        JS_Eval(context_, source.c_str(), source.size(), file_name, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(code)) return {{}, take_fault()};
    std::size_t size = 0;
    std::uint8_t* bytes = JS_WriteObject(context_, &size, code,
                                         JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE | JS_WRITE_OBJ_STRIP_DEBUG);
    Compiled compiled;
    if (bytes != nullptr)
      compiled.bytecode.assign(reinterpret_cast<const char*>(bytes), size);
    else
      compiled.fault = take_fault();
    js_free(context_, bytes);
    JS_FreeValue(context_, code);
    return compiled;
  }

 private:
  std::string text_of(JSValue value) {
    const char* text = JS_ToCString(context_, value);
    std::string copy = text != nullptr ? fit_message(text, max_message) : "it does not compile";
    JS_FreeCString(context_, text);
    JS_FreeValue(context_, value);
    return copy;
  }

  SyntaxFault take_fault() {
    const JSValue exception = JS_GetException(context_);
    SyntaxFault fault;
    fault.message =
        JS_IsError(exception) ? text_of(JS_GetPropertyStr(context_, exception, "message")) : "it is too large";
    if (JS_IsError(exception)) read_place(text_of(JS_GetPropertyStr(context_, exception, "stack")), fault);
    JS_FreeValue(context_, exception);
    return fault;
  }

  Heap heap_;
  JSRuntime* runtime_;
  JSContext* context_;
  int count_ = 0;
};

}  // namespace

Compiled compile_source(std::string_view source) {
  thread_local std::unique_ptr<Engine> engine;
  if (!engine || engine->worn()) engine = std::make_unique<Engine>();
  return engine->compile(std::string(source));
}

CompiledScript compile_expression(std::string_view source, const std::vector<Token>& tokens, bool slots) {
  const std::array<ScriptOptions, 3> attempts = {{{true, slots}, {false, slots}, {false, false}}};
  CompiledScript result;
  for (const ScriptOptions& options : attempts) {
    result.script = write_script(source, tokens, options);
    result.code = compile_source(result.script.source);
    if (result.code.ok()) return result;
  }
  result.code.fault.line -= script_lines_before;
  return result;
}

}  // namespace mbflow::expr
