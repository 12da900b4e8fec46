// The one rule for outbound addresses (S14): what is not public is refused unless the operator allowed it by address range
// and, if given, port. Pure; checked on resolved addresses, right when the socket is opened.
#pragma once

#include <mbflow/result.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::net {

// An IPv4 address is held as its IPv4-mapped IPv6 form.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  [[nodiscard]] static std::optional<Address> parse(std::string_view text);  // dotted quad or RFC 4291 text, nothing looser
  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Address&, const Address&) = default;
};

struct Cidr {
  Address network;
  int prefix = 128;  // of the 128-bit form
  std::optional<std::uint16_t> port;
  // "127.0.0.1", "10.0.0.0/8", "[::1]:8080", "127.0.0.1/32:9000". Error: egress.syntax
  [[nodiscard]] static Result<Cidr> parse(std::string_view text);
  [[nodiscard]] bool contains(const Address& address, std::uint16_t at_port) const;
};

struct EgressPolicy {
  std::vector<Cidr> allowed;
  [[nodiscard]] bool permits(const Address& address, std::uint16_t port) const;
};

// True for global unicast only: every special-purpose range of the IANA registries is false, also inside IPv4-mapped,
// 6to4, Teredo and NAT64 forms.
[[nodiscard]] bool is_public(const Address& address);

}  // namespace mbflow::net
