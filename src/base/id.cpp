#include "base/id.h"

#include "base/hash.h"

#include <algorithm>
#include <cstring>

namespace mbflow {
namespace {

void stamp(Uuid& id, std::uint8_t version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | (version << 4));
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool dash_before_byte(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

}  // namespace

Uuid Uuid::v7(Env& env) {
  Uuid id;
  const std::uint64_t tick = env.next_tick();
  const std::uint64_t millis = tick >> 12;
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>((tick >> 8) & 0x0F);
  id.bytes[7] = static_cast<std::uint8_t>(tick);
  env.random(std::span(id.bytes).subspan(8));
  stamp(id, 7);
  return id;
}

Uuid Uuid::v7_named(Timestamp at, std::string_view name) {
  Uuid id;
  const std::string digest = sha256(name);
  std::memcpy(id.bytes.data(), digest.data(), id.bytes.size());
  const auto millis = static_cast<std::uint64_t>(std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count());
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  stamp(id, 7);
  return id;
}

Uuid Uuid::v5(const Uuid& space, std::string_view name) {
  std::string input(space.raw());
  input += name;
  const std::string digest = sha1(input);
  Uuid id;
  std::memcpy(id.bytes.data(), digest.data(), id.bytes.size());
  stamp(id, 5);
  return id;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (dash_before_byte(i) && text[at++] != '-') return std::nullopt;
    const int high = hex_digit(text[at]);
    const int low = hex_digit(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
  }
  return id;
}

std::string Uuid::to_string() const {
  constexpr char hex[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (dash_before_byte(i)) text += '-';
    text += hex[bytes[i] >> 4];
    text += hex[bytes[i] & 15];
  }
  return text;
}

std::size_t IdHash::operator()(const Uuid& id) const noexcept {
  // The second half of every version that MBFlow makes is random or a digest.
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, id.bytes.data(), 8);
  std::memcpy(&low, id.bytes.data() + 8, 8);
  return static_cast<std::size_t>(low ^ (high * 0x9E3779B97F4A7C15));
}

}  // namespace mbflow
