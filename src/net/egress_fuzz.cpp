// Addresses and ranges from any bytes, against a second opinion written here: inet_pton on the parts.
#include "net/egress.h"

#include <arpa/inet.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace {

using mbflow::net::Address;
using mbflow::net::Cidr;

void require(bool truth) {
  if (!truth) std::abort();
}

bool oracle_address(const std::string& text) {
  std::array<std::uint8_t, 16> bytes{};
  if (text.size() != std::strlen(text.c_str())) return false;
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

void check_address(const std::string& text) {
  auto address = Address::parse(text);
  require(address.has_value() == oracle_address(text));
  if (!address) return;
  require(Address::parse(address->to_string()) == address);
  require(address->is_v4() == (address->to_string().find(':') == std::string::npos));
}

// A range that was taken holds its own address, is written without host bits, and says the same again when written
// anew.
void check_range(const std::string& text) {
  auto range = Cidr::parse(text);
  if (!range) return require(range.error().code == "egress.syntax");
  require(range->prefix >= 0 && range->prefix <= 128);
  require(range->port != std::uint16_t{0});
  auto port = range->port.value_or(1);
  bool wide = range->prefix < 96 && range->network.is_v4();
  require(range->contains(range->network, port) != wide);
  if (range->port) require(!range->contains(range->network, static_cast<std::uint16_t>(port + 1)));
  bool v4 = range->network.is_v4() && range->prefix >= 96;
  std::string again = v4 ? range->network.to_string() : "[" + range->network.to_string() + "]";
  again += "/" + std::to_string(v4 ? range->prefix - 96 : range->prefix);
  if (range->port) again += ":" + std::to_string(*range->port);
  auto second = Cidr::parse(again);
  require(second.ok() && second->network == range->network && second->prefix == range->prefix &&
          second->port == range->port);
}

// The bytes themselves as an address: what is inside a translating form decides.
void check_classes(const std::uint8_t* data, std::size_t size) {
  Address address;
  std::memcpy(address.bytes.data(), data, size < 16 ? size : 16);
  if (mbflow::net::is_public(address))
    require((address.bytes[0] & 0xe0) == 0x20 || address.is_v4() || address.bytes[1] == 0x64);
  Address mapped;
  mapped.bytes[10] = mapped.bytes[11] = 0xff;
  std::memcpy(mapped.bytes.data() + 12, address.bytes.data() + 12, 4);
  Address translated;
  translated.bytes = {0x00, 0x64, 0xff, 0x9b};
  std::memcpy(translated.bytes.data() + 12, address.bytes.data() + 12, 4);
  require(mbflow::net::is_public(mapped) == mbflow::net::is_public(translated));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  check_address(text);
  check_range(text);
  check_classes(data, size);
  return 0;
}
