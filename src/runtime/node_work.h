// One run of one node: everything it reads and what came of it so far, held together. Private to node_run*.cpp.
#pragma once

#include "runtime/context.h"
#include "runtime/outcomes.h"

#include <optional>

namespace mbflow::runtime {

struct NodeRun {
  NodeRun(Run& owner, NodeIndex index, std::shared_ptr<Flight> under_way, Timestamp start);

  Run& run;
  NodeIndex node;
  const Node& document;
  const engine::PlanNode& plan;
  const PreparedNode& prepared;
  NodeInputs inputs;
  std::shared_ptr<Flight> flight;
  Timestamp started;
  GrowingOutput output;
  Work work;
  std::optional<Outcomes> outcomes;  // of the stretch under way
  bool bounded = true;               // whether the stretch may end early, when enough came out of it or it took long
  std::uint64_t held = 0;            // of the memory for long lists

  // The next items to work on; `anew`: some were got done in this run before. A node that runs once gets all.
  void begin(Stretch stretch, bool anew);
  [[nodiscard]] Value json_of(std::size_t index) const;
  // What must be read from the store first is noted in `wanted`.
  [[nodiscard]] Result<std::shared_ptr<const void>> config_for(std::size_t index, std::vector<Segment>& wanted) const;
  [[nodiscard]] NodeContext context() { return {work, flight->stop.get_token()}; }
  [[nodiscard]] engine::NodeEnded ended(engine::NodeEnded how);
};

// On the spot if the node can; nothing: it must wait.
[[nodiscard]] std::optional<Result<Output>> call_now(const NodeRun& job, const void* config, Context& context);
[[nodiscard]] Error timeout_error(const NodeRun& job);
// Disabled nodes and pinned data: what they give without running. Null: it is none of these.
[[nodiscard]] std::shared_ptr<NodeOutput> stand_in(const Run& run, NodeIndex node, const Stretch& stretch);

// The stretch that has begun, item by item, up to `concurrency` at a time; ends early when enough came out of it.
[[nodiscard]] Task<void> run_stretch(NodeRun& job);
// All of it, stretch by stretch.
[[nodiscard]] Task<engine::NodeEnded> run_whole(NodeRun& job);

}  // namespace mbflow::runtime
