// Items by the values of some fields, and what is reckoned over each group. Pure functions.
#pragma once

#include "aggregate.gen.h"
#include "nodes/path.h"

#include <span>
#include <vector>

namespace mbflow::nodes::aggregate {

// An item that descends from these items.
[[nodiscard]] Item item_of(Value json, const std::vector<std::size_t>& members);

// An item a group, in the order in which the groups first came. Errors: path.syntax, aggregate.not_a_number
[[nodiscard]] Result<Output> by_groups(const Config& config, std::span<const Item> items);

}  // namespace mbflow::nodes::aggregate
