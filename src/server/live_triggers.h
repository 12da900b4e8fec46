// The triggers that are live, whatever their type, and what each has started. A trigger is named by its workflow and its node,
// "WORKFLOW:NODE"; it comes and goes with publishing. Errors: trigger.unknown (not_found), those of the store.
#pragma once

#include "store/store.h"

namespace mbflow::server {

struct TriggerId {
  WorkflowId workflow;
  std::string node;  // empty: none was named
};
[[nodiscard]] Result<TriggerId> read_trigger_id(std::string_view text);

struct LiveTrigger {
  WorkflowId workflow;
  int version = 0;
  std::string node;
  std::optional<store::Schedule> schedule;
  std::vector<store::WebhookRoute> routes;  // of a webhook
  std::string event;                        // of an event node: the names it hears
  bool enabled = true;

  [[nodiscard]] std::string_view type() const { return schedule ? "schedule" : routes.empty() ? "event" : "webhook"; }
  [[nodiscard]] std::string id() const { return workflow.to_string() + ":" + node; }
};

// Those of the newest workflow first.
[[nodiscard]] Task<Result<std::vector<LiveTrigger>>> live_triggers(store::Store& store, TenantId tenant, std::optional<WorkflowId> workflow);
[[nodiscard]] Task<Result<LiveTrigger>> find_trigger(store::Store& store, TenantId tenant, TriggerId id);

// What became of an occurrence of a schedule, a call of a webhook, an event that was heard.
struct TriggerRun {
  Timestamp at{};
  std::string outcome;      // as of a store::Tick: "started", or why not
  ExecutionId execution;    // of "started"
  std::string status;       // of that execution; empty: it is not there (any more)
};
struct TriggerRuns {
  std::vector<TriggerRun> items;  // newest first
  std::string next;               // cursor of what follows; empty: nothing does
};
// Of a schedule its occurrences, of another trigger the executions that began at its node; these are looked for row by row, within a
// bound: a page may hold less than `limit` and still have a next.
[[nodiscard]] Task<Result<TriggerRuns>> trigger_history(store::Store& store, TenantId tenant, TriggerId id, std::string cursor, std::size_t limit);
[[nodiscard]] Value to_json(const TriggerRuns& runs);

}  // namespace mbflow::server
