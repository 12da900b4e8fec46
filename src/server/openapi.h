// api/openapi.yaml, built into the program.
#pragma once

#include <string_view>

namespace mbflow::server {

[[nodiscard]] std::string_view openapi_yaml();

}  // namespace mbflow::server
