// Values into JavaScript and back. Both copy; both are bounded in depth and size.
#pragma once

#include "expr/realm.h"

#include <mbflow/value.h>

namespace mbflow::expr {

// Plain objects with own data properties (`__proto__` is a key like any other), plain arrays. Integers beyond 2^53
// become the nearest double. An exception value when memory runs out. Calls no JavaScript.
[[nodiscard]] JSValue to_js(JSContext* context, const Value& value);

// JSON.stringify's view of a result: toJSON is honoured; undefined, functions and symbols are left out of objects and
// become null elsewhere; NaN and infinities become null. Beyond it: a BigInt that fits becomes an integer; a Promise, a
// cycle or too much data is a fault. May call JavaScript.
struct Converted {
  enum class Fault : std::uint8_t { none, raised, cycle, depth, size, bigint, promise };
  Value value;
  Fault fault = Fault::none;
};
[[nodiscard]] Converted from_js(Realm& realm, JSValue value, std::size_t max_bytes);

// UTF-8 of a string; half of a surrogate pair becomes U+FFFD. False: memory ran out.
[[nodiscard]] bool text_of(JSContext* context, JSValue string, std::string& out);

}  // namespace mbflow::expr
