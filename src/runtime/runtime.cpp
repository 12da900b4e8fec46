#include "runtime/runtime.h"

#include "model/document.h"
#include "runtime/admission.h"
#include "runtime/hop.h"
#include "runtime/variables.h"

#include <algorithm>
#include <list>

namespace mbflow::runtime {
namespace {

constexpr Duration effect_limit = std::chrono::seconds(2);  // how long a cancel is waited for
constexpr Duration effect_look = std::chrono::milliseconds(20);
constexpr Duration count_every = std::chrono::milliseconds(500);
constexpr std::size_t cached_programs = 1'000;         // a worker

Error stopping_error() {
  return fail(Kind::unavailable, "runtime.stopping", "the server is stopping; try again in a moment");
}

Error busy_error() {
  return fail(Kind::unavailable, "runtime.busy", "too many executions are under way; try again in a moment");
}

Error queue_full_error() {
  return fail(Kind::unavailable, "runtime.queue_full", "too many executions wait for room; try again in a moment");
}

Error disk_low_error() {
  return fail(Kind::unavailable, "runtime.disk_low", "the disk of the database is nearly full; free some space, then try again");
}

Error no_lease_error() {
  return fail(Kind::unavailable, "runtime.no_lease", "this process has lost touch with its database; try again in a moment");
}

engine::Begin begin_of(const StartRequest& request) {
  const engine::Plan& plan = *request.program->plan;
  engine::Begin begin;
  begin.entry = request.entry.empty() ? plan.default_entry() : plan.find(request.entry);
  ObjectBuilder data;
  data.reserve(5);
  data.append("trigger", request.trigger);
  if (begin.entry != no_node) data.append("node", plan.ids[begin.entry]);
  data.append("input", input_items(request.input));
  if (request.depth > 0) data.append("depth", request.depth);
  if (request.program->workflow.is_nil()) data.append("document", request.program->document);
  begin.data = data.build();
  return begin;
}

store::ExecutionRecord record_of(const StartRequest& request, Timestamp now) {
  store::ExecutionRecord record;
  record.tenant = request.tenant;
  record.workflow = request.program->workflow;
  record.version = request.program->version;
  record.trigger = request.trigger;
  record.entry = request.entry;
  record.created_at = now;
  return record;
}

Task<void> report_end(std::shared_ptr<Run> run, OneShot<bool>::Setter setter) {
  (void)co_await run->wait_ended();
  setter.set(true);
}

Task<bool> wait_here(Worker& worker, ExecutionId id, Duration limit) {
  const auto found = worker.runs.find(id);
  if (found == worker.runs.end()) co_return false;
  OneShot<bool> ended(worker.loop);
  const auto setter = ended.setter();
  Callback too_late = [setter] { setter.set(false); };
  const auto timer = worker.loop.after(limit, std::move(too_late));
  spawn(worker.loop, report_end(found->second, setter));
  const bool over = co_await ended.wait();
  worker.loop.cancel(timer);
  co_return over;
}

Task<Result<Started>> once_saved(std::shared_ptr<Run> run) {
  MBF_CO_CHECK(co_await run->wait_saved());
  Started started{run->record.id, run->record.tenant, run->state.status, run};
  co_return started;
}

}  // namespace

// Programs by version, the latest used first. A version never changes, so nothing here is ever stale.
struct Runtime::Cache {
  struct Key {
    WorkflowId workflow;
    int version;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return IdHash{}(key.workflow) ^ (static_cast<std::size_t>(key.version) * 0x9e3779b97f4a7c15u);
    }
  };
  struct Entry {
    Key key;
    TenantId tenant;
    std::shared_ptr<const Program> program;
  };
  std::list<Entry> entries;
  std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> by_key;

  std::shared_ptr<const Program> find(TenantId tenant, const Key& key) {
    const auto found = by_key.find(key);
    if (found == by_key.end() || found->second->tenant != tenant) return nullptr;
    entries.splice(entries.begin(), entries, found->second);
    return found->second->program;
  }
  void add(TenantId tenant, const Key& key, std::shared_ptr<const Program> program) {
    if (by_key.contains(key)) return;
    entries.push_front({key, tenant, std::move(program)});
    by_key.emplace(key, entries.begin());
    if (entries.size() <= cached_programs) return;
    by_key.erase(entries.back().key);
    entries.pop_back();
  }
};

Runtime::Runtime(Services& services, std::vector<Loop*> loops, std::function<Loop*()> current)
    : services_(services), loops_(std::move(loops)), current_(std::move(current)), wake_sweep_(OneShot<bool>(*loops_[0]).setter()) {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    workers_.push_back(std::make_unique<Worker>(services_, *loops_[i], i));
    workers_.back()->on_room = [this] { kick(); };
    caches_.push_back(std::make_unique<Cache>());
  }
}

Runtime::~Runtime() = default;

Worker* Runtime::here() {
  Loop* loop = current_();
  const auto it = std::find(loops_.begin(), loops_.end(), loop);
  return it == loops_.end() ? nullptr : workers_[static_cast<std::size_t>(it - loops_.begin())].get();
}

// The last byte tells the home loop, so that an id alone leads to its execution.
ExecutionId Runtime::make_id(const Worker& worker) {
  ExecutionId id = ExecutionId::make(services_.env);
  const std::size_t count = workers_.size();
  std::size_t last = id.bytes[15] - id.bytes[15] % count + worker.index;
  if (last > 255) last -= count;
  id.bytes[15] = static_cast<std::uint8_t>(last);
  return id;
}

std::shared_ptr<Run> Runtime::adopt(Worker& worker, std::shared_ptr<const Program> program, store::ExecutionRecord record,
                                    bool saved) {
  auto run = std::make_shared<Run>(worker, std::move(program), std::move(record), saved);
  worker.runs.emplace(run->record.id, run);
  worker.active.take(run->record.tenant, run->record.workflow);
  ++services_.counters.active;
  return run;
}

bool Runtime::is_full(const Worker& worker, const TenantId& tenant, const WorkflowId& workflow) const {
  return !worker.active.has_room(tenant, workflow, services_.max_active);
}

Result<void> Runtime::check_queue(const Worker& worker, const TenantId& tenant, const WorkflowId& workflow) const {
  const auto taken = static_cast<std::size_t>(std::max(0, services_.counters.queued.load() + services_.counters.queuing.load()));
  return worker.queued.has_room(tenant, workflow, static_cast<std::size_t>(services_.max_queued), taken) ? Result<void>() : queue_full_error();
}

Result<Value> Runtime::evaluate(const StartRequest& request, const expr::Template& expression) {
  return evaluate_start(*here(), request, expression);
}

Result<void> Runtime::check_room() {
  const Worker& worker = *here();
  if (worker.stopping) return stopping_error();
  if (lost_) return no_lease_error();
  if (services_.disk_low) return disk_low_error();
  if (worker.starting.total() >= services_.max_starting) return busy_error();
  const bool full = worker.runs.size() >= services_.max_active;
  return full && services_.counters.queued >= services_.max_queued ? queue_full_error() : Result<void>();
}

Result<void> Runtime::check_room(const TenantId& tenant, const WorkflowId& workflow) {
  MBF_CHECK(check_room());
  const Worker& worker = *here();
  if (!worker.starting.has_room(tenant, workflow, services_.max_starting)) return busy_error();
  return is_full(worker, tenant, workflow) ? check_queue(worker, tenant, workflow) : Result<void>();
}

ExecutionId Runtime::new_id() { return make_id(*here()); }

Task<Result<Started>> Runtime::start(StartRequest request) {
  Worker& worker = *here();
  Worker& wanted = request.id.is_nil() ? worker : home(request.id);
  if (&wanted != &worker) {
    auto there = start(std::move(request));
    MBF_CO_TRY(auto started, co_await run_on(wanted.loop, worker.loop, std::move(there)));
    started.status = started.status_now();
    started.run = nullptr;  // it is of the other loop
    co_return started;
  }
  if (const auto same = worker.runs.find(request.id); same != worker.runs.end()) co_return co_await once_saved(same->second);
  const TenantId tenant = request.tenant;
  const WorkflowId workflow = request.program->workflow;
  MBF_CO_CHECK(check_room(tenant, workflow));
  const bool saved = request.program->plan->workflow.settings.durability != Durability::none;
  const bool full = is_full(worker, tenant, workflow);
  MBF_CO_TRY(request.variables, co_await variables_of(services_, request.tenant, request.program));
  const bool for_another = !services_.drives || (finishing_ && !request.awaited);
  const bool queues = full || for_another || request.program->concurrency > 0;
  if (saved && queues) co_return co_await enqueue(worker, std::move(request));
  if (full) co_return busy_error();
  engine::Begin begin = begin_of(request);
  auto record = record_of(request, services_.env.now());
  record.id = request.id.is_nil() ? make_id(worker) : request.id;
  record.owner = number_;
  if (request.tick) request.tick->execution = record.id;
  auto run = adopt(worker, std::move(request.program), std::move(record), false);
  run->variables = std::move(request.variables);
  run->tick = std::move(request.tick);
  run->push(std::move(begin));
  spawn(worker.loop, drive(run));
  worker.starting.take(tenant, workflow);
  auto begun = co_await run->wait_saved();
  worker.starting.give_back(tenant, workflow);
  // It had lost its lease and did not know yet: nothing is begun, the caller may try again.
  if (!begun && begun.error().code == "store.fenced") co_return no_lease_error();
  if (!begun) co_return begun.error();
  ++services_.counters.started;
  co_return co_await once_saved(std::move(run));
}

// Saves that it waits, held by nobody: whichever worker claims it drives it.
Task<Result<Started>> Runtime::enqueue(Worker& worker, StartRequest request) {
  MBF_CO_TRY(const Lane lane, lane_of(worker, request));
  co_await count_queued();
  const WorkflowId workflow = request.program->workflow;
  MBF_CO_CHECK(check_queue(worker, request.tenant, workflow));
  store::Commit commit;
  commit.create = true;
  commit.record = record_of(request, services_.env.now());
  commit.record.id = request.id.is_nil() ? make_id(worker) : request.id;
  commit.record.last_seq = 1;
  commit.record.lane = lane.number;
  commit.record.lane_limit = lane.limit;
  Event event;
  event.type = EventType::execution_queued;
  event.seq = 1;
  event.at = commit.record.created_at;
  event.data = begin_of(request).data;
  commit.chunk = encode_events(std::span(&event, 1), request.program->plan->ids);
  if (request.tick) request.tick->execution = commit.record.id;
  commit.tick = std::move(request.tick);
  Started started{commit.record.id, commit.record.tenant, commit.record.status, nullptr};
  worker.starting.take(started.tenant, workflow);
  worker.queued.take(started.tenant, workflow);
  ++services_.counters.queuing;
  auto saved = co_await services_.store.commit(std::move(commit));
  --services_.counters.queuing;
  worker.starting.give_back(started.tenant, workflow);
  MBF_CO_CHECK(std::move(saved));
  ++services_.counters.started;
  ++services_.counters.queued;
  kick();
  co_return started;
}

// Counted anew once in a while, added to between.
Task<void> Runtime::count_queued() {
  const Timestamp now = services_.env.now();
  if (now - counted_at_.load() < count_every && now >= counted_at_.load()) co_return;
  counted_at_ = now;
  auto counts = co_await services_.store.queued(services_.max_queued);
  if (!counts) co_return;
  Shares shares;
  for (const auto& one : *counts) shares.take(one.tenant, one.workflow, static_cast<std::size_t>(one.count));
  services_.counters.queued = static_cast<int>(shares.total());
  for (auto& worker : workers_) {
    worker->loop.post([w = worker.get(), shares] {
      w->queued = shares;
      w->queued.add(w->starting);
    });
  }
}

Task<Result<std::optional<Ending>>> Runtime::outcome(const Started& started, Duration limit) {
  const Timestamp until = services_.env.now() + limit;
  if (started.run) {
    const bool ended = started.run->over() || co_await wait(started.id, limit);
    if (!ended && !started.run->over()) co_return std::nullopt;
    auto ending = co_await started.run->wait_ended();
    if (ending && is_final(ending->status)) co_return std::optional(*std::move(ending));
    if (ending || here()->stopping) co_return std::nullopt;  // the server stops; it goes on later
    const bool taken_over = ending.error().code == "runtime.no_lease" || ending.error().code == "store.fenced";
    if (!taken_over) co_return ending.error();
  }
  Loop& loop = here()->loop;
  // Another drives it, or will.
  for (Duration left = limit; left > Duration::zero(); left = until - services_.env.now()) {
    (void)co_await wait(started.id, left);  // comes back at once while it is not driven here
    MBF_CO_TRY(auto record, co_await services_.store.execution(started.tenant, started.id));
    if (is_final(record.status)) {
      MBF_CO_TRY(auto view, co_await inspect(started.tenant, started.id));
      MBF_CO_TRY(auto ending, co_await ending_of(*here(), *view.program->plan, view.state));
      co_return std::optional(std::move(ending));
    }
    if (!co_await sleep_for(loop, effect_look, stopping_.get_token())) break;
  }
  co_return std::nullopt;
}

Task<Result<std::shared_ptr<const Program>>> Runtime::program(TenantId tenant, WorkflowId workflow, int version) {
  Cache& cache = *caches_[here()->index];
  const Cache::Key key{workflow, version};
  if (auto found = cache.find(tenant, key)) co_return found;
  MBF_CO_TRY(auto saved, co_await services_.store.workflow(tenant, workflow, version));
  MBF_CO_TRY(auto prepared, prepare(read_saved_document(saved.document, services_.nodes), services_.nodes));
  auto program = std::make_shared<Program>(*prepared);
  program->workflow = workflow;
  program->version = version > 0 ? version : saved.version;
  cache.add(tenant, {workflow, program->version}, program);
  co_return std::shared_ptr<const Program>(std::move(program));
}

Task<Result<void>> Runtime::tell(TenantId tenant, ExecutionId id, Value body) {
  store::Signal signal;
  signal.tenant = tenant;
  signal.execution = id;
  signal.body = std::move(body);
  MBF_CO_CHECK(co_await services_.store.send(std::move(signal)));
  kick();
  co_return {};
}

Task<Result<ExecutionStatus>> Runtime::cancel(TenantId tenant, ExecutionId id, std::string by, bool wait_for_it) {
  MBF_CO_TRY(auto record, co_await services_.store.execution(tenant, id));
  const Error over = fail(Kind::conflict, "runtime.over", "the execution has ended already; there is nothing to cancel");
  if (is_final(record.status)) co_return over;
  MBF_CO_CHECK(co_await tell(tenant, id, cancel_signal(std::move(by))));
  if (!wait_for_it) co_return record.status;
  (void)co_await wait(id, effect_limit);
  Loop& loop = here()->loop;
  for (Duration waited{}; waited < effect_limit; waited += effect_look) {
    MBF_CO_TRY(record, co_await services_.store.execution(tenant, id));
    if (is_final(record.status)) break;
    if (!co_await sleep_for(loop, effect_look, stopping_.get_token())) break;
  }
  co_return record.status;
}

Task<Result<void>> Runtime::retry(TenantId tenant, ExecutionId id) {
  MBF_CO_TRY(auto record, co_await services_.store.execution(tenant, id));
  const bool can = record.status == ExecutionStatus::failed || record.status == ExecutionStatus::cancelled ||
                   record.status == ExecutionStatus::held;
  const Error refused = fail(Kind::conflict, "runtime.not_retryable",
                             "only a failed, cancelled or held execution can be retried; this one is " +
                                 std::string(to_string(record.status)));
  if (!can) co_return refused;
  co_return co_await tell(tenant, id, retry_signal());
}

Task<Result<void>> Runtime::decide(TenantId tenant, ExecutionId id, Decision decision) {
  const bool known = decision.action == "retry" || decision.action == "succeed" || decision.action == "fail";
  if (!known) co_return fail(Kind::invalid, "runtime.decision", "\"action\" must be retry, succeed or fail").with_at("/action");
  MBF_CO_TRY(auto view, co_await inspect(tenant, id));
  const NodeIndex node = view.program->plan->find(decision.node);
  const NodeStatus status = node == no_node ? NodeStatus::pending : view.state.nodes[node].status;
  const bool undecided = status == NodeStatus::held || status == NodeStatus::quarantined;
  if (!undecided) {
    co_return fail(Kind::conflict, "runtime.not_held", "the node \"" + decision.node + "\" waits for no decision").with_at("/node");
  }
  co_return co_await tell(tenant, id, decide_signal(decision));
}

Task<Result<std::vector<Value>>> Runtime::result(const View& view) {
  Worker& worker = *here();
  return result_of(worker, *view.program->plan, view.state);
}

Task<bool> Runtime::wait(ExecutionId id, Duration limit) {
  Worker& worker = home(id);
  Loop& back = here()->loop;
  auto task = wait_here(worker, id, limit);
  return run_on(worker.loop, back, std::move(task));
}

}  // namespace mbflow::runtime
