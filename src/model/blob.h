// What is too large for a journal is kept apart as a blob, under the SHA-256 of its bytes, and named by a Segment.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mbflow {

struct BlobId {
  std::array<std::uint8_t, 32> bytes{};
  [[nodiscard]] static BlobId of(std::string_view content);
  [[nodiscard]] static std::optional<BlobId> from_raw(std::string_view raw);  // 32 bytes
  [[nodiscard]] static std::optional<BlobId> from_hex(std::string_view text);
  [[nodiscard]] std::string_view raw() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  [[nodiscard]] std::string to_hex() const;
  friend auto operator<=>(const BlobId&, const BlobId&) = default;
};

// A blob that something refers to, with its size.
struct BlobUse {
  BlobId id;
  std::uint64_t bytes = 0;
  friend bool operator==(const BlobUse&, const BlobUse&) = default;
};

// A part of a list: a blob that holds so many items, the first of which is the list's `first`.
struct Segment {
  BlobUse blob;
  std::uint32_t items = 0;
  std::uint32_t first = 0;
  [[nodiscard]] std::uint32_t end() const { return first + items; }
  friend bool operator==(const Segment&, const Segment&) = default;
};

}  // namespace mbflow
