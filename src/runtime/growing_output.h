// What a node gives, as it grows: judged by the conditions of its edges, within the limits. What is much is kept apart at once,
// segment by segment, so that a list of any length takes little memory. Short lists stay in memory as they are.
#pragma once

#include "engine/decide.h"
#include "runtime/run.h"

namespace mbflow::runtime {

class GrowingOutput {
 public:
  // Begins with what earlier runs of the node got done.
  GrowingOutput(Run& run, NodeIndex node, Timestamp started, const std::stop_source& stop);

  // The next items, behind those before; `only`: no more will come, none came before. Errors: node.output_limit, node.execution_limit, those of the conditions, of the store.
  [[nodiscard]] Task<Result<void>> add(NodeOutput part, bool only);
  // What came since the last call is saved apart, and told.
  [[nodiscard]] Task<Result<std::shared_ptr<const NodeOutput>>> settle();
  // All of it. Once.
  [[nodiscard]] Task<Result<std::shared_ptr<const NodeOutput>>> finish();

 private:
  NodeOutput::Port& port_of(NodeOutput& output, std::string_view name);
  [[nodiscard]] std::size_t settled_count(std::string_view port) const;
  [[nodiscard]] Task<Result<void>> judge(const NodeOutput::Port& part, bool only);
  [[nodiscard]] Task<Result<void>> judge_edge(std::uint32_t edge, const NodeOutput::Port& part, bool only);
  [[nodiscard]] Task<Result<void>> set_apart(std::size_t port);
  void take_over(const NodeOutput& part);

  Run& run_;
  const NodeIndex node_;
  const Timestamp started_;
  const std::stop_source& stop_;
  NodeOutput settled_;  // all of it apart
  NodeOutput fresh_;    // positions count from the end of what is settled
  std::uint64_t bytes_ = 0;
};

// All that an output has in memory, kept apart. Errors: store.*.
[[nodiscard]] Task<Result<std::shared_ptr<const NodeOutput>>> set_apart(Run& run, const NodeOutput& output, const std::stop_source& stop);

// Null: it may give that much.
[[nodiscard]] std::shared_ptr<const Error> over_limit(const Run& run, NodeIndex node, std::uint64_t bytes);

// Whether an item that leaves the node passes the edge. What must be read first is noted in `wanted`.
[[nodiscard]] Result<bool> passes(Run& run, std::uint32_t edge, const Item& item, std::size_t index, expr::ItemsView all, Timestamp now,
                                  std::vector<Segment>& wanted);

// Reads what an expression wanted, so that it can be evaluated anew; `round` counts how often. Error expr.too_large: too often.
[[nodiscard]] Task<Result<void>> read_wanted(Run& run, std::vector<Segment>& wanted, int round);

}  // namespace mbflow::runtime
