// The Context a node is given: its place in the run, and the services it may reach.
#pragma once

#include "runtime/growing_output.h"
#include "runtime/inputs.h"
#include "runtime/run.h"

#include <mbflow/node.h>

#include <stop_token>

namespace mbflow::runtime {

// What a run of a node works on: its inputs, and of long ones the stretch that is in memory. Lives as long as the run.
struct Work {
  Run& run;
  NodeIndex node;
  NodeInputs& inputs;
  GrowingOutput& output;
  Stretch stretch;
  Timestamp deadline;
};

class NodeContext final : public Context {
 public:
  NodeContext(Work& work, std::stop_token stop) : work_(work), stop_(std::move(stop)) {}
  void move_to(std::size_t item) { index_ = item; }  // of the inputs

  [[nodiscard]] const Item& item() const override { return work_.stretch.items[index_ - work_.stretch.first]; }
  [[nodiscard]] std::size_t index() const override { return index_; }
  [[nodiscard]] std::span<const Input> inputs() const override { return work_.inputs.edges(); }
  [[nodiscard]] std::span<const Item> items() const override { return work_.inputs.items(); }
  [[nodiscard]] bool in_memory() const override { return work_.inputs.in_memory(); }
  [[nodiscard]] std::size_t count() const override { return work_.inputs.size(); }
  [[nodiscard]] Task<Result<std::span<const Item>>> next_items() override;
  [[nodiscard]] Task<Result<void>> gather() override;
  [[nodiscard]] Task<Result<void>> give(Output part) override;
  [[nodiscard]] std::size_t memory_limit() const override { return run().worker.services.limits.in_memory; }
  [[nodiscard]] int attempt() const override;
  [[nodiscard]] bool resumed() const override { return run().state.nodes[work_.node].resumed; }
  [[nodiscard]] std::string idempotency_key() const override;
  [[nodiscard]] Timestamp now() const override { return run().worker.services.env.now(); }
  [[nodiscard]] std::stop_token stop() const override { return stop_; }
  [[nodiscard]] std::chrono::milliseconds time_left() const override;
  [[nodiscard]] HttpClient& http() override { return run().worker.services.http; }
  [[nodiscard]] Task<Result<Value>> sandbox(SandboxJob job) override;
  void log(LogLevel level, std::string_view message) override;

 private:
  [[nodiscard]] Run& run() const { return work_.run; }

  Work& work_;
  std::stop_token stop_;
  std::size_t index_ = 0;
  std::size_t streamed_ = 0;  // what next_items() gave so far
};

}  // namespace mbflow::runtime
