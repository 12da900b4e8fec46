#include "base/describe.h"

#include <mbflow/json.h>

#include <utility>

namespace mbflow {

std::string shorten(std::string text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  while (most_bytes > 0 && (static_cast<unsigned char>(text[most_bytes]) & 0xc0) == 0x80) --most_bytes;
  text.resize(most_bytes);
  return std::move(text) + "…";
}

std::string describe(const Value& value) {
  switch (value.type()) {
    case Value::Type::null: return "null";
    case Value::Type::array: return value.size() == 0 ? "an empty array" : "an array";
    case Value::Type::object: return "an object";
    case Value::Type::string: return write_json(Value(shorten(std::string(value.as_string().substr(0, 80)), 60)));
    default: return write_json(value);
  }
}

}  // namespace mbflow
