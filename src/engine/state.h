// State: where an execution stands. Only apply() changes it, one event at a time, so State = fold(journal).
#pragma once

#include "engine/plan.h"
#include "model/event.h"

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace mbflow::engine {

struct NodeState {
  NodeStatus status = NodeStatus::pending;
  int attempt = 0;    // runs begun, also those that a crash cut off
  int failures = 0;   // runs that ended in an error: what the retry policy counts
  std::uint32_t open_edges = 0;  // incoming, not resolved yet
  std::uint32_t live_edges = 0;  // incoming, that delivered items
  bool resumed = false;          // its sleep is over: the next run is a resumed one
  bool launched = false;         // told to run; not journaled (a pure node has no node_started)
  Timestamp started_at{}, finished_at{};
  Timestamp until{};  // of waiting and retrying
  std::shared_ptr<const NodeOutput> output;
  std::vector<std::shared_ptr<const std::vector<ItemResult>>> partial;  // items that need no further run
  std::vector<std::shared_ptr<const Progress>> progress;  // of a long list: nor do these, one behind the other from its begin
  std::uint32_t tried = 0;  // when it failed: the items before this one are tried again before others are begun; 0: there is no such bound
  std::shared_ptr<const Error> error;
};

struct State {
  ExecutionStatus status = ExecutionStatus::queued;
  std::uint32_t last_seq = 0;
  std::uint32_t open = 0;      // nodes that have not ended
  std::uint32_t active = 0;    // nodes running or retrying
  std::uint32_t sleeping = 0;  // nodes waiting
  std::uint32_t held = 0;      // nodes held or quarantined
  bool careful = false;        // processes died of it: one node at a time, each start saved first
  NodeIndex suspect = no_node; // the node that was started last while careful
  int deaths = 0;              // in a row, when its last resumption was saved; none since it got on
  bool cancelling = false;
  Timestamp started_at{}, finished_at{};
  Timestamp counts_from{};  // of its own timeout: its start, or when it was last told to go on
  Value start;     // data of execution_queued or execution_started
  Value response;  // the first answer a node gave
  std::shared_ptr<const Error> error;
  NodeIndex failed_node = no_node;
  std::vector<NodeState> nodes;
  std::deque<NodeIndex> ready;  // all incoming edges resolved; may hold nodes that have left `pending` since
  std::vector<Item> input;      // what the roots get: made from start.input
  std::uint64_t bytes = 0;      // what the outputs of its nodes take

  explicit State(const Plan& plan);
};

// The items that pass one edge, as positions in the source port's list. null: all of them.
[[nodiscard]] const std::vector<std::uint32_t>* edge_filter(const NodeOutput& output, std::uint32_t edge);
[[nodiscard]] std::size_t edge_item_count(const Plan& plan, const NodeOutput& output, std::uint32_t edge);

// A node came to an end: whatever killed processes before, it was got past.
[[nodiscard]] bool gets_on(const Event& event);

void apply(const Plan& plan, State& state, const Event& event);
[[nodiscard]] State fold(const Plan& plan, std::span<const Event> events);

// How many items of a node are done for good.
[[nodiscard]] std::uint32_t items_done(const NodeState& node);

// The answer of a finished execution: what `respond` gave…
[[nodiscard]] std::optional<std::vector<Value>> response_items(const State& state);
// …else the items of its last nodes, port by port.
[[nodiscard]] std::vector<const NodeOutput::Port*> last_ports(const Plan& plan, const State& state);

}  // namespace mbflow::engine
