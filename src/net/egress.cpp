#include "net/egress.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace mbflow::net {
namespace {

constexpr int v4_offset = 96;  // bits before the IPv4 address in its mapped form

// A range of one family, written as in the IANA registries; `prefix` counts the bits of that family.
struct Range {
  std::array<std::uint8_t, 6> bytes;
  int prefix;
};

// https://www.iana.org/assignments/iana-ipv4-special-registry, with multicast and 240.0.0.0/4. The few "globally
// reachable" single addresses inside 192.0.0.0/24 stay closed: nothing a workflow calls lives there.
constexpr Range special_v4[] = {
    {{0}, 8},
    {{10}, 8},
    {{100, 64}, 10},
    {{127}, 8},
    {{169, 254}, 16},
    {{172, 16}, 12},
    {{192, 0, 0}, 24},
    {{192, 0, 2}, 24},
    {{192, 88, 99}, 24},
    {{192, 168}, 16},
    {{198, 18}, 15},
    {{198, 51, 100}, 24},
    {{203, 0, 113}, 24},
    {{224}, 4},
    {{240}, 4},
};

// Inside 2000::/3, the only global unicast space; all else (::, ::1, fc00::/7, fe80::/10, ff00::/8, 100::/64, 5f00::/16
// …) is refused by not being in it. 2001::/23 holds Teredo, ORCHID and benchmarking.
constexpr Range global_v6{{0x20}, 3};
constexpr Range special_v6[] = {
    {{0x20, 0x01, 0x00}, 23},
    {{0x20, 0x01, 0x0d, 0xb8}, 32},
    {{0x3f, 0xff}, 20},
};
constexpr Range six_to_four{{0x20, 0x02}, 16};
constexpr std::array<std::uint8_t, 12> nat64{0x00, 0x64, 0xff, 0x9b};

bool same_prefix(std::span<const std::uint8_t> left, std::span<const std::uint8_t> right, int bits) {
  auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(whole), right.begin())) return false;
  int rest = bits % 8;
  if (rest == 0) return true;
  auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (left[whole] & mask) == (right[whole] & mask);
}

bool in_range(std::span<const std::uint8_t> address, const Range& range) {
  return same_prefix(address, range.bytes, range.prefix);
}

bool is_public_v4(std::span<const std::uint8_t> address) {
  return std::ranges::none_of(special_v4, [&](const Range& range) { return in_range(address, range); });
}

template <class Number>
std::optional<Number> parse_number(std::string_view text, Number limit) {
  // No sign, no leading zero: one spelling for one number.
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  Number value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.front() == '-' || value > limit)
    return std::nullopt;
  return value;
}

Error syntax(std::string_view text, std::string_view cure) {
  return fail(Kind::invalid, "egress.syntax",
              "'" + std::string(text) + "' is not an address range: " + std::string(cure) +
                  " (examples: 127.0.0.1, 10.0.0.0/8, [::1]:8080, 127.0.0.1/32:9000)");
}

struct Pieces {
  std::string_view address, prefix, port;
  bool has_prefix = false, has_port = false, bracketed = false;
};

// Splits "ADDRESS[/PREFIX][:PORT]"; an IPv6 address stands in brackets when a port follows.
std::optional<Pieces> split(std::string_view text) {
  Pieces pieces;
  std::string_view rest;
  pieces.bracketed = text.starts_with('[');
  if (pieces.bracketed) {
    auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    pieces.address = text.substr(1, close - 1);
    rest = text.substr(close + 1);
  } else {
    // A bare IPv6 address holds colons itself, so it cannot carry a port.
    bool v6 = text.find(':') != text.rfind(':');
    auto end = std::min(text.find_first_of(v6 ? "/" : "/:"), text.size());
    pieces.address = text.substr(0, end);
    rest = text.substr(end);
  }
  if (rest.starts_with('/')) {
    auto end = std::min(rest.find(':'), rest.size());
    pieces.has_prefix = true;
    pieces.prefix = rest.substr(1, end - 1);
    rest = rest.substr(end);
  }
  if (rest.starts_with(':')) {
    pieces.has_port = true;
    pieces.port = rest.substr(1);
    rest = {};
  }
  if (!rest.empty()) return std::nullopt;
  return pieces;
}

Address masked(Address address, int prefix) {
  for (int bit = prefix; bit < 128; ++bit) {
    auto index = static_cast<std::size_t>(bit / 8);
    address.bytes[index] = static_cast<std::uint8_t>(address.bytes[index] & ~(0x80 >> (bit % 8)));
  }
  return address;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN + 1> copy{};  // inet_pton wants an end mark
  if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::ranges::copy(text, copy.begin());
  Address address;
  if (inet_pton(AF_INET6, copy.data(), address.bytes.data()) == 1) return address;
  address = {};
  address.bytes[10] = address.bytes[11] = 0xff;
  if (inet_pton(AF_INET, copy.data(), address.bytes.data() + 12) == 1) return address;
  return std::nullopt;
}

bool Address::is_v4() const {
  static constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(mapped.begin(), mapped.end(), bytes.begin());
}

std::string Address::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4())
    inet_ntop(AF_INET, bytes.data() + 12, text.data(), text.size());
  else
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

Result<Cidr> Cidr::parse(std::string_view text) {
  auto pieces = split(text);
  if (!pieces) return syntax(text, "write ADDRESS, ADDRESS/PREFIX or either with :PORT, IPv6 with a port in brackets");
  auto address = Address::parse(pieces->address);
  if (!address) return syntax(text, "the address is not a dotted quad or an IPv6 address");
  bool v4_text = pieces->address.find(':') == std::string_view::npos;
  if (v4_text && pieces->bracketed) return syntax(text, "brackets are for IPv6 addresses");

  Cidr cidr{.network = *address, .prefix = 128, .port = std::nullopt};
  if (pieces->has_prefix) {
    auto prefix = parse_number<int>(pieces->prefix, v4_text ? 32 : 128);
    if (!prefix) return syntax(text, v4_text ? "the prefix is 0 to 32" : "the prefix is 0 to 128");
    cidr.prefix = v4_text ? *prefix + v4_offset : *prefix;
  }
  if (masked(*address, cidr.prefix) != *address)
    return syntax(text,
                  "bits are set behind the prefix; the range begins at " + masked(*address, cidr.prefix).to_string());
  if (!pieces->has_port) return cidr;
  auto port = parse_number<std::uint16_t>(pieces->port, 65535);
  if (!port || *port == 0) return syntax(text, "the port is 1 to 65535");
  cidr.port = port;
  return cidr;
}

bool Cidr::contains(const Address& address, std::uint16_t at_port) const {
  if (port && *port != at_port) return false;
  // A wide IPv6 range such as ::/0 must not open all of IPv4 through the mapped form.
  if (address.is_v4() && prefix < v4_offset) return false;
  return same_prefix(address.bytes, network.bytes, prefix);
}

bool EgressPolicy::permits(const Address& address, std::uint16_t port) const {
  if (is_public(address)) return true;
  return std::ranges::any_of(allowed, [&](const Cidr& range) { return range.contains(address, port); });
}

bool is_public(const Address& address) {
  std::span bytes(address.bytes);
  if (address.is_v4()) return is_public_v4(bytes.subspan(12));
  // A translator or tunnel would reach the address inside.
  if (same_prefix(bytes, nat64, 96)) return is_public_v4(bytes.subspan(12));
  if (in_range(bytes, six_to_four)) return is_public_v4(bytes.subspan(2, 4));
  if (!in_range(bytes, global_v6)) return false;
  return std::ranges::none_of(special_v6, [&](const Range& range) { return in_range(bytes, range); });
}

}  // namespace mbflow::net
