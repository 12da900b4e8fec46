// Text from strangers (an author's Error, a jailed process) made fit for a message: valid UTF-8, no longer than told.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mbflow::expr {

// A longer text ends in "…"; what is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string fit_message(std::string_view text, std::size_t max_bytes);

}  // namespace mbflow::expr
