// Schedules and their ticks in memory. Guarded by the store's mutex.
#pragma once

#include "store/store.h"

#include <map>
#include <tuple>

namespace mbflow::store {

class MemorySchedules {
 public:
  void replace(TenantId tenant, WorkflowId workflow, int version, const std::vector<Schedule>& schedules, Timestamp now);
  void forget(TenantId tenant, WorkflowId workflow);  // its ticks too
  [[nodiscard]] std::vector<Schedule> list() const;
  bool add(const Tick& tick);  // whether it was not there yet
  [[nodiscard]] std::vector<Tick> ticks(TenantId tenant, WorkflowId workflow, const std::string& node_id, Timestamp before,
                                        std::size_t limit) const;

 private:
  using Node = std::tuple<TenantId, WorkflowId, std::string>;
  std::map<Node, Schedule> live_;
  std::map<Node, std::map<Timestamp, Tick>> ticks_;
};

}  // namespace mbflow::store
