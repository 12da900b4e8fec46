// Every error code with its meaning and cure: made by the build from the errors.json of each folder.
#pragma once

#include <span>
#include <string_view>

namespace mbflow::app {

struct ErrorAdvice {
  std::string_view code, meaning, cure;
};

[[nodiscard]] std::span<const ErrorAdvice> error_catalogue();

}  // namespace mbflow::app
