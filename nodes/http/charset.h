// Texts of the old Western and Cyrillic web, still served by banks and registries, as UTF-8. Pure function.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mbflow::nodes::http {

// Nothing for a charset not known here: windows-1251, windows-1252 and ISO-8859-1, which browsers read as windows-1252.
[[nodiscard]] std::optional<std::string> to_utf8(std::string_view bytes, std::string_view charset);

}  // namespace mbflow::nodes::http
