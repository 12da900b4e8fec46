#include "store/memory/schedules.h"

#include "base/mutant.h"

namespace mbflow::store {

namespace {

bool is_of(const auto& entry, TenantId tenant, WorkflowId workflow) {
  return std::get<0>(entry.first) == tenant && std::get<1>(entry.first) == workflow;
}

}  // namespace

void MemorySchedules::replace(TenantId tenant, WorkflowId workflow, int version, const std::vector<Schedule>& schedules,
                              Timestamp now) {
  const auto earlier = live_;
  std::erase_if(live_, [&](const auto& entry) { return is_of(entry, tenant, workflow); });
  for (auto schedule : schedules) {
    const Node node(tenant, workflow, schedule.node_id);
    const auto before = earlier.find(node);
    if (schedule.since == Timestamp{}) schedule.since = before == earlier.end() ? now : before->second.since;
    schedule.tenant = tenant;
    schedule.workflow = workflow;
    schedule.version = version;
    live_.insert_or_assign(node, std::move(schedule));
  }
}

void MemorySchedules::forget(TenantId tenant, WorkflowId workflow) {
  std::erase_if(live_, [&](const auto& entry) { return is_of(entry, tenant, workflow); });
  std::erase_if(ticks_, [&](const auto& entry) { return is_of(entry, tenant, workflow); });
}

std::vector<Schedule> MemorySchedules::list() const {
  std::vector<Schedule> list;
  for (const auto& [node, schedule] : live_) {
    list.push_back(switched(schedule));
    const auto ticks = ticks_.find(node);
    list.back().last = ticks == ticks_.end() ? Timestamp{} : ticks->second.rbegin()->first;
  }
  return list;
}

bool MemorySchedules::add(const Tick& tick) {
  const auto [kept, is_new] = ticks_[{tick.tenant, tick.workflow, tick.node_id}].emplace(tick.at, tick);
  if (!is_new && kept->second.outcome != "queued") return false;
  kept->second = tick;
  return true;
}

bool MemorySchedules::may_start(const Tick& tick) const {
  const auto found = switches_.find({tick.tenant, tick.workflow, tick.node_id});
  return found == switches_.end() || (found->second.on && tick.at > found->second.at) || mutant(Mutant::switch_ignored);
}

void MemorySchedules::turn(TenantId tenant, WorkflowId workflow, std::string node_id, bool on, Timestamp now) {
  const Node node(tenant, workflow, std::move(node_id));
  const auto found = switches_.find(node);
  const bool is_on = found == switches_.end() || found->second.on;
  if (is_on != on) switches_.insert_or_assign(node, Switch{on, now});
}

void MemorySchedules::forget_switches(TenantId tenant, WorkflowId workflow) {
  std::erase_if(switches_, [&](const auto& entry) { return is_of(entry, tenant, workflow); });
}

std::vector<Tick> MemorySchedules::ticks(TenantId tenant, WorkflowId workflow, const std::string& node_id, Timestamp before,
                                         std::size_t limit) const {
  std::vector<Tick> list;
  const auto of_node = ticks_.find({tenant, workflow, node_id});
  if (of_node == ticks_.end()) return list;
  const auto& all = of_node->second;
  auto at = before == Timestamp{} ? all.end() : all.lower_bound(before);
  while (at != all.begin() && list.size() < limit) list.push_back((--at)->second);
  return list;
}

}  // namespace mbflow::store
