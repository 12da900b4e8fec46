#include "store/lanes.h"

#include <deque>
#include <map>
#include <random>

namespace mbflow::store {

namespace {

template <class T>
T next_of(std::deque<T>& turns) {
  T next = std::move(turns.front());
  turns.pop_front();
  return next;
}

using OfWorkflow = std::deque<std::size_t>;
using OfTenant = std::deque<OfWorkflow>;

std::deque<OfTenant> line_up(std::span<const Lane> lanes) {
  std::map<TenantId, std::map<WorkflowId, OfWorkflow>> grouped;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (lanes[i].room > 0) grouped[lanes[i].tenant][lanes[i].workflow].push_back(i);
  }
  std::deque<OfTenant> tenants;
  for (auto& [tenant, workflows] : grouped) {
    tenants.emplace_back();
    for (auto& [workflow, indices] : workflows) tenants.back().push_back(std::move(indices));
  }
  return tenants;
}

}  // namespace

// Which it is decides nothing but whose turn comes first.
std::int64_t random_lane() {
  static thread_local std::minstd_rand random{std::random_device{}()};
  return static_cast<std::int64_t>(std::uint64_t{random()} << 33 ^ std::uint64_t{random()} << 2);
}

std::vector<int> share_out(std::span<const Lane> lanes, std::size_t limit) {
  std::vector<int> shares(lanes.size(), 0);
  auto tenants = line_up(lanes);
  for (; limit > 0 && !tenants.empty(); --limit) {
    auto tenant = next_of(tenants);
    auto workflow = next_of(tenant);
    const auto lane = next_of(workflow);
    if (++shares[lane] < lanes[lane].room) workflow.push_back(lane);
    if (!workflow.empty()) tenant.push_back(std::move(workflow));
    if (!tenant.empty()) tenants.push_back(std::move(tenant));
  }
  return shares;
}

}  // namespace mbflow::store
