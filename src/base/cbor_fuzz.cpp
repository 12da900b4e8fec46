// Any bytes, read as one value and as a row of them: no crash, no runaway memory, and what was read can be written and
// read.
#include "base/cbor.h"

#include <cstdint>
#include <cstdlib>

using namespace mbflow;

static void require(bool truth) {
  if (!truth) std::abort();
}

static void read_back(const Value& value) {
  std::string written;
  CborWriter(written).value(value);
  CborReader reader(written);
  require(reader.value() == value && reader.ok() && reader.at_end());
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  CborReader values(text);
  while (values.ok() && !values.at_end()) {
    const Value value = values.value();
    // Shared parts may stand for far more than the bytes hold; comparing them would take as long.
    if (values.ok() && value.memory() < (std::size_t{1} << 20)) read_back(value);
  }
  CborReader skipped(text);
  while (skipped.ok() && !skipped.at_end()) skipped.skip();
  require(!values.ok() || skipped.ok());
  require(values.ok() || !values.error().message.empty());
  return 0;
}
