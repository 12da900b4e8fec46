#include "engine/state.h"

#include "base/mutant.h"

#include <algorithm>

namespace mbflow::engine {
namespace {

bool has_ended(NodeStatus status) {
  return status == NodeStatus::succeeded || status == NodeStatus::failed || status == NodeStatus::skipped ||
         status == NodeStatus::cancelled;
}

bool is_undecided(NodeStatus status) { return status == NodeStatus::held || status == NodeStatus::quarantined; }

// The counter of State that a node's status keeps up.
void count(State& state, NodeStatus status, std::uint32_t by) {
  if (!has_ended(status)) state.open += by;
  if (status == NodeStatus::running || status == NodeStatus::retrying) state.active += by;
  if (status == NodeStatus::waiting) state.sleeping += by;
  if (is_undecided(status)) state.held += by;
}

void enter_status(State& state, NodeIndex index, NodeStatus status) {
  NodeState& node = state.nodes[index];
  count(state, node.status, static_cast<std::uint32_t>(-1));
  count(state, status, 1);
  node.status = status;
  node.launched = false;
}

void resolve_edge(const Plan& plan, State& state, std::uint32_t edge, bool live) {
  const NodeIndex target = plan.edges[edge].target;
  NodeState& node = state.nodes[target];
  if (live) ++node.live_edges;
  if (--node.open_edges == 0) state.ready.push_back(target);
}

// A node is over: each of its edges has delivered or is dead.
void resolve_edges(const Plan& plan, State& state, NodeIndex node, const NodeOutput* output) {
  for (auto edge : plan.nodes[node].out) {
    resolve_edge(plan, state, edge, output && edge_item_count(plan, *output, edge) > 0);
  }
}

void end_node(const Plan& plan, State& state, const Event& event, NodeStatus status) {
  NodeState& node = state.nodes[event.node];
  enter_status(state, event.node, status);
  node.finished_at = event.at;
  node.output = event.output;
  node.error = event.error;
  if (event.partial) node.partial.push_back(event.partial);
  if (event.output) {  // a failed node keeps them: a retry runs only the rest
    node.partial.clear();
    node.progress.clear();
    state.bytes += event.output->bytes();
  }
  if (event.started != Timestamp{}) node.started_at = event.started;
  if (!event.response.is_null() && state.response.is_null()) state.response = event.response;
  // A failure without output ends the execution: what follows is not reached, and a retry takes it up from here.
  const bool dead = status == NodeStatus::skipped && !mutant(Mutant::dead_branch);
  if (event.output || dead) resolve_edges(plan, state, event.node, event.output.get());
}

void take_start(State& state, const Value& start) {
  state.start = start;
  const auto input = start["input"].elements();
  state.input.reserve(input.size());
  for (const auto& json : input) {
    state.input.push_back(Item{json, {}, {}});
    state.bytes += json.memory();
  }
}

void start_execution(const Plan& plan, State& state, const Event& event) {
  state.status = ExecutionStatus::running;
  state.started_at = event.at;
  state.counts_from = event.at;
  if (!event.data.is_null()) take_start(state, event.data);
  for (auto root : plan.roots) state.ready.push_back(root);
}

// As if it had not run, but for the items it had finished.
void start_over(State& state, NodeIndex index) {
  NodeState& node = state.nodes[index];
  enter_status(state, index, NodeStatus::pending);
  node.failures = 0;
  node.tried = 0;
  node.error = nullptr;
  if (node.open_edges == 0) state.ready.push_back(index);
}

// Failed, cancelled and held nodes are as if they had not run; what they had finished of their items stays.
void retry_execution(State& state, const Event& event) {
  state.status = ExecutionStatus::running;
  state.counts_from = event.at;
  state.cancelling = false;
  state.error = nullptr;
  state.failed_node = no_node;
  state.finished_at = {};
  for (NodeIndex i = 0; i < state.nodes.size(); ++i) {
    NodeState& node = state.nodes[i];
    const bool again = (node.status == NodeStatus::failed && !node.output) || node.status == NodeStatus::cancelled ||
                       is_undecided(node.status);
    if (again) start_over(state, i);
    if (node.status == NodeStatus::pending) node.failures = 0;  // what was cut off and had not had its turn again
  }
}

// What was cut off waits for its turn again.
void resume_carefully(State& state, const Event& event) {
  state.careful = true;
  state.deaths = event.attempt;
  state.suspect = no_node;
  for (NodeIndex i = 0; i < state.nodes.size(); ++i) {
    if (state.nodes[i].status != NodeStatus::running) continue;
    enter_status(state, i, NodeStatus::pending);
    state.ready.push_back(i);
  }
}

void retry_node(State& state, const Event& event) {
  NodeState& node = state.nodes[event.node];
  enter_status(state, event.node, NodeStatus::retrying);
  ++node.failures;
  node.error = event.error;
  node.until = event.until;
  node.tried = event.tried;
  if (event.partial && !mutant(Mutant::items_again)) node.partial.push_back(event.partial);
}

// Each part of a long list that gets done is a new begin for what may fail.
void progress_node(State& state, const Event& event) {
  NodeState& node = state.nodes[event.node];
  if (!event.progress) return;
  node.progress.push_back(event.progress);
  node.failures = 0;
  node.tried = 0;
  std::erase_if(node.partial, [done = items_done(node)](const auto& results) {
    return std::ranges::all_of(*results, [done](const ItemResult& result) { return result.item < done; });
  });
}

void apply_to_node(const Plan& plan, State& state, const Event& event) {
  NodeState& node = state.nodes[event.node];
  if (gets_on(event)) state.deaths = 0;
  node.attempt = std::max(node.attempt, event.attempt);
  switch (event.type) {
    case EventType::node_started:
      enter_status(state, event.node, NodeStatus::running);
      if (node.started_at == Timestamp{}) node.started_at = event.at;
      if (state.careful) state.suspect = event.node;
      break;
    case EventType::node_succeeded: end_node(plan, state, event, NodeStatus::succeeded); break;
    case EventType::node_failed:
      ++node.failures;
      end_node(plan, state, event, NodeStatus::failed);
      break;
    case EventType::node_retrying: retry_node(state, event); break;
    case EventType::node_waiting:
      enter_status(state, event.node, NodeStatus::waiting);
      node.until = event.until;
      break;
    case EventType::node_woken:
      enter_status(state, event.node, NodeStatus::pending);
      node.resumed = true;
      state.ready.push_back(event.node);
      break;
    case EventType::node_held:
      enter_status(state, event.node, NodeStatus::held);
      node.error = event.error;
      break;
    case EventType::node_quarantined:
      enter_status(state, event.node, NodeStatus::quarantined);
      node.error = event.error;
      break;
    case EventType::node_progressed: progress_node(state, event); return;
    case EventType::node_decided: start_over(state, event.node); break;
    case EventType::node_skipped: end_node(plan, state, event, NodeStatus::skipped); break;
    case EventType::node_cancelled: enter_status(state, event.node, NodeStatus::cancelled); break;
    default: break;
  }
}

}  // namespace

bool gets_on(const Event& event) {
  return event.type == EventType::node_succeeded || event.type == EventType::node_failed ||
         event.type == EventType::node_waiting || event.type == EventType::node_retrying ||
         event.type == EventType::node_progressed;
}

State::State(const Plan& plan) : open(static_cast<std::uint32_t>(plan.nodes.size())), nodes(plan.nodes.size()) {
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i].open_edges = static_cast<std::uint32_t>(plan.nodes[i].in.size());
}

const std::vector<std::uint32_t>* edge_filter(const NodeOutput& output, std::uint32_t edge) {
  for (const auto& verdict : output.verdicts) {
    if (verdict.edge == edge) return &verdict.items;
  }
  return nullptr;
}

std::size_t edge_item_count(const Plan& plan, const NodeOutput& output, std::uint32_t edge) {
  if (plan.edges[edge].conditional) {
    const auto* filter = edge_filter(output, edge);
    return filter ? filter->size() : 0;
  }
  const auto* port = output.port(plan.edges[edge].source_port);
  return port ? port->size() : 0;
}

std::uint32_t items_done(const NodeState& node) {
  return node.progress.empty() ? 0 : node.progress.back()->end();
}

void apply(const Plan& plan, State& state, const Event& event) {
  state.last_seq = event.seq;
  switch (event.type) {
    case EventType::execution_started: return start_execution(plan, state, event);
    case EventType::execution_queued: return take_start(state, event.data);
    case EventType::execution_cancelling: state.cancelling = true; return;
    case EventType::execution_retried: return retry_execution(state, event);
    case EventType::execution_resumed: return resume_carefully(state, event);
    case EventType::execution_finished:
      state.status = event.status;
      state.finished_at = event.at;
      state.error = event.error;
      state.failed_node = event.node;
      return;
    default: break;
  }
  apply_to_node(plan, state, event);
  if (is_final(state.status)) return;
  if (state.held > 0 && state.active == 0 && state.sleeping == 0) state.status = ExecutionStatus::held;
  else state.status = state.active == 0 && state.sleeping > 0 ? ExecutionStatus::waiting : ExecutionStatus::running;
}

State fold(const Plan& plan, std::span<const Event> events) {
  State state(plan);
  for (const auto& event : events) apply(plan, state, event);
  return state;
}

std::optional<std::vector<Value>> response_items(const State& state) {
  if (!state.response.is_object()) return std::nullopt;
  const Value& body = state.response["body"];
  if (!body.is_array()) return std::vector<Value>{body};
  return std::vector<Value>{body.elements().begin(), body.elements().end()};
}

std::vector<const NodeOutput::Port*> last_ports(const Plan& plan, const State& state) {
  std::vector<const NodeOutput::Port*> ports;
  for (NodeIndex i = 0; i < plan.nodes.size(); ++i) {
    if (!plan.nodes[i].out.empty() || !state.nodes[i].output) continue;
    for (const auto& port : state.nodes[i].output->ports) ports.push_back(&port);
  }
  return ports;
}

}  // namespace mbflow::engine
