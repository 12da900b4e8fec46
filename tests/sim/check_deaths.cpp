// Deaths and convictions, told from the claims and the journals alone.
//
// A conviction is just when the node was in flight in the process that died at the third death in a row, alone of its execution. It
// need not be the one that killed: what runs beside a killer in one process dies with it, and after two such deaths the third
// may fall on an innocent. The evidence is the same, so the engine cannot tell; a person decides.
#include "sim/check.h"

#include <algorithm>

namespace mbflow::sim {
namespace {

bool gets_on(const Event& event) {
  return event.type == EventType::node_succeeded || event.type == EventType::node_failed ||
         event.type == EventType::node_waiting || event.type == EventType::node_retrying ||
         event.type == EventType::node_progressed;
}

// The deaths in a row at one taking over, counted anew.
struct Takeover {
  ClaimNote claim;
  int deaths = 0;
};

std::vector<Takeover> takeovers_of(const Story& story, const Ledger& ledger) {
  std::vector<Takeover> all;
  std::size_t event = 0;
  int deaths = 0;
  for (const auto& claim : ledger.claims) {
    if (claim.execution != story.record.id) continue;
    for (; event < story.events.size() && story.committed[event] < claim.order; ++event) {
      if (gets_on(story.events[event])) deaths = 0;
    }
    if (claim.by_death && !claim.final) ++deaths;
    all.push_back({claim, deaths});
  }
  return all;
}

void check_conviction(const Story& story, std::size_t at, const std::vector<Takeover>& takeovers, Faults& faults) {
  const NodeIndex node = story.events[at].node;
  const std::string place = story.name() + " node " + story.program->plan->ids[node];
  std::size_t start = at;
  for (; start-- > 0 && story.events[start].node != node;) {
  }
  if (start >= at || story.events[start].type != EventType::node_started) {
    return faults.add("quarantine", place + " was convicted and did not run");
  }
  const auto state = engine::fold(*story.program->plan, std::span(story.events.data(), at));
  const auto running = std::ranges::count(state.nodes, NodeStatus::running, &engine::NodeState::status);
  if (running != 1) faults.add("quarantine", place + " was convicted, and others ran beside it");
  const Order begun = story.committed[start];
  // A process that gave it up alive hands it on: who took it over and died held it last.
  const auto end = std::ranges::find_if(takeovers, [&](const Takeover& one) { return one.claim.order > begun && one.claim.by_death; });
  if (end == takeovers.end() || end->claim.order > story.committed[at]) {
    return faults.add("quarantine", place + " was convicted, and no process that held it died");
  }
  if (end->deaths < engine::deaths_to_quarantine) {
    faults.add("quarantine", place + " was convicted, and ran in the process of death " + std::to_string(end->deaths));
  }
}

void check_killer(const Cluster& cluster, const Story& story, bool convicted, Faults& faults) {
  const int kills = cluster.ledger().killed_by_node;
  const auto most = engine::deaths_to_quarantine * 16;
  if (kills > most) faults.add("quarantine", std::to_string(kills) + " deaths before the conviction");
  // It never answers, so its execution cannot get past it but by a decision on it. (It may have ended otherwise.)
  const bool past = story.state.status == ExecutionStatus::succeeded && kills > 0;
  const bool again = kills > engine::deaths_to_quarantine && !is_final(story.record.status);
  if ((past || again) && !convicted) faults.add("quarantine", "the node that kills got away");
}

}  // namespace

void check_deaths(Cluster& cluster, const Stories& stories, Faults& faults) {
  const auto victim = cluster.common().scenario.victim;
  for (const auto& story : stories.all) {
    const auto takeovers = takeovers_of(story, cluster.ledger());
    for (const auto& [claim, deaths] : takeovers) {
      if (claim.robbed) faults.add("I8", story.name() + " was taken from a living worker @" + std::to_string(claim.order));
      if (claim.deaths == deaths) continue;
      faults.add("deaths", story.name() + " @" + std::to_string(claim.order) + ": " + std::to_string(deaths) + " in a row, the store says " +
                               std::to_string(claim.deaths));
    }
    bool killer_convicted = false;
    for (std::size_t at = 0; at < story.events.size(); ++at) {
      if (story.events[at].type != EventType::node_quarantined) continue;
      check_conviction(story, at, takeovers, faults);
      const auto& url = story.program->plan->workflow.nodes[story.events[at].node].config["url"];
      killer_convicted |= url.as_string().ends_with("/kill");
    }
    if (victim >= 0 && story.request == victim) check_killer(cluster, story, killer_convicted, faults);
  }
}

}  // namespace mbflow::sim
