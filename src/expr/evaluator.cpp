#include "expr/bridge.h"
#include "expr/message.h"
#include "expr/program.h"
#include "expr/realm.h"

#include <mbflow/json.h>

#include <algorithm>
#include <array>
#include <utility>

namespace mbflow::expr {
namespace {

constexpr std::size_t shown_source = 80;

std::string shown(const Expression& expression) {
  const std::string& source = expression.source();
  const std::size_t begin = std::min(source.find_first_not_of(" \t\r\n"), source.size());
  const std::size_t end = source.find_last_not_of(" \t\r\n") + 1;
  return " in {{ " + fit_message(std::string_view(source).substr(begin, end - begin), shown_source) + " }}";
}

Error shown_in(Error error, const Expression& expression) {
  error.message += shown(expression);
  return error;
}

Error limit(const Expression& expression, std::string_view what) {
  return fail(Kind::invalid, "expr.limit", std::string(what) + shown(expression) + "; a code node may take longer");
}

// Text and whole numbers as they are, null and undefined as nothing, objects and arrays as JSON.
void append_text(const Value& value, std::string& out) {
  if (value.is_null()) return;
  if (value.is_string())
    out.append(value.as_string());
  else
    write_json(value, out);
}

}  // namespace

struct Evaluator::State {
  explicit State(Limits given) : limits(given) {}

  Result<Value> evaluate(const Template& text, const Scope& scope, bool reference);
  Result<Value> run(const Expression& expression, const Scope& scope, bool reference);
  Result<Value> in_js(const Expression& expression, const CompiledScript& compiled, const Scope& scope);
  Result<Value> call(const Expression& expression, const CompiledScript& compiled, const Scope& scope);
  Error explain(const Expression& expression);
  Result<Value> result_of(const Expression& expression, JSValue value);
  bool bind(const Script& script, const Scope& scope, std::span<JSValue> arguments);
  JSValue argument(Param param, const Scope& scope);

  Limits limits;
  std::unique_ptr<Realm> realm;
};

Evaluator::Evaluator(Limits limits) : state_(std::make_unique<State>(limits)) {}
Evaluator::~Evaluator() = default;

// A run needs no realm of its own: in a frozen one nothing is left behind (realm.h).
void Evaluator::new_run() {}

Result<Value> Evaluator::evaluate(const Template& text, const Scope& scope) {
  return state_->evaluate(text, scope, false);
}

Result<Value> Evaluator::evaluate_in_js(const Template& text, const Scope& scope) {
  return state_->evaluate(text, scope, true);
}

Result<Value> Evaluator::State::evaluate(const Template& text, const Scope& scope, bool reference) {
  const Template::Program& program = text.program();
  if (program.single) return run(*program.parts[0].expression, scope, reference);
  if (text.is_literal()) return program.literal;
  std::string out;
  for (const auto& part : program.parts) {
    if (!part.expression) {
      out += part.text;
      continue;
    }
    MBF_TRY(const Value value, run(*part.expression, scope, reference));
    append_text(value, out);
  }
  return Value(out);
}

Result<Value> Evaluator::State::run(const Expression& expression, const Scope& scope, bool reference) {
  if (reference) return in_js(expression, expression.reference(), scope);
  if (expression.path()) {
    auto reached = follow(*expression.path(), scope);
    if (!reached) return shown_in(std::move(reached).error(), expression);
    if (reached->rest == 0) return std::move(reached->value);
  } else if (expression.native()) {
    auto operand = run_native(*expression.native(), scope);
    if (!operand) return shown_in(std::move(operand).error(), expression);
    if (*operand) return to_value(**operand);
  }
  return in_js(expression, expression.script(), scope);
}

Result<Value> Evaluator::State::in_js(const Expression& expression, const CompiledScript& compiled,
                                      const Scope& scope) {
  // A native expression is not compiled before JavaScript is asked after all; its grammar is a part of JavaScript's.
  if (!compiled.code.ok()) return fail(Kind::invalid, "expr.raised", compiled.code.fault.message + shown(expression));
  if (!realm) realm = Realm::make(limits);
  if (!realm) return fail(Kind::unavailable, "expr.limit", "no memory is left for the JavaScript engine");
  realm->begin();
  auto result = call(expression, compiled, scope);
  realm->end();
  if (realm->is_spent()) realm.reset();
  return result;
}

Result<Value> Evaluator::State::call(const Expression& expression, const CompiledScript& compiled, const Scope& scope) {
  Evaluation& evaluation = realm->evaluation();
  evaluation.scope = &scope;
  evaluation.script = &compiled.script;
  evaluation.slots.resize(compiled.script.slots.size());
  const JSValue function = realm->function_of(compiled.script, compiled.code.bytecode);
  if (JS_IsException(function)) return explain(expression);
  std::array<JSValue, param_count> arguments;
  arguments.fill(JS_UNDEFINED);
  const bool bound = bind(compiled.script, scope, arguments);
  Owned result(*realm, JS_UNDEFINED);
  const bool returned = bound && realm->call(function, JS_UNDEFINED, arguments, result);
  if (!realm->is_dead()) {
    for (const JSValue argument : arguments) JS_FreeValue(realm->context(), argument);
  }
  if (!returned) return explain(expression);
  return result_of(expression, result.get());
}

bool Evaluator::State::bind(const Script& script, const Scope& scope, std::span<JSValue> arguments) {
  for (std::size_t i = 0; i < param_count; ++i) {
    if ((script.wanted & (1U << i)) == 0 && (i != 0 || script.slots.empty())) continue;
    arguments[i] = argument(static_cast<Param>(i), scope);
    if (JS_IsException(arguments[i])) return false;
  }
  return true;
}

JSValue Evaluator::State::argument(Param param, const Scope& scope) {
  JSContext* context = realm->context();
  switch (param) {
    case Param::slot:
      return JS_DupValue(context, realm->built(Realm::Built::slot));
    case Param::node:
      return JS_DupValue(context, realm->built(Realm::Built::node));
    case Param::input:
      return JS_DupValue(context, realm->built(Realm::Built::input));
    case Param::now:
    case Param::today:
      return JS_Call(context, realm->built(param == Param::now ? Realm::Built::make_now : Realm::Built::make_today),
                     JS_UNDEFINED, 0, nullptr);
    case Param::index:
      return JS_NewInt64(context, static_cast<std::int64_t>(scope.index()));
    case Param::json:
      return to_js(context, scope.json());
    default:
      return to_js(context, scope.root(param_name(static_cast<std::size_t>(param)).substr(1)));
  }
}

Result<Value> Evaluator::State::result_of(const Expression& expression, JSValue value) {
  Converted converted = from_js(*realm, value, limits.memory);
  const auto raised = [&](std::string_view why) {
    return fail(Kind::invalid, "expr.raised", "the result " + std::string(why) + shown(expression));
  };
  switch (converted.fault) {
    case Converted::Fault::none:
      return std::move(converted.value);
    case Converted::Fault::raised:
      return explain(expression);
    case Converted::Fault::cycle:
      return raised("contains itself");
    case Converted::Fault::depth:
      return raised("is nested more than 255 deep");
    case Converted::Fault::bigint:
      return raised("is a BigInt beyond 64 bits; make it a string");
    case Converted::Fault::promise:
      return raised("is a Promise; expressions cannot wait");
    case Converted::Fault::size:
      return limit(expression, "the result takes more than " + std::to_string(limits.memory >> 20) + " MiB");
  }
  return raised("is unknown");
}

Error Evaluator::State::explain(const Expression& expression) {
  if (realm->is_dead() || realm->timed_out())
    return limit(expression, "it took longer than " + std::to_string(limits.time.count()) + " ms");
  if (realm->out_of_memory())
    return limit(expression, "it needed more than " + std::to_string(limits.memory >> 20) + " MiB of memory");
  JSContext* context = realm->context();
  const Owned exception(*realm, JS_GetException(context));
  Evaluation& evaluation = realm->evaluation();
  if (evaluation.error && JS_IsObject(exception.get()) && JS_VALUE_GET_PTR(exception.get()) == evaluation.thrown) {
    return shown_in(*std::exchange(evaluation.error, std::nullopt), expression);
  }
  const std::string what = realm->describe(exception.get());
  if (realm->is_dead() || realm->timed_out())
    return limit(expression, "it took longer than " + std::to_string(limits.time.count()) + " ms");
  if (what == "RangeError: Maximum call stack size exceeded") return limit(expression, "it calls itself too deep");
  return fail(Kind::invalid, "expr.raised", what + shown(expression));
}

}  // namespace mbflow::expr
