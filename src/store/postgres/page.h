// Keysets: where a page of a list begins.
#pragma once

#include "base/id.h"

namespace mbflow::store::postgres {

// The greatest id that is older than `before`, or the greatest there can be. Nothing: there is none.
[[nodiscard]] inline std::optional<Uuid> greatest_before(const std::optional<Uuid>& before) {
  Uuid id;
  if (!before) {
    id.bytes.fill(0xff);
    return id;
  }
  if (before->is_nil()) return std::nullopt;
  id = *before;
  for (std::size_t i = id.bytes.size(); i-- > 0;) {
    if (id.bytes[i]-- != 0) break;  // else it went from 0 to 255, and the one before it is lowered
  }
  return id;
}

}  // namespace mbflow::store::postgres
