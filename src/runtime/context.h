// The Context a node is given: its place in the run, and the services it may reach.
#pragma once

#include "runtime/inputs.h"
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

class NodeContext final : public Context {
 public:
  NodeContext(Run& run, NodeIndex node, const NodeInputs& inputs, std::stop_token stop, Timestamp deadline);
  void move_to(std::size_t item) { index_ = item; }

  [[nodiscard]] const Item& item() const override { return inputs_.items()[index_]; }
  [[nodiscard]] std::size_t index() const override { return index_; }
  [[nodiscard]] std::span<const Input> inputs() const override { return inputs_.edges(); }
  [[nodiscard]] std::span<const Item> items() const override { return inputs_.items(); }
  [[nodiscard]] int attempt() const override;
  [[nodiscard]] bool resumed() const override { return run_.state.nodes[node_].resumed; }
  [[nodiscard]] std::string idempotency_key() const override;
  [[nodiscard]] Timestamp now() const override { return run_.worker.services.env.now(); }
  [[nodiscard]] std::stop_token stop() const override { return stop_; }
  [[nodiscard]] std::chrono::milliseconds time_left() const override;
  [[nodiscard]] HttpClient& http() override { return http_; }
  [[nodiscard]] Task<Result<Credential>> credential(std::string reference, std::string type) override;
  [[nodiscard]] Task<Result<Value>> sandbox(SandboxJob job) override;
  void log(LogLevel level, std::string_view message) override;

 private:
  Run& run_;
  NodeIndex node_;
  const NodeInputs& inputs_;
  std::stop_token stop_;
  Timestamp deadline_;
  TenantHttp http_;
  std::size_t index_ = 0;
};

}  // namespace mbflow::runtime
