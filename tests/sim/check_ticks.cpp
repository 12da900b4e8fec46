// Schedules: each occurrence once (I11), none lost, and what became of it by the rule that its node gives.
#include "sim/check.h"
#include "trigger/schedule.h"

#include <algorithm>

namespace mbflow::sim {
namespace {

using trigger::Missed;
using trigger::Overlap;

struct Live {
  store::Schedule row;
  trigger::Schedule spec;
  std::map<Timestamp, store::Tick> ticks;
};

std::string place_of(const Live& live, Timestamp at) {
  return "schedule " + live.row.node_id + " of " + live.row.workflow.to_string() + " at " + format_timestamp(at);
}

bool is_allowed(const Live& live, std::string_view outcome) {
  if (outcome == "started") return true;
  if (outcome == "overlap") return live.spec.overlap != Overlap::allow;
  if (outcome == "policy") return live.spec.missed == Missed::skip;
  if (outcome == "newer") return live.spec.missed == Missed::latest;
  if (outcome == "off") return live.row.switched_at != Timestamp{};
  return outcome == "queued" && !live.row.enabled;  // else it must have been started since
}

void check_ticks_of(const Live& live, const Stories& stories, const Ledger& ledger, Faults& faults) {
  for (const auto& [at, tick] : live.ticks) {
    if (!is_allowed(live, tick.outcome)) faults.add("I11", place_of(live, at) + " is " + tick.outcome);
    const bool there = stories.of(tick.execution) || ledger.expired.contains(tick.execution);
    if (tick.outcome == "started" && !there) faults.add("I11", place_of(live, at) + " started what is not there");
  }
  if (!live.row.enabled) return;
  const Timestamp until = beginning + schedules_until;
  // The clock that sets the switch is not that of whoever starts: for one it was off still, for the other it was due already.
  const Timestamp since = std::max(live.row.since, live.row.switched_at + largest_skew);
  for (auto at = trigger::next_after(live.spec, since); at && *at <= until; at = trigger::next_after(live.spec, *at)) {
    if (!live.ticks.contains(*at)) faults.add("I11", place_of(live, *at) + " was lost");
  }
}

// What was due while its trigger was switched off starts neither then nor later, whatever processes knew of the switch.
void check_switches(const Stories& stories, const Ledger& ledger, Faults& faults) {
  std::map<ExecutionId, Order> created;
  for (const auto& note : ledger.commits) {
    if (note.first_seq == 1 && note.applied) created.emplace(note.execution, note.order);
  }
  for (auto off = ledger.switches.begin(); off != ledger.switches.end(); ++off) {
    if (off->on) continue;
    const auto on = std::find_if(off, ledger.switches.end(), [&](const SwitchNote& note) { return note.on && note.workflow == off->workflow; });
    for (const auto& story : stories.all) {
      if (story.record.workflow != off->workflow || story.record.trigger != "schedule" || created[story.record.id] < off->order) continue;
      const auto due = parse_timestamp(story.state.start["input"][0]["scheduled_at"].as_string());
      const bool after = on != ledger.switches.end() && created[story.record.id] > on->order && *due > on->at;
      if (!after) faults.add("switch", story.name() + " was due at " + format_timestamp(*due) + ", while its trigger was off");
    }
  }
}

std::vector<Live> schedules_of(Cluster& cluster) {
  std::vector<Live> all;
  store::Store& store = *cluster.common().store;
  const auto rows = run_now(store.schedules());
  for (const auto& row : *rows) {
    const auto found = std::ranges::find(cluster.workflows(), row.workflow);
    const auto& program = cluster.programs()[static_cast<std::size_t>(found - cluster.workflows().begin())];
    const Workflow& flow = program->plan->workflow;
    Live live{row, *trigger::parse_schedule(flow.nodes[program->plan->find(row.node_id)].config, flow.settings.timezone), {}};
    const auto ticks = run_now(store.ticks(row.tenant, row.workflow, row.node_id, Timestamp(), 200));
    for (const auto& tick : *ticks) live.ticks.emplace(tick.at, tick);
    all.push_back(std::move(live));
  }
  return all;
}

}  // namespace

void check_ticks(Cluster& cluster, const Stories& stories, Faults& faults) {
  std::size_t skipped = 0;
  std::map<std::pair<WorkflowId, std::string>, int> started;
  for (const auto& story : stories.all) {
    if (story.record.trigger != "schedule") continue;
    const std::string at(story.state.start["input"][0]["scheduled_at"].as_string());
    if (++started[{story.record.workflow, at}] == 2) faults.add("I11", story.name() + ": " + at + " was started twice");
  }
  // Of what was withdrawn only this is known: nothing came twice.
  for (const auto& live : schedules_of(cluster)) {
    check_ticks_of(live, stories, cluster.ledger(), faults);
    skipped += static_cast<std::size_t>(std::ranges::count_if(live.ticks, [](const auto& tick) { return tick.second.outcome != "started"; }));
  }
  check_switches(stories, cluster.ledger(), faults);
  cluster.common().ledger.ticks_skipped = skipped;
}

}  // namespace mbflow::sim
