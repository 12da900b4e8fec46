// The page at `/`: says what runs here and where to go on. Plain HTML without scripts.
#pragma once

#include <string>
#include <string_view>

namespace mbflow::server {

[[nodiscard]] std::string start_page(std::string_view version);
// Base64 SHA-256 of its style, so that the content security policy can allow just that.
[[nodiscard]] std::string start_page_style_hash();

}  // namespace mbflow::server
