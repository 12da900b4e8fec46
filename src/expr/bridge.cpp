#include "expr/bridge.h"

#include "expr/native.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace mbflow::expr {
namespace {

JSValue array_to_js(JSContext* context, std::span<const Value> elements) {
  std::vector<JSValue> values;
  values.reserve(elements.size());
  for (const Value& element : elements) {
    values.push_back(to_js(context, element));
    if (!JS_IsException(values.back())) continue;
    for (std::size_t i = 0; i + 1 < values.size(); ++i) JS_FreeValue(context, values[i]);
    return JS_EXCEPTION;
  }
  return JS_NewArrayFrom(context, static_cast<int>(values.size()), values.data());
}

JSValue object_to_js(JSContext* context, std::span<const Member> members) {
  const JSValue object = JS_NewObject(context);
  for (const Member& member : members) {
    const std::string_view key = member.key.as_string();
    const JSValue value = to_js(context, member.value);
    const JSAtom atom = JS_IsException(value) ? JS_ATOM_NULL : JS_NewAtomLen(context, key.data(), key.size());
    const bool defined =
        atom != JS_ATOM_NULL && JS_DefinePropertyValue(context, object, atom, value, JS_PROP_C_W_E) >= 0;
    JS_FreeAtom(context, atom);
    if (defined) continue;
    JS_FreeValue(context, object);
    return JS_EXCEPTION;
  }
  return object;
}

// The encoder writes half a surrogate pair as three bytes ED A0…BF xx, which is no UTF-8.
void mend_surrogates(std::string& text) {
  for (std::size_t at = text.find('\xED'); at != std::string::npos; at = text.find('\xED', at + 1)) {
    if (at + 2 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0U) text.replace(at, 3, "\xEF\xBF\xBD");
  }
}

class Converter {
 public:
  Converter(Realm& realm, std::size_t max_bytes) : realm_(realm), context_(realm.context()), budget_(max_bytes) {}

  Converted run(JSValue value) {
    Value out;
    const bool present = convert(value, out);
    if (!present) out = Value();
    return {std::move(out), fault_};
  }

 private:
  using Fault = Converted::Fault;

  void fail_with(Fault fault) {
    if (fault_ == Fault::none) fault_ = fault;
  }
  bool spend(std::size_t bytes) {
    if (++steps_ % 1024 == 0 && realm_.overdue()) fail_with(Fault::raised);
    if (bytes > budget_) fail_with(Fault::size);
    budget_ -= std::min(bytes, budget_);
    return fault_ == Fault::none;
  }

  // False: it has no place in JSON (undefined, a function), or fault_ is set.
  bool convert(JSValue value, Value& out) {
    if (!spend(sizeof(Value))) return false;
    switch (JS_VALUE_GET_NORM_TAG(value)) {
      case JS_TAG_NULL:
        return true;
      case JS_TAG_BOOL:
        out = Value(JS_VALUE_GET_BOOL(value) != 0);
        return true;
      case JS_TAG_INT:
        out = Value(std::int64_t{JS_VALUE_GET_INT(value)});
        return true;
      case JS_TAG_FLOAT64:
        out = number_value(JS_VALUE_GET_FLOAT64(value));
        return true;
      case JS_TAG_STRING:
      case JS_TAG_STRING_ROPE:
        return string(value, out);
      case JS_TAG_BIG_INT:
      case JS_TAG_SHORT_BIG_INT:
        return big_integer(value, out);
      case JS_TAG_OBJECT:
        return object(value, out);
      default:
        return false;
    }
  }

  bool string(JSValue value, Value& out) {
    std::string text;
    if (!text_of(context_, value, text)) fail_with(Fault::raised);
    if (!spend(text.size())) return false;
    out = Value(text);
    return true;
  }

  bool big_integer(JSValue value, Value& out) {
    std::string digits;
    std::int64_t integer = 0;
    if (!text_of(context_, value, digits)) fail_with(Fault::raised);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), integer);
    if (error != std::errc()) fail_with(Fault::bigint);
    out = Value(integer);
    return fault_ == Fault::none;
  }

  bool object(JSValue value, Value& out) {
    if (JS_IsFunction(context_, value)) return false;
    if (JS_IsPromise(value)) fail_with(Fault::promise);
    if (std::ranges::find(path_, JS_VALUE_GET_PTR(value)) != path_.end()) fail_with(Fault::cycle);
    if (path_.size() + 1 >= Value::max_depth) fail_with(Fault::depth);
    if (fault_ != Fault::none) return false;
    if (wants_own_json(value)) return own_json(value, out);
    path_.push_back(JS_VALUE_GET_PTR(value));
    const bool present = JS_IsArray(value) ? array(value, out) : record(value, out);
    path_.pop_back();
    return present;
  }

  // Neither Object.prototype nor Array.prototype has a toJSON: of plain data only an own one counts.
  bool wants_own_json(JSValue value) {
    const Owned prototype(realm_, JS_GetPrototype(context_, value));
    if (!realm_.is_plain_prototype(prototype.get())) return true;
    return JS_GetOwnProperty(context_, nullptr, value, realm_.to_json_name()) > 0;
  }

  bool own_json(JSValue value, Value& out) {
    Owned method(realm_, JS_UNDEFINED);
    if (!realm_.get(value, "toJSON", method)) return raised();
    if (!JS_IsFunction(context_, method.get())) return contents(value, out);
    Owned key(realm_, JS_NewString(context_, ""));
    JSValue argument = key.get();
    Owned result(realm_, JS_UNDEFINED);
    if (!realm_.call(method.get(), value, {&argument, 1}, result)) return raised();
    return JS_IsObject(result.get()) ? contents(result.get(), out) : convert(result.get(), out);
  }

  // An object whose toJSON has had its say.
  bool contents(JSValue value, Value& out) {
    if (JS_IsFunction(context_, value)) return false;
    if (JS_IsPromise(value)) fail_with(Fault::promise);
    if (std::ranges::find(path_, JS_VALUE_GET_PTR(value)) != path_.end()) fail_with(Fault::cycle);
    if (fault_ != Fault::none) return false;
    if (realm_.is_boxed(value)) return boxed(value, out);
    path_.push_back(JS_VALUE_GET_PTR(value));
    const bool present = JS_IsArray(value) ? array(value, out) : record(value, out);
    path_.pop_back();
    return present;
  }

  bool boxed(JSValue value, Value& out) {
    Owned method(realm_, JS_UNDEFINED);
    Owned plain(realm_, JS_UNDEFINED);
    if (!realm_.get(value, "valueOf", method) || !realm_.call(method.get(), value, {}, plain)) return raised();
    return !JS_IsObject(plain.get()) && convert(plain.get(), out);
  }

  bool array(JSValue value, Value& out) {
    std::int64_t length = 0;
    if (JS_GetLength(context_, value, &length) < 0) return raised();
    if (!spend(static_cast<std::size_t>(length) * sizeof(Value))) return false;
    std::vector<Value> elements(static_cast<std::size_t>(length));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      // An index below 2^31 is no allocated atom: nothing to free.
      (void)member(value, JS_NewAtomUInt32(context_, static_cast<std::uint32_t>(i)), elements[i]);
      if (fault_ != Fault::none) return false;
    }
    out = Value::array(std::move(elements));
    return true;
  }

  bool record(JSValue value, Value& out) {
    JSPropertyEnum* names = nullptr;
    std::uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context_, &names, &count, value, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) != 0)
      return raised();
    ObjectBuilder builder;
    builder.reserve(std::min<std::size_t>(count, budget_ / sizeof(Member)));
    for (std::uint32_t i = 0; i < count && fault_ == Fault::none; ++i) {
      Value inner;
      std::string key;
      if (member(value, names[i].atom, inner) && key_text(names[i].atom, key))
        builder.append(Value(key), std::move(inner));
    }
    if (!realm_.is_dead()) JS_FreePropertyEnum(context_, names, count);
    out = builder.build();
    return fault_ == Fault::none;
  }

  // An own member: data is read without running code, a getter is called as any JavaScript is.
  bool member(JSValue object, JSAtom name, Value& out) {
    JSPropertyDescriptor property{0, JS_UNDEFINED, JS_UNDEFINED, JS_UNDEFINED};
    const int found = JS_GetOwnProperty(context_, &property, object, name);
    if (found < 0) return raised();
    Owned value(realm_, property.value);
    const Owned getter(realm_, property.getter);
    const Owned setter(realm_, property.setter);
    if (JS_IsFunction(context_, getter.get()) && !realm_.call(getter.get(), object, {}, value)) return raised();
    return found == 1 && convert(value.get(), out);
  }

  bool key_text(JSAtom name, std::string& out) {
    std::size_t size = 0;
    const char* text = JS_AtomToCStringLen(context_, &size, name);
    if (text == nullptr) return raised();
    out.assign(text, size);
    JS_FreeCString(context_, text);
    mend_surrogates(out);
    return spend(sizeof(Value) + out.size());
  }

  bool raised() {
    fail_with(Fault::raised);
    return false;
  }

  Realm& realm_;
  JSContext* context_;
  std::size_t budget_;
  std::size_t steps_ = 0;
  std::vector<void*> path_;  // the objects around the one being converted
  Fault fault_ = Fault::none;
};

}  // namespace

JSValue to_js(JSContext* context, const Value& value) {
  switch (value.type()) {
    case Value::Type::null:
      return JS_NULL;
    case Value::Type::boolean:
      return JS_NewBool(context, value.as_bool());
    case Value::Type::integer:
      return JS_NewInt64(context, value.as_integer());
    case Value::Type::number:
      return JS_NewFloat64(context, value.as_number());
    case Value::Type::string:
      return JS_NewStringLen(context, value.as_string().data(), value.as_string().size());
    case Value::Type::array:
      return array_to_js(context, value.elements());
    case Value::Type::object:
      return object_to_js(context, value.members());
  }
  return JS_UNDEFINED;
}

Converted from_js(Realm& realm, JSValue value, std::size_t max_bytes) { return Converter(realm, max_bytes).run(value); }

bool text_of(JSContext* context, JSValue string, std::string& out) {
  std::size_t size = 0;
  const char* text = JS_ToCStringLen(context, &size, string);
  if (text == nullptr) return false;
  out.assign(text, size);
  JS_FreeCString(context, text);
  mend_surrogates(out);
  return true;
}

}  // namespace mbflow::expr
