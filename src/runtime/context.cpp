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
  vault::Vault* vault = run().worker.services.vault;
  if (vault == nullptr) co_return no_vault();
  co_return co_await vault->credential(run().record.tenant, std::move(reference), std::move(type));
}

int NodeContext::attempt() const { return std::max(1, run().state.nodes[work_.node].attempt); }

// UUIDv5 (RFC 9562 §5.5) of execution, node and item: the same on every attempt, in every process.
std::string NodeContext::idempotency_key() const {
  std::string name = run().plan().ids[work_.node] + "/" + std::to_string(index_);
  if (mutant(Mutant::new_key)) name += "/" + std::to_string(run().state.nodes[work_.node].attempt);
  return Uuid::v5(run().record.id, name).to_string();
}

std::chrono::milliseconds NodeContext::time_left() const {
  return std::max(std::chrono::milliseconds(0), std::chrono::floor<std::chrono::milliseconds>(work_.deadline - now()));
}

Task<Result<std::span<const Item>>> NodeContext::next_items() {
  auto& worker = run().worker;
  if (streamed_ >= count()) co_return std::span<const Item>();
  if (in_memory()) {
    streamed_ = count();
    co_return items();
  }
  co_await yield(worker.loop);
  MBF_CO_TRY(work_.stretch, co_await work_.inputs.read(worker, streamed_));
  streamed_ = work_.stretch.end();
  co_return work_.stretch.items;
}

Task<Result<void>> NodeContext::gather() {
  auto& worker = run().worker;
  if (in_memory()) co_return {};
  const std::uint64_t limit = worker.services.limits.in_memory;
  if (work_.inputs.bytes() > limit) {
    co_return fail(Kind::invalid, "node.input_limit",
                   "the node '" + run().plan().workflow.nodes[work_.node].name + "' needs all its " + std::to_string(count()) + " items at once, which is more than " +
                       std::to_string(limit >> 20) + " MiB; make the list smaller before (filter, limit, aggregate), or raise the server's setting max-in-memory");
  }
  co_return co_await work_.inputs.gather(worker);
}

Task<Result<void>> NodeContext::give(Output part) {
  NodeOutput output;
  for (auto& port : part.ports()) output.ports.push_back({std::move(port.name), std::move(port.items), {}});
  co_return co_await work_.output.add(std::move(output), false);
}

Task<Result<Value>> NodeContext::sandbox(SandboxJob job) {
  job.limit = std::min(job.limit, time_left());
  return run().worker.services.sandbox.run(run().worker.loop, std::move(job), stop_);
}

void NodeContext::log(LogLevel level, std::string_view message) {
  work_.log.add(level, now(), message);
}

}  // namespace mbflow::runtime
