#include "sim/totals.h"

#include <algorithm>

namespace mbflow::sim {
namespace {

struct Name {
  Count what;
  std::string_view text;
  bool must = true;  // happens in any thousand seeds
};

constexpr std::array<Name, static_cast<std::size_t>(Count::last)> names = {{
    {Count::seeds, "seeds"},
    {Count::executions, "executions"},
    {Count::succeeded, "succeeded"},
    {Count::failed, "failed"},
    {Count::cancelled, "cancelled"},
    {Count::compared, "compared with the undisturbed run"},
    {Count::by_webhook, "started by webhooks"},
    {Count::by_schedule, "started by schedules"},
    {Count::retried, "retried by a person"},
    {Count::decided, "decisions"},
    {Count::slept, "waits"},
    {Count::deliveries, "deliveries"},
    {Count::deaths, "deaths"},
    {Count::killed_by_node, "deaths by a node"},
    {Count::freezes, "freezes"},
    {Count::zombies, "zombies"},
    {Count::cuts, "cuts"},
    {Count::restarts, "restarts"},
    {Count::jumps, "clock jumps"},
    {Count::failed_commits, "failed commits"},
    {Count::unknown_done, "unknown commits, done"},
    {Count::unknown_undone, "unknown commits, not done"},
    {Count::late_hints, "late hints"},
    {Count::claims, "claims"},
    {Count::claims_by_death, "claims from the dead"},
    {Count::fenced, "fenced commits"},
    {Count::held, "nodes held"},
    {Count::failed_unknown, "nodes failed as unknown"},
    {Count::convicted, "convictions"},
    {Count::innocent_convicted, "convictions of innocents", false},
    {Count::ticks_skipped, "occurrences skipped by rule"},
    {Count::switched, "switches turned"},
    {Count::expired, "expired"},
}};

}  // namespace

void Totals::add(const Totals& other) {
  std::ranges::transform(counts_, other.counts_, counts_.begin(), std::plus<>());
}

void Totals::add_story(const Story& story, std::int64_t victim) {
  add(Count::executions);
  if (story.state.status == ExecutionStatus::succeeded) add(Count::succeeded);
  if (story.state.status == ExecutionStatus::failed) add(Count::failed);
  if (story.state.status == ExecutionStatus::cancelled) add(Count::cancelled);
  if (story.request >= 0 && is_comparable(story)) add(Count::compared);
  if (story.record.trigger == "webhook") add(Count::by_webhook);
  if (story.record.trigger == "schedule") add(Count::by_schedule);
  add(Count::retried, story.count(EventType::execution_retried));
  add(Count::decided, story.count(EventType::node_decided));
  add(Count::slept, story.count(EventType::node_woken));
  add(Count::held, story.count(EventType::node_held));
  for (const auto& event : story.events) {
    const bool failed = event.type == EventType::node_failed && event.error;
    if (failed && event.error->code == "engine.unknown_outcome") add(Count::failed_unknown);
    if (event.type != EventType::node_quarantined) continue;
    add(Count::convicted);
    const auto& url = story.program->plan->workflow.nodes[event.node].config["url"];
    if (story.request != victim || !url.as_string().ends_with("/kill")) add(Count::innocent_convicted);
  }
}

void Totals::add(Cluster& cluster, const Stories& stories) {
  const Ledger& ledger = cluster.ledger();
  const auto plus = [this](Count what, int number) { add(what, static_cast<std::size_t>(number)); };
  add(Count::seeds);
  for (const auto& story : stories.all) add_story(story, cluster.common().scenario.victim);
  add(Count::deliveries, ledger.deliveries.size());
  plus(Count::deaths, ledger.deaths);
  plus(Count::killed_by_node, ledger.killed_by_node);
  plus(Count::freezes, ledger.freezes);
  plus(Count::zombies, ledger.zombies);
  plus(Count::cuts, ledger.cuts);
  plus(Count::restarts, ledger.restarts);
  plus(Count::jumps, ledger.jumps);
  plus(Count::failed_commits, ledger.failed);
  plus(Count::unknown_done, ledger.lost_done);
  plus(Count::unknown_undone, ledger.lost_undone);
  plus(Count::late_hints, ledger.late_hints);
  plus(Count::fenced, ledger.fenced);
  add(Count::claims, ledger.claims.size());
  add(Count::claims_by_death, static_cast<std::size_t>(std::ranges::count_if(ledger.claims, &ClaimNote::by_death)));
  add(Count::ticks_skipped, ledger.ticks_skipped);
  add(Count::switched, ledger.switches.size());
  add(Count::expired, ledger.expired.size());
}

std::vector<std::string_view> Totals::missing() const {
  std::vector<std::string_view> all;
  for (const auto& name : names) {
    if (name.must && of(name.what) == 0) all.push_back(name.text);
  }
  if (of(Count::compared) * 4 < of(Count::executions)) all.emplace_back("executions to compare");
  return all;
}

std::string Totals::text() const {
  std::string text;
  std::size_t column = 0;
  for (const auto& name : names) {
    const std::string one = std::string(name.text) + " " + std::to_string(of(name.what));
    column += one.size() + 2;
    if (column > 120) text += "\n";
    else if (!text.empty()) text += ", ";
    if (column > 120) column = one.size();
    text += one;
  }
  return text + "\n";
}

Value Totals::json() const {
  ObjectBuilder object;
  for (const auto& name : names) {
    std::string key(name.text);
    std::ranges::replace(key, ' ', '_');
    std::erase(key, ',');
    object.append(key, static_cast<std::int64_t>(of(name.what)));
  }
  return object.build();
}

}  // namespace mbflow::sim
