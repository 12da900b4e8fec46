// The engine proper: given where an execution stands and what just happened, which events follow and what must be done.
// Pure: no clock, no randomness, no I/O. Every event decided on is applied to the state at once.
#pragma once

#include "engine/plan.h"
#include "engine/state.h"

#include <variant>
#include <vector>

namespace mbflow::engine {

// ── what can happen
struct Begin {         // the first input of every execution
  Value data;          // {"trigger", "node"?, "input": […]}
  NodeIndex entry = no_node;
};
struct NodeEnded {     // a run came to its end
  NodeIndex node = no_node;
  Timestamp started{};
  std::shared_ptr<const NodeOutput> output;  // null: it failed, or it sleeps
  Value response;
  std::optional<Timestamp> wake_at;
  std::shared_ptr<const Error> error;  // with output: the flow goes on all the same (on_error)
  bool all_failed = false;             // with output and error: no item succeeded
  std::shared_ptr<const std::vector<ItemResult>> partial;
  std::shared_ptr<const Progress> progress;  // without output: what it got done of a long list before it failed,
  std::uint32_t tried = 0;                   // and where the part of it ends that failed; 0: with the list
  std::shared_ptr<const std::vector<LogLine>> log;  // null: it wrote nothing
};
struct NodeProgressed {  // a run over a long list has got so far
  NodeIndex node = no_node;
  std::shared_ptr<const Progress> progress;
};
struct TimerFired {
  NodeIndex node = no_node;
};
struct CancelAsked {
  std::string by;
};
struct TimeIsUp {};    // perhaps: the execution's own timeout may have passed
struct Resume {        // the process that drove it is gone, or it was queued and has room now
  int deaths = 0;      // how many in a row died without it getting on
};
struct Decided {       // a person's word on a node that is held or quarantined
  NodeIndex node = no_node;
  enum class Action : std::uint8_t { retry, succeed, fail } action{};
  std::shared_ptr<const NodeOutput> output;  // of succeed: what the node is taken to have given
  std::string by;
};
struct RetryAsked {};  // a failed or cancelled execution goes on with its failed nodes
using Input = std::variant<Begin, NodeEnded, NodeProgressed, TimerFired, CancelAsked, TimeIsUp, Resume, RetryAsked, Decided>;

// ── what must be done then, in order, after the events are saved
struct Command {
  enum class Type : std::uint8_t { run, timer, stop };
  Type type{};
  NodeIndex node = no_node;
  Timestamp until{};
};

struct Step {
  std::vector<Event> events;
  std::vector<Command> commands;
};

// What the world gives: one instant and one random number a step.
struct Moment {
  Timestamp now{};
  std::uint64_t random = 0;
};

// Adds to `step`; its events continue the journal. Input that no longer applies (a late timer, a second cancel) adds nothing.
void decide(const Plan& plan, State& state, Input input, Moment moment, Step& step);

// When the execution has taken as long as it may; the end of time: it has no timeout.
[[nodiscard]] Timestamp time_limit(const Plan& plan, const State& state);

// Whether a failure of the coming run is final: no retry is left. `anew`: it has got on with a long list before it failed.
[[nodiscard]] bool is_last_attempt(const Plan& plan, const State& state, NodeIndex node, bool anew = false);

// A node that was running alone when this many processes in a row died is quarantined; from one less on, nodes run alone.
inline constexpr int deaths_to_quarantine = 3;

// Exponential backoff with jitter: half of it fixed, half random; at least what the peer asked for, at most an hour.
[[nodiscard]] Duration retry_delay(const RetryPolicy& policy, int failures, std::int64_t retry_after_ms, std::uint64_t random);

}  // namespace mbflow::engine
