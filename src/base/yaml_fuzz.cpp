// Any bytes: no exception leaves the reader, every place has a line, and what parses reads back equal from the writer.
#include "base/yaml.h"

#include <cstdint>
#include <cstdlib>

using namespace mbflow;

static void require(bool truth) {
  if (!truth) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto located = parse_yaml(text);
  if (!located.ok()) {
    require(located.error().message.starts_with("line "));
    return 0;
  }
  for (const auto& [pointer, line] : located->lines) {
    require(line >= 1 && resolve_pointer(located->value, pointer) != nullptr);
  }
  if (located->value.memory() > (std::size_t{1} << 20)) return 0;
  const auto again = parse_yaml(write_yaml(located->value));
  require(again.ok() && again->value == located->value);
  return 0;
}
