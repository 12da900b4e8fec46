// How a bounded room is shared: what one may have grows with what is still free (dynamic thresholds: Choudhury and
// Hahne, "Dynamic queue length thresholds for shared-memory packet switches", IEEE/ACM Transactions on Networking 6(2),
// 1998). A workflow alone gets three quarters, a tenant alone seven eighths, and whoever comes later finds room however
// many were there before. A value type of one thread.
#pragma once

#include "base/id.h"

#include <cstddef>
#include <unordered_map>

namespace mbflow::runtime {

class Shares {
 public:
  void take(const TenantId& tenant, const WorkflowId& workflow, std::size_t count = 1) {
    total_ += count;
    tenants_[tenant] += count;
    workflows_[workflow] += count;
  }
  void add(const Shares& more) {
    total_ += more.total_;
    for (const auto& [id, count] : more.tenants_) tenants_[id] += count;
    for (const auto& [id, count] : more.workflows_) workflows_[id] += count;
  }
  void give_back(const TenantId& tenant, const WorkflowId& workflow) {
    --total_;
    drop(tenants_, tenant);
    drop(workflows_, workflow);
  }
  [[nodiscard]] std::size_t total() const { return total_; }
  // Whether one more of this workflow fits into room for `limit`, of which `taken` is taken.
  [[nodiscard]] bool has_room(const TenantId& tenant, const WorkflowId& workflow, std::size_t limit,
                              std::size_t taken) const {
    if (taken >= limit) return false;
    const std::size_t free = limit - taken;
    return count(workflows_, workflow) < 3 * free && count(tenants_, tenant) < 7 * free;
  }
  [[nodiscard]] bool has_room(const TenantId& tenant, const WorkflowId& workflow, std::size_t limit) const {
    return has_room(tenant, workflow, limit, total_);
  }

 private:
  template <class Id>
  using Counts = std::unordered_map<Id, std::size_t, IdHash>;
  template <class Id>
  static std::size_t count(const Counts<Id>& counts, const Id& id) {
    const auto found = counts.find(id);
    return found == counts.end() ? 0 : found->second;
  }
  template <class Id>
  static void drop(Counts<Id>& counts, const Id& id) {
    if (const auto found = counts.find(id); found != counts.end() && --found->second == 0) counts.erase(found);
  }
  std::size_t total_ = 0;
  Counts<TenantId> tenants_;
  Counts<WorkflowId> workflows_;
};

}  // namespace mbflow::runtime
