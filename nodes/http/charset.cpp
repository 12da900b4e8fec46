#include "charset.h"

#include <array>
#include <cstdint>

namespace mbflow::nodes::http {
namespace {

// The bytes 0x80 to 0x9f (windows-1252) and 0x80 to 0xbf (windows-1251), after the WHATWG Encoding Standard. What
// follows them is regular.
constexpr std::array<std::uint16_t, 32> windows_1252 = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};
constexpr std::array<std::uint16_t, 64> windows_1251 = {
    0x0402, 0x0403, 0x201a, 0x0453, 0x201e, 0x2026, 0x2020, 0x2021, 0x20ac, 0x2030, 0x0409, 0x2039, 0x040a,
    0x040c, 0x040b, 0x040f, 0x0452, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x0098, 0x2122,
    0x0459, 0x203a, 0x045a, 0x045c, 0x045b, 0x045f, 0x00a0, 0x040e, 0x045e, 0x0408, 0x00a4, 0x0490, 0x00a6,
    0x00a7, 0x0401, 0x00a9, 0x0404, 0x00ab, 0x00ac, 0x00ad, 0x00ae, 0x0407, 0x00b0, 0x00b1, 0x0406, 0x0456,
    0x0491, 0x00b5, 0x00b6, 0x00b7, 0x0451, 0x2116, 0x0454, 0x00bb, 0x0458, 0x0405, 0x0455, 0x0457,
};

std::uint32_t from_1252(unsigned char byte) { return byte >= 0x80 && byte < 0xa0 ? windows_1252[byte - 0x80U] : byte; }

std::uint32_t from_1251(unsigned char byte) {
  if (byte < 0x80) return byte;
  return byte < 0xc0 ? windows_1251[byte - 0x80U] : 0x410U + (byte - 0xc0U);
}

// None of these tables leaves the basic plane.
void append(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0U | (code >> 6U));
    out += static_cast<char>(0x80U | (code & 0x3fU));
  } else {
    out += static_cast<char>(0xe0U | (code >> 12U));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3fU));
    out += static_cast<char>(0x80U | (code & 0x3fU));
  }
}

}  // namespace

std::optional<std::string> to_utf8(std::string_view bytes, std::string_view charset) {
  const bool cyrillic = charset == "windows-1251" || charset == "cp1251";
  const bool western =
      charset == "windows-1252" || charset == "iso-8859-1" || charset == "latin1" || charset == "us-ascii";
  if (!cyrillic && !western) return std::nullopt;
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes)
    append(out, cyrillic ? from_1251(static_cast<unsigned char>(c)) : from_1252(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace mbflow::nodes::http
