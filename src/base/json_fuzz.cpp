// Any bytes: what parses must read back equal from both writers, and both readers must agree on it.
#include "base/yaml.h"

#include <mbflow/json.h>

#include <cstdint>
#include <cstdlib>

using namespace mbflow;

static void require(bool truth) {
  if (!truth) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto value = parse_json(text);
  const auto located = parse_json_located(text);
  if (!value.ok()) {
    require(!located.ok() && value.error().message.starts_with("line "));
    return 0;
  }
  // The located reader is stricter in one thing only.
  require(located.ok() ? located->value == *value : located.error().code == "json.duplicate_key");
  require(value->depth() <= Value::max_depth);
  const std::string compact = write_json(*value);
  const auto again = parse_json(compact);
  require(again.ok() && *again == *value && write_json(*again) == compact);
  const auto pretty = parse_json_located(write_json_pretty(*value));
  require(pretty.ok() && pretty->value == *value);
  return 0;
}
