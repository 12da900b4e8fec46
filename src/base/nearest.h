// The known word that a mistyped one was probably meant to be, for messages that name the cure. Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mbflow {

// Empty when nothing is near. Case, '_' and '-' count little. Only the first 2,000 candidates are looked at, so that a
// hostile document cannot buy much work with one message.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string> candidates);
// "; did you mean 'x'?", or empty.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace mbflow
