// Digests and text codings, over libsodium and OpenSSL. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mbflow {

[[nodiscard]] std::string sha256(std::string_view bytes);  // 32 raw bytes
[[nodiscard]] std::string sha1(std::string_view bytes);    // 20 raw bytes; only for UUIDv5, never for secrets
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 raw bytes (RFC 2104)
[[nodiscard]] std::string to_hex(std::string_view bytes);
[[nodiscard]] std::string base64_encode(std::string_view bytes);
[[nodiscard]] std::string base64url_encode(std::string_view bytes);  // no padding (RFC 4648 §5)
[[nodiscard]] std::optional<std::string> base64_decode(
    std::string_view text);  // accepts both alphabets, optional padding
// Constant time in the length of `a`; for every comparison of a token or signature.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace mbflow
