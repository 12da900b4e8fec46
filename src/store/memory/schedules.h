// Schedules and their ticks, and the switches of all triggers, in memory. Guarded by the store's mutex.
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
  [[nodiscard]] bool may_start(const Tick& tick) const;  // it was not due while its trigger is or was switched off

  void turn(TenantId tenant, WorkflowId workflow, std::string node_id, bool on, Timestamp now);
  void forget_switches(TenantId tenant, WorkflowId workflow);
  // Puts the switch into the row of a trigger.
  template <class Trigger>
  Trigger switched(Trigger trigger) const {
    const auto found = switches_.find({trigger.tenant, trigger.workflow, trigger.node_id});
    if (found == switches_.end()) return trigger;
    trigger.enabled = found->second.on;
    if constexpr (requires { trigger.switched_at; }) trigger.switched_at = found->second.at;
    return trigger;
  }
  [[nodiscard]] std::vector<Tick> ticks(TenantId tenant, WorkflowId workflow, const std::string& node_id, Timestamp before,
                                        std::size_t limit) const;

 private:
  using Node = std::tuple<TenantId, WorkflowId, std::string>;
  std::map<Node, Schedule> live_;
  std::map<Node, std::map<Timestamp, Tick>> ticks_;
  struct Switch {
    bool on = true;
    Timestamp at{};
  };
  std::map<Node, Switch> switches_;
};

}  // namespace mbflow::store
