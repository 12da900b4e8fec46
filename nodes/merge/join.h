// The ways in which merge puts items of several edges together into one. Pure functions.
#pragma once

#include "merge.gen.h"

#include <span>
#include <vector>

namespace mbflow::nodes::merge {

// The items of one incoming edge; `first` is the position of the first of them among all that came in.
struct Part {
  std::span<const Item> items;
  std::size_t first = 0;
};
[[nodiscard]] std::vector<Part> parts_of(const Context& context);

// Errors: merge.too_many, path.syntax
[[nodiscard]] Result<Output> join_by_key(const Config& config, const std::vector<Part>& parts);
[[nodiscard]] Result<Output> pair_by_position(const Config& config, const std::vector<Part>& parts);
[[nodiscard]] Result<Output> combine_all(const Config& config, const std::vector<Part>& parts);

}  // namespace mbflow::nodes::merge
