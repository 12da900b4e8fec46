#include "model/blob.h"

#include "base/hash.h"

#include <algorithm>

namespace mbflow {

BlobId BlobId::of(std::string_view content) { return *from_raw(sha256(content)); }

std::optional<BlobId> BlobId::from_raw(std::string_view raw) {
  BlobId id;
  if (raw.size() != id.bytes.size()) return std::nullopt;
  std::ranges::copy(raw, id.bytes.begin());
  return id;
}

std::optional<BlobId> BlobId::from_hex(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  BlobId id;
  if (text.size() != 2 * id.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = digits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    auto& byte = id.bytes[i / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | static_cast<unsigned>(digit));
  }
  return id;
}

std::string BlobId::to_hex() const { return mbflow::to_hex(raw()); }

}  // namespace mbflow
