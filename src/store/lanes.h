// Fair turns among what is queued: tenants take turns, within a tenant its workflows, within a workflow its lanes. The same
// for every backend. Pure functions.
#pragma once

#include "base/id.h"

#include <cstdint>
#include <span>
#include <vector>

namespace mbflow::store {

// A lane in which something waits to be claimed.
struct Lane {
  std::int64_t number = 0;
  TenantId tenant;
  WorkflowId workflow;
  int room = 0;  // how many of it may be claimed now
};

// Looked at in one claim. Lanes are numbered by a hash: each look begins at a random one, so that all get their turn.
inline constexpr std::size_t lanes_a_look = 200;

[[nodiscard]] std::int64_t random_lane();

// How many to take of each, `limit` at most in all.
[[nodiscard]] std::vector<int> share_out(std::span<const Lane> lanes, std::size_t limit);

}  // namespace mbflow::store
