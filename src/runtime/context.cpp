#include "runtime/context.h"

#include "base/mutant.h"
#include <algorithm>

namespace mbflow::runtime {

namespace {

Error no_vault() {
  return fail(Kind::invalid, "credential.unknown", "there are no credentials here; run the workflow on a server that has them");
}

Task<Result<HttpResponse>> send_signed(vault::Vault* vault, TenantId tenant, HttpRequest request, std::stop_token stop) {
  if (vault == nullptr) co_return no_vault();
  co_return co_await vault->send(tenant, std::move(request), std::move(stop));
}

}  // namespace

Task<Result<HttpResponse>> TenantHttp::send(HttpRequest request, std::stop_token stop) {
  request.signer.reset();  // the engine's alone
  request.identity.reset();
  if (request.credential.empty()) return services_.http.send(std::move(request), std::move(stop));
  return send_signed(services_.vault, tenant_, std::move(request), std::move(stop));
}

Task<Result<Credential>> NodeContext::credential(std::string reference, std::string type) {
  vault::Vault* vault = run_.worker.services.vault;
  if (vault == nullptr) co_return no_vault();
  co_return co_await vault->credential(run_.record.tenant, std::move(reference), std::move(type));
}

NodeContext::NodeContext(Run& run, NodeIndex node, const NodeInputs& inputs, std::stop_token stop, Timestamp deadline)
    : run_(run), node_(node), inputs_(inputs), stop_(std::move(stop)), deadline_(deadline),
      http_(run.worker.services, run.record.tenant) {}

int NodeContext::attempt() const { return std::max(1, run_.state.nodes[node_].attempt); }

// UUIDv5 (RFC 9562 §5.5) of execution, node and item: the same on every attempt, in every process.
std::string NodeContext::idempotency_key() const {
  std::string name = run_.plan().ids[node_] + "/" + std::to_string(index_);
  if (mutant(Mutant::new_key)) name += "/" + std::to_string(run_.state.nodes[node_].attempt);
  return Uuid::v5(run_.record.id, name).to_string();
}

std::chrono::milliseconds NodeContext::time_left() const {
  return std::max(std::chrono::milliseconds(0), std::chrono::floor<std::chrono::milliseconds>(deadline_ - now()));
}

Task<Result<Value>> NodeContext::sandbox(SandboxJob job) {
  job.limit = std::min(job.limit, time_left());
  return run_.worker.services.sandbox.run(run_.worker.loop, std::move(job), stop_);
}

void NodeContext::log(LogLevel level, std::string_view message) {
  if (run_.worker.services.on_log) run_.worker.services.on_log(level, run_, node_, message);
}

}  // namespace mbflow::runtime
