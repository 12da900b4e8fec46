// Where a credential may go: scheme, host and port. Pure functions.
#pragma once

#include <mbflow/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace mbflow::vault {

// "https://api.example.com", with a port when it is not the usual one; "https://*.example.com" for every name below. In normal
// form. Error credential.origin_syntax.
[[nodiscard]] Result<std::string> parse_origin(std::string_view text);
// Whether a request to that address may carry a credential of these origins.
[[nodiscard]] bool is_within(std::string_view url, const std::vector<std::string>& origins);
// Whether everything the first allows the second allows too.
[[nodiscard]] bool is_subset(const std::vector<std::string>& some, const std::vector<std::string>& all);

}  // namespace mbflow::vault
