// Clients and people: they start executions, change their minds, and decide what the engine leaves to them.
#include "sim/cluster.h"
#include "trigger/webhook.h"

#include <mbflow/json.h>

#include <algorithm>
#include <array>

namespace mbflow::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration look_every = seconds(2);
constexpr Duration again_after = seconds(8);      // a person does not press the same button every second
constexpr int most_tries = 200;

}  // namespace

void Cluster::request(std::size_t index, int tries) {
  if (Process* process = anyone()) return spawn(process->loop(), ask_start(*process, index, tries));
  common_.world.after(milliseconds(500), [this, index, tries] { request(index, tries); });
}

// False: nothing to start; there is no such webhook yet, or the store does not answer.
Task<bool> Cluster::find_program(Process& process, const Request& request, runtime::StartRequest& start) {
  const auto flow = static_cast<std::size_t>(request.workflow);
  int version = 1;
  if (request.webhook) {
    const auto routes = co_await process.store().routes();
    if (!routes) co_return false;
    const auto own = std::ranges::find(*routes, workflows_[flow], &store::WebhookRoute::workflow);
    if (own == routes->end()) co_return false;
    version = own->version;
    start.entry = own->node_id;
  }
  if (common_.scenario.is_inline[flow]) {
    start.program = programs_[flow];
    co_return true;
  }
  auto program = co_await process.runtime().program(start.tenant, workflows_[flow], version);
  if (program) start.program = *std::move(program);
  co_return program.ok();
}

Value called_with(const Request& request) {
  Headers headers = {{"Content-Type", "application/json"}};
  const std::string body = write_json(request.input[0]);
  const trigger::WebhookCall call{"POST", "flow", "", headers, body, beginning};
  return *trigger::make_item(call, Value("public"));
}

// A client tries again when it was refused in so many words; when the connection broke it does not know, and leaves it.
Task<void> Cluster::ask_start(Process& process, std::size_t index, int tries) {
  const Request& request = common_.scenario.requests[index];
  runtime::StartRequest start;
  start.tenant = tenant_of(request.workflow);
  start.trigger = request.webhook ? "webhook" : "api";
  start.input = request.webhook ? called_with(request) : request.input;
  std::optional<Result<runtime::Started>> started;
  const bool found = co_await find_program(process, request, start);
  if (found && !process.stopping()) started.emplace(co_await process.runtime().start(std::move(start)));
  if (process.store().alive() && started && *started) promised_[index] = (*started)->id;
  const bool unknown = started && !*started && started->error().code == "store.unknown_outcome";
  const bool refused = process.store().alive() && !unknown && !(started && *started);
  if (refused && tries < most_tries) {
    common_.world.after(milliseconds(500), [this, index, tries] { this->request(index, tries + 1); });
    co_return;
  }
  ++settled_;
  if (!promised_[index] || !request.cancel_after || common_.calm) co_return;
  common_.world.after(*request.cancel_after, [this, tenant = tenant_of(request.workflow), id = *promised_[index]] {
    if (Process* other = anyone()) spawn(other->loop(), ask_cancel(*other, tenant, id));
  });
}

Task<void> Cluster::ask_cancel(Process& process, TenantId tenant, ExecutionId id) {
  ++common_.ledger.asked[id].cancels;
  (void)co_await process.runtime().cancel(tenant, id, "client");
  if (!process.store().alive() || !common_.dice.one_in(4)) co_return;
  ++common_.ledger.asked[id].cancels;  // and once more, to be sure
  (void)co_await process.runtime().cancel(tenant, id, "client");
}

Task<void> Cluster::ask_retry(Process& process, TenantId tenant, ExecutionId id) {
  ++common_.ledger.asked[id].retries;
  const auto asked = co_await process.runtime().retry(tenant, id);
  if (asked && process.store().alive()) ++common_.ledger.asked[id].acked_retries;
}

Task<void> Cluster::decide_all(Process& process, TenantId tenant, ExecutionId id) {
  const auto view = co_await process.runtime().inspect(tenant, id);
  if (!view || !process.store().alive()) co_return;
  for (NodeIndex n = 0; n < view->state.nodes.size(); ++n) {
    const NodeStatus status = view->state.nodes[n].status;
    if (status != NodeStatus::held && status != NodeStatus::quarantined) continue;
    static constexpr std::array<const char*, 4> actions = {"retry", "retry", "succeed", "fail"};
    const bool deadly = status == NodeStatus::quarantined;
    runtime::Decision decision;
    decision.node = view->program->plan->ids[n];
    decision.action = actions[common_.dice.next() % 2 + (deadly || common_.dice.one_in(2) ? 2 : 0)];
    decision.items = view->state.start["input"];
    decision.by = "person";
    ++common_.ledger.asked[id].decisions;
    (void)co_await process.runtime().decide(tenant, id, std::move(decision));
    if (!process.store().alive()) co_return;
  }
}

void Cluster::look_around() {
  common_.world.after(look_every, [this] { look_around(); });
  // Nobody mends the node that kills, so nobody runs it again.
  const auto victim = common_.scenario.victim;
  const auto guilty = victim < 0 ? std::optional<ExecutionId>() : promised_[static_cast<std::size_t>(victim)];
  for (const auto& record : records()) {
    const bool held = record.status == ExecutionStatus::held;
    const bool failed = record.status == ExecutionStatus::failed && common_.scenario.retries && !ending_ && record.id != guilty;
    const bool again = failed && common_.ledger.asked[record.id].retries == 0 && record.id.bytes[14] % 2 == 0;
    if (!held && !again) continue;
    auto& last = decided_[record.id];
    if (last != Duration(0) && common_.clock.now - last < again_after) continue;
    Process* process = anyone();
    if (!process) return;
    last = common_.clock.now;
    if (held) spawn(process->loop(), decide_all(*process, record.tenant, record.id));
    else spawn(process->loop(), ask_retry(*process, record.tenant, record.id));
  }
}

}  // namespace mbflow::sim
