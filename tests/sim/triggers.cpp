// What people set up: which workflows are live, and for how long history is kept.
#include "sim/cluster.h"
#include "trigger/schedule.h"
#include "trigger/webhook.h"

#include <algorithm>

namespace mbflow::sim {
namespace {

using std::chrono::seconds;

constexpr Duration clean_every = seconds(9);
constexpr Duration kept_for = seconds(15);

}  // namespace

// At once: it is not the publishing that is tried out here, but what each process makes of it, and when it notices.
void Cluster::publish(std::size_t workflow, bool live) {
  const TenantId tenant = tenant_of(static_cast<int>(workflow));
  store::LiveTriggers triggers;
  const Workflow& flow = programs_[workflow]->plan->workflow;
  for (const auto& route : trigger::routes_of(flow)) {
    triggers.routes.push_back({route.path, route.method, tenant, workflows_[workflow], 1, route.node_id});
  }
  for (const Node* node : trigger::schedule_nodes(flow)) {
    if (common_.calm) break;  // what they start is compared with nothing
    store::Schedule schedule;
    schedule.node_id = node->id;
    triggers.schedules.push_back(std::move(schedule));
  }
  const auto done = run_now(common_.store->publish(tenant, workflows_[workflow], live ? 1 : 0, std::move(triggers)));
  if (!done) common_.ledger.broken.push_back("publish: " + done.error().code + ": " + done.error().message);
}

void Cluster::turn(std::size_t workflow, bool on) {
  for (const Node* node : trigger::schedule_nodes(programs_[workflow]->plan->workflow)) {
    const auto done = run_now(common_.store->switch_trigger(tenant_of(static_cast<int>(workflow)), workflows_[workflow], node->id, on));
    if (!done) common_.ledger.broken.push_back("switch: " + done.error().code + ": " + done.error().message);
  }
  common_.ledger.switches.push_back({common_.ledger.next(), workflows_[workflow], common_.world_env.now(), on});
}

// One is still to come, by some clock, or waits behind another.
bool Cluster::waits_for_tick() {
  constexpr Duration latest_jitter = seconds(4);
  auto live = run_now(common_.store->schedules());
  std::erase_if(*live, [](const store::Schedule& schedule) { return !schedule.enabled; });
  if (live->empty()) return false;
  for (const auto& process : processes_) {
    if (process->alive() && process->env().now() < beginning + schedules_until + latest_jitter) return true;
  }
  return std::ranges::any_of(*live, [&](const store::Schedule& schedule) {
    const auto ticks = run_now(common_.store->ticks(schedule.tenant, schedule.workflow, schedule.node_id, Timestamp(), 200));
    return std::ranges::any_of(*ticks, [](const store::Tick& tick) { return tick.outcome == "queued"; });
  });
}

constexpr Duration blob_grace = std::chrono::seconds(1);  // so short that what is not committed yet may go, too

Task<void> Cluster::expire(Process& process) {
  for (int tenant = 0; tenant < 2; ++tenant) {
    store::Expiry expiry;
    expiry.tenant = tenant_of(tenant);
    expiry.before = common_.world_env.now() - kept_for;
    if (common_.dice.one_in(2)) expiry.keep = 3;
    (void)co_await process.store().expire(expiry);
    (void)co_await process.store().collect_blobs(blob_grace);
    if (!process.store().alive()) co_return;
  }
}

void Cluster::clean_up() {
  common_.world.after(clean_every, [this] { clean_up(); });
  if (Process* process = anyone()) spawn(process->loop(), expire(*process));
}

}  // namespace mbflow::sim
