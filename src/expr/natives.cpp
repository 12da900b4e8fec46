#include "expr/bridge.h"
#include "expr/date_time.h"
#include "expr/realm.h"

#include <cmath>
#include <utility>

namespace mbflow::expr {
namespace {

using Arguments = std::span<JSValue>;

const Scope& scope_of(JSContext* context) { return *Realm::of(context).evaluation().scope; }

double number_at(Arguments arguments, std::size_t at) {
  if (at >= arguments.size()) return 0;
  if (JS_VALUE_GET_TAG(arguments[at]) == JS_TAG_INT) return JS_VALUE_GET_INT(arguments[at]);
  return JS_IsNumber(arguments[at]) ? JS_VALUE_GET_FLOAT64(arguments[at]) : 0;
}
std::int64_t instant_at(Arguments arguments, std::size_t at) {
  const double ms = number_at(arguments, at);
  return std::abs(ms) <= static_cast<double>(max_instant) ? static_cast<std::int64_t>(ms) : 0;
}
Unit unit_at(Arguments arguments, std::size_t at) {
  const double unit = number_at(arguments, at);
  return unit >= 0 && unit < unit_count ? static_cast<Unit>(unit) : Unit::millisecond;
}
std::string text_at(JSContext* context, Arguments arguments, std::size_t at) {
  std::string text;
  if (at < arguments.size() && JS_IsString(arguments[at])) (void)text_of(context, arguments[at], text);
  return text;
}
JSValue text(JSContext* context, const std::string& text) { return JS_NewStringLen(context, text.data(), text.size()); }
JSValue instant(JSContext* context, std::int64_t ms) { return JS_NewFloat64(context, static_cast<double>(ms)); }

// An Error of ours, thrown so that the evaluator finds it again.
JSValue throw_error(JSContext* context, Error error) {
  Evaluation& evaluation = Realm::of(context).evaluation();
  const JSValue thrown = JS_NewError(context);
  if (JS_IsException(thrown)) return thrown;
  JS_DefinePropertyValueStr(context, thrown, "message", text(context, error.message),
                            JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE);
  evaluation.error = std::move(error);
  evaluation.thrown = JS_VALUE_GET_PTR(thrown);
  return JS_Throw(context, thrown);
}

std::int64_t now_of(JSContext* context) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(scope_of(context).now().time_since_epoch()).count();
}

JSValue now(JSContext* context, Arguments) { return instant(context, now_of(context)); }

JSValue zone(JSContext* context, Arguments) {
  const std::string_view name = scope_of(context).timezone();
  return text(context, is_zone(name) ? std::string(name) : "UTC");
}

JSValue zone_is_known(JSContext* context, Arguments arguments) {
  return JS_NewBool(context, is_zone(text_at(context, arguments, 0)));
}

JSValue parse(JSContext* context, Arguments arguments) {
  const auto ms = parse_iso(text_at(context, arguments, 0), text_at(context, arguments, 1));
  return ms ? instant(context, *ms) : JS_UNDEFINED;
}

JSValue add(JSContext* context, Arguments arguments) {
  std::array<double, unit_count> amounts{};
  for (std::size_t i = 0; i < unit_count; ++i) amounts[i] = number_at(arguments, 2 + i);
  return instant(context, add_time(instant_at(arguments, 0), text_at(context, arguments, 1), amounts));
}

JSValue start(JSContext* context, Arguments arguments) {
  return instant(context, start_of(instant_at(arguments, 0), text_at(context, arguments, 1), unit_at(arguments, 2)));
}
JSValue end(JSContext* context, Arguments arguments) {
  return instant(context, end_of(instant_at(arguments, 0), text_at(context, arguments, 1), unit_at(arguments, 2)));
}
JSValue diff(JSContext* context, Arguments arguments) {
  return JS_NewFloat64(context, difference(instant_at(arguments, 0), instant_at(arguments, 1),
                                           text_at(context, arguments, 2), unit_at(arguments, 3)));
}
JSValue iso(JSContext* context, Arguments arguments) {
  return text(context, to_iso(instant_at(arguments, 0), text_at(context, arguments, 1)));
}
JSValue format(JSContext* context, Arguments arguments) {
  return text(context,
              to_format(instant_at(arguments, 0), text_at(context, arguments, 1), text_at(context, arguments, 2)));
}

JSValue field(JSContext* context, Arguments arguments) {
  const Calendar at = calendar_of(instant_at(arguments, 0), text_at(context, arguments, 1));
  const std::array<std::int32_t, 8> fields = {at.year,   at.month,  at.day,         at.hour,
                                              at.minute, at.second, at.millisecond, at.weekday};
  const double index = number_at(arguments, 2);
  return index >= 0 && index < 8 ? JS_NewInt32(context, fields[static_cast<std::size_t>(index)]) : JS_UNDEFINED;
}

// The rest of a path that native rules do not decide, walked as JavaScript would over plain data.
JSValue finish_path(JSContext* context, const Path& path, const Reached& reached) {
  JSValue at = to_js(context, reached.value);
  for (std::size_t i = path.steps.size() - reached.rest; i < path.steps.size() && !JS_IsException(at); ++i) {
    if (JS_IsNull(at) || JS_IsUndefined(at)) return JS_UNDEFINED;
    const JSAtom name = JS_NewAtomLen(context, path.steps[i].key.data(), path.steps[i].key.size());
    const JSValue next = JS_GetProperty(context, at, name);
    JS_FreeAtom(context, name);
    JS_FreeValue(context, at);
    at = next;
  }
  return at;
}

JSValue reach(JSContext* context, const Path& path) {
  auto reached = follow(path, scope_of(context));
  if (!reached) return throw_error(context, std::move(reached).error());
  if (reached->undefined) return JS_UNDEFINED;
  return reached->rest > 0 ? finish_path(context, path, *reached) : to_js(context, reached->value);
}

// Fetched once an evaluation, so that the same path is the same object.
JSValue slot(JSContext* context, Arguments arguments) {
  Evaluation& evaluation = Realm::of(context).evaluation();
  const double at = number_at(arguments, 0);
  if (!(at >= 0 && at < static_cast<double>(evaluation.slots.size()))) return JS_UNDEFINED;
  auto& known = evaluation.slots[static_cast<std::size_t>(at)];
  if (!known) {
    const JSValue fetched = reach(context, evaluation.script->slots[static_cast<std::size_t>(at)]);
    if (JS_IsException(fetched)) return fetched;
    known = fetched;
  }
  return JS_DupValue(context, *known);
}

// Items of a node (a string) or of the input (null).
JSValue pick(JSContext* context, Arguments arguments) {
  Path path;
  path.pick = static_cast<Pick>(1 + static_cast<int>(number_at(arguments, 1)));
  path.root = JS_IsString(arguments[0]) ? Root::node : Root::input;
  if (path.root == Root::node) path.node = text_at(context, arguments, 0);
  return reach(context, path);
}

JSValue ran(JSContext* context, Arguments arguments) {
  if (arguments.empty() || !JS_IsString(arguments[0])) return JS_TRUE;
  return JS_NewBool(context, scope_of(context).node(text_at(context, arguments, 0)).ok());
}

// What QuickJS calls: nothing of C++ may pass through its frames, and nobody may jump out of ours.
template <JSValue (*native)(JSContext*, Arguments)>
JSValue entry(JSContext* context, JSValue, int count, JSValue* arguments) {
  Leash& leash = Realm::of(context).leash();
  JSValue result = JS_UNDEFINED;
  leash.hold();
  try {
    result = native(context, {arguments, static_cast<std::size_t>(count)});
  } catch (...) {
    result = JS_ThrowOutOfMemory(context);
  }
  leash.release();
  return result;
}

}  // namespace

JSValue make_natives(JSContext* context) {
  constexpr std::array<std::pair<const char*, JSCFunction*>, 14> natives = {{{"now", entry<now>},
                                                                             {"zone", entry<zone>},
                                                                             {"is_zone", entry<zone_is_known>},
                                                                             {"parse", entry<parse>},
                                                                             {"add", entry<add>},
                                                                             {"start_of", entry<start>},
                                                                             {"end_of", entry<end>},
                                                                             {"diff", entry<diff>},
                                                                             {"iso", entry<iso>},
                                                                             {"format", entry<format>},
                                                                             {"field", entry<field>},
                                                                             {"slot", entry<slot>},
                                                                             {"pick", entry<pick>},
                                                                             {"ran", entry<ran>}}};
  const JSValue object = JS_NewObject(context);
  for (const auto& [name, function] : natives) {
    JS_DefinePropertyValueStr(context, object, name, JS_NewCFunction(context, function, name, 0), JS_PROP_C_W_E);
  }
  return object;
}

}  // namespace mbflow::expr
