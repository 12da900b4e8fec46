#include "sim/check.h"

#include <algorithm>
#include <set>

namespace mbflow::sim {
namespace {

void check_promises(const Cluster& cluster, const Stories& stories, Faults& faults) {
  const auto& expired = cluster.ledger().expired;
  std::map<std::int64_t, int> made;
  for (const auto& story : stories.all) {
    if (story.request >= 0) ++made[story.request];
    else if (story.record.trigger != "schedule") faults.add("I13", story.name() + " was asked for by nobody");
  }
  for (const auto& [request, count] : made) {
    if (count > 1) faults.add("I1", "request " + std::to_string(request) + " has " + std::to_string(count) + " executions");
  }
  for (std::size_t n = 0; n < cluster.promised().size(); ++n) {
    const auto& id = cluster.promised()[n];
    if (id && !stories.of(*id) && !expired.contains(*id)) faults.add("I1", "request " + std::to_string(n) + " was promised " + id->to_string() + ", which is not there");
  }
  for (const auto& commit : cluster.ledger().commits) {
    const bool created = commit.applied && commit.first_seq == 1 && commit.last_seq > 0;
    if (created && !stories.of(commit.execution) && !expired.contains(commit.execution)) {
      faults.add("I13", commit.execution.to_string() + " was accepted and is in no state");
    }
  }
  for (const auto& [id, status] : expired) {
    if (!is_final(status)) faults.add("I15", id.to_string() + " was " + std::string(to_string(status)) + " and went from history");
  }
  for (const auto& what : cluster.ledger().broken) faults.add("scenario", what);
  for (const auto& damaged : stories.damaged) faults.add("I10", damaged);
  if (cluster.left_over() > 0) faults.add("end", "a process that died did not come to an end");
}

void check_end(const Story& story, Faults& faults) {
  const auto status = std::string(to_string(story.record.status));
  if (!is_final(story.record.status)) faults.add("I1", story.name() + " is still " + status + " " + story.record.error_code);
  if (story.state.status != story.record.status) {
    faults.add("I10", story.name() + " is " + status + ", its journal says " + std::string(to_string(story.state.status)));
  }
  if (story.state.last_seq != story.record.last_seq) faults.add("I10", story.name() + " has another last_seq than its journal");
}

// Whoever was taken over writes nothing more.
void check_epochs(const Ledger& ledger, Faults& faults) {
  std::map<ExecutionId, std::uint32_t> newest;
  auto claim = ledger.claims.begin();
  for (const auto& commit : ledger.commits) {
    for (; claim != ledger.claims.end() && claim->order < commit.order; ++claim) {
      auto& epoch = newest[claim->execution];
      if (claim->epoch <= epoch) faults.add("I8", claim->execution.to_string() + " was claimed twice in one epoch");
      epoch = claim->epoch;
    }
    if (commit.applied && commit.epoch < newest[commit.execution]) {
      faults.add("I8", commit.execution.to_string() + ": epoch " + std::to_string(commit.epoch) + " wrote after " +
                           std::to_string(newest[commit.execution]) + " had taken over");
    }
  }
}

// A node gives up after as many failures as its policy says; a death is none. Each part of a long list counts anew, and an item that is
// given up in one of them does not end the node.
void check_retries(const Story& story, Faults& faults) {
  std::map<NodeIndex, int> failures;
  for (const auto& event : story.events) {
    if (event.type == EventType::execution_retried) failures.clear();
    if (event.type == EventType::node_decided) failures.erase(event.node);
    if (event.type == EventType::node_progressed) failures.erase(event.node);
    if (event.type == EventType::node_retrying) ++failures[event.node];
    const bool ended = event.type == EventType::node_failed || event.type == EventType::node_succeeded;
    if (!ended || !event.error || !is_retryable(event.error->kind)) continue;
    const auto& node = story.program->plan->workflow.nodes[event.node];
    const bool of_a_part = event.output && story.count(EventType::node_progressed, event.node) > 0;
    if (of_a_part || failures[event.node] + 1 == node.retry.attempts) continue;
    faults.add("retries", story.name() + " node " + node.id + " gave up after " + std::to_string(failures[event.node] + 1) + " failures");
  }
}

// A cancel goes with the commit that ends the execution, or comes when that is over.
void check_cancels(const Story& story, const Ledger& ledger, Faults& faults) {
  for (const auto& commit : ledger.commits) {
    if (commit.execution != story.record.id || !commit.applied || !commit.answers_cancel) continue;
    bool over = false;
    for (const auto& event : story.events) {
      if (event.seq > commit.last_seq) break;
      if (event.type == EventType::execution_finished) over = true;
      if (event.type == EventType::execution_retried && event.seq < commit.first_seq) over = false;
    }
    if (!over) faults.add("signals", story.name() + " was asked to stop @" + std::to_string(commit.order) + " and went on");
  }
}

// What people asked is heeded, and heeded once.
void check_asked(const Story& story, const Ledger& ledger, Faults& faults) {
  const auto found = ledger.asked.find(story.record.id);
  const Asked asked = found == ledger.asked.end() ? Asked() : found->second;
  const auto heeded = [&](EventType type, int most, const char* what) {
    if (static_cast<int>(story.count(type)) > most) faults.add("signals", story.name() + " heeded a " + what + " twice");
  };
  heeded(EventType::execution_cancelling, asked.cancels, "cancel");
  heeded(EventType::execution_retried, asked.retries, "retry");
  heeded(EventType::node_decided, asked.decisions, "decision");
  if (asked.acked_retries > 0 && story.count(EventType::execution_retried) == 0) {
    faults.add("signals", story.name() + " was asked to go on and did not");
  }
}

// After all processes have left, an auditor may claim whatever wants to go on: there must be nothing.
void check_rest(Cluster& cluster, Faults& faults) {
  store::Store& store = *cluster.common().store;
  const auto auditor = run_now(store.join(std::chrono::hours(1)));
  const auto all = Timestamp::max();
  const auto claimed = run_now(store.claim(*auditor, all, 200));
  for (const auto& record : *claimed) {
    faults.add("I7", record.id.to_string() + " (" + std::string(to_string(record.status)) + ") still wants to go on");
  }
}

// Whether this node gave up by the chance of when answers came: its own time was up, or what fails at most so often by itself
// failed more often because a process stood still.
bool failed_by_chance(const Story& story, const Event& event) {
  const bool ended = event.type == EventType::node_succeeded || event.type == EventType::node_failed;
  if (!ended || !event.error) return false;
  const Node& node = story.program->plan->workflow.nodes[event.node];
  const bool is_short = node.timeout && *node.timeout < std::chrono::minutes(1);
  const bool flaky = node.config["url"].as_string().ends_with("/flaky");
  return is_short || (flaky && is_retryable(event.error->kind)) || event.error->code == "engine.unknown_outcome";
}

}  // namespace

bool is_comparable(const Story& story) {
  return std::ranges::none_of(story.events, [&](const Event& event) {
    const bool decided = event.type == EventType::node_decided && event.data["action"].as_string() != "retry";
    const bool out_of_time = event.error && event.error->code == "engine.timeout";
    return decided || out_of_time || failed_by_chance(story, event) || event.type == EventType::execution_cancelling ||
           event.type == EventType::node_quarantined;
  });
}

void check(Cluster& cluster, const Stories& stories, const std::map<std::int64_t, Outcome>& calm, Faults& faults) {
  const Ledger& ledger = cluster.ledger();
  check_promises(cluster, stories, faults);
  check_epochs(ledger, faults);
  check_deliveries(stories, ledger, faults);
  check_deaths(cluster, stories, faults);
  check_ticks(cluster, stories, faults);
  check_rest(cluster, faults);
  for (const auto& story : stories.all) {
    check_end(story, faults);
    check_retries(story, faults);
    check_asked(story, ledger, faults);
    check_cancels(story, ledger, faults);
    const auto expected = calm.find(story.request);
    if (expected == calm.end() || !is_comparable(story)) continue;
    // By how little it missed its time nobody says.
    if (expected->second.out_of_time) continue;
    const Outcome outcome = outcome_of(story);
    const bool same = outcome.status == expected->second.status && outcome.output == expected->second.output;
    if (!same) {
      faults.add("I6", story.name() + " gave " + std::string(to_string(outcome.status)) + " " + outcome.output + ", undisturbed " +
                           std::string(to_string(expected->second.status)) + " " + expected->second.output);
    }
  }
}

}  // namespace mbflow::sim
