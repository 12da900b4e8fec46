// The Context a node is given: its place in the run, and the services it may reach.
#pragma once

#include "runtime/growing_output.h"
#include "runtime/inputs.h"
#include "runtime/node_log.h"
#include "runtime/run.h"

#include <mbflow/node.h>

#include <stop_token>

namespace mbflow::runtime {

// The guarded way out, with the credentials of one tenant.
class TenantHttp final : public HttpClient {
 public:
  TenantHttp(Services& services, TenantId tenant) : services_(services), tenant_(tenant) {}
  [[nodiscard]] Task<Result<HttpResponse>> send(HttpRequest request, std::stop_token stop) override;

 private:
  Services& services_;
  TenantId tenant_;
};

// What a run of a node works on: its inputs, and of long ones the stretch that is in memory. Lives as long as the run.
struct Work {
  Run& run;
  NodeIndex node;
  NodeInputs& inputs;
  GrowingOutput& output;
  Stretch stretch;
  Timestamp deadline;
  NodeLog log{};
};

class NodeContext final : public Context {
 public:
  NodeContext(Work& work, std::stop_token stop)
      : work_(work), stop_(std::move(stop)), http_(work.run.worker.services, work.run.record.tenant) {}
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
  [[nodiscard]] HttpClient& http() override { return http_; }
  [[nodiscard]] Task<Result<Credential>> credential(std::string reference, std::string type) override;
  [[nodiscard]] Task<Result<Value>> sandbox(SandboxJob job) override;
  void log(LogLevel level, std::string_view message) override;

 private:
  [[nodiscard]] Run& run() const { return work_.run; }

  Work& work_;
  std::stop_token stop_;
  TenantHttp http_;
  std::size_t index_ = 0;
  std::size_t streamed_ = 0;  // what next_items() gave so far
};

}  // namespace mbflow::runtime
