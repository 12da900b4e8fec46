#include "runtime/runtime.h"

#include "model/document.h"
#include "runtime/hop.h"

#include <algorithm>
#include <list>
#include <thread>

namespace mbflow::runtime {
namespace {

constexpr std::size_t cached_programs = 1'000;         // a worker
constexpr int most_woken = 20'000;                     // at a time; those in memory already are among them
constexpr int page = 500;                              // rows read at a time
constexpr Duration wake_every = std::chrono::seconds(10);
constexpr Duration wake_ahead = std::chrono::seconds(30);  // more than wake_every: nobody wakes late

Value input_items(const Value& input) {
  std::vector<Value> items;
  auto add = [&](const Value& one) { items.push_back(one.is_object() ? one : Value::object({{"value", one}})); };
  if (input.is_null()) items.push_back(Value::object());
  else if (!input.is_array()) add(input);
  else for (const auto& one : input.elements()) add(one);
  return Value::array(std::move(items));
}

Error stopping_error() {
  return fail(Kind::unavailable, "runtime.stopping", "the server is stopping; try again in a moment");
}

// The document of an execution that was not started from a saved workflow: its first event carries it.
Result<Value> inline_document(const std::vector<std::string>& chunks) {
  if (chunks.empty()) return fail(Kind::internal, "journal.damaged", "the execution has no journal");
  MBF_TRY(auto start, decode_first_event(chunks.front()));
  return start.data["document"];
}

// On the run's loop.
Task<Result<bool>> push_cancel(Worker& worker, ExecutionId id, std::string by) {
  const auto found = worker.runs.find(id);
  if (found == worker.runs.end()) co_return false;
  const auto run = found->second;
  run->push(engine::CancelAsked{std::move(by)});
  MBF_CO_CHECK(co_await run->wait_ended());
  co_return true;
}

// Whether the execution is in memory already. It hears of what a person asks; that a process ended does not concern it.
bool hand_to_live(Worker& worker, const ExecutionId& id, engine::Input& input) {
  const auto found = worker.runs.find(id);
  if (found == worker.runs.end()) return false;
  if (!std::holds_alternative<engine::Resume>(input)) found->second->push(std::move(input));
  return true;
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

struct Runtime::Loaded {
  std::shared_ptr<const Program> program;
  std::vector<Event> events;
};

Runtime::Runtime(Services& services, std::vector<Loop*> loops, std::function<Loop*()> current)
    : services_(services), loops_(std::move(loops)), current_(std::move(current)) {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    workers_.push_back(std::make_unique<Worker>(services_, *loops_[i], i));
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
  ++services_.counters.active;
  return run;
}

Task<Result<Started>> Runtime::start(StartRequest request) {
  Worker& worker = *here();
  if (worker.stopping) co_return stopping_error();
  if (worker.runs.size() >= services_.max_active) {
    co_return fail(Kind::unavailable, "runtime.busy", "too many executions are under way; try again in a moment");
  }
  const engine::Plan& plan = *request.program->plan;
  engine::Begin begin;
  begin.entry = request.entry.empty() ? plan.default_entry() : plan.find(request.entry);
  ObjectBuilder data;
  data.append("trigger", request.trigger);
  if (begin.entry != no_node) data.append("node", plan.ids[begin.entry]);
  data.append("input", input_items(request.input));
  if (request.program->workflow.is_nil()) data.append("document", request.program->document);
  begin.data = data.build();

  store::ExecutionRecord record;
  record.id = make_id(worker);
  record.tenant = request.tenant;
  record.workflow = request.program->workflow;
  record.version = request.program->version;
  record.trigger = std::move(request.trigger);
  record.created_at = services_.env.now();
  auto run = adopt(worker, std::move(request.program), std::move(record), false);
  run->push(std::move(begin));
  spawn(worker.loop, drive(run));
  MBF_CO_CHECK(co_await run->wait_saved());
  ++services_.counters.started;
  Started started{run->record.id, run->state.status, run};
  co_return started;
}

Task<Result<std::shared_ptr<const Program>>> Runtime::program(TenantId tenant, WorkflowId workflow, int version) {
  Cache& cache = *caches_[here()->index];
  const Cache::Key key{workflow, version};
  if (auto found = cache.find(tenant, key)) co_return found;
  MBF_CO_TRY(auto saved, co_await services_.store.workflow(tenant, workflow, version));
  const DocumentRules rules{services_.nodes, {}};
  auto reading = read_document(saved.document, rules);
  MBF_CO_TRY(auto prepared, prepare(std::move(reading.workflow), services_.nodes));
  auto program = std::make_shared<Program>(*prepared);
  program->workflow = workflow;
  program->version = version > 0 ? version : saved.version;
  cache.add(tenant, {workflow, program->version}, program);
  co_return std::shared_ptr<const Program>(std::move(program));
}

Task<Result<Runtime::Loaded>> Runtime::load(store::ExecutionRecord record) {
  Loaded loaded;
  MBF_CO_TRY(auto chunks, co_await services_.store.journal(record.tenant, record.id, 1));
  if (!record.workflow.is_nil()) {
    MBF_CO_TRY(loaded.program, co_await program(record.tenant, record.workflow, record.version));
  } else {
    MBF_CO_TRY(auto document, inline_document(chunks));
    const DocumentRules rules{services_.nodes, {}};
    MBF_CO_TRY(loaded.program, prepare(read_document(document, rules).workflow, services_.nodes));
  }
  for (const auto& chunk : chunks) MBF_CO_CHECK(decode_events(chunk, loaded.program->plan->ids, loaded.events));
  co_return loaded;
}

// On the execution's home loop. False: it is driven already, and goes on without being resumed.
Task<Result<bool>> Runtime::take_up(Worker& worker, store::ExecutionRecord record, engine::Input input) {
  if (worker.stopping) co_return stopping_error();
  if (hand_to_live(worker, record.id, input)) co_return false;
  MBF_CO_TRY(auto loaded, co_await load(record));
  if (hand_to_live(worker, record.id, input)) co_return false;  // somebody was faster meanwhile
  engine::State state = engine::fold(*loaded.program->plan, loaded.events);
  auto run = adopt(worker, std::move(loaded.program), std::move(record), true);
  run->state = std::move(state);
  ++services_.counters.resumed;
  run->push(std::move(input));
  spawn(worker.loop, drive(run));
  co_return true;
}

Task<Result<bool>> Runtime::take_up_at_home(store::ExecutionRecord record, engine::Input input) {
  Worker& worker = home(record.id);
  Loop& back = here()->loop;
  auto task = take_up(worker, std::move(record), std::move(input));
  return run_on(worker.loop, back, std::move(task));
}

Task<Result<void>> Runtime::cancel(TenantId tenant, ExecutionId id, std::string by) {
  MBF_CO_TRY(auto record, co_await services_.store.execution(tenant, id));
  const Error over = fail(Kind::conflict, "runtime.over", "the execution has ended already; there is nothing to cancel");
  if (is_final(record.status)) co_return over;
  Worker& worker = home(id);
  Loop& back = here()->loop;
  auto task = push_cancel(worker, id, by);
  MBF_CO_TRY(bool pushed, co_await run_on(worker.loop, back, std::move(task)));
  if (pushed) co_return {};
  engine::Input asked = engine::CancelAsked{std::move(by)};
  MBF_CO_CHECK(co_await take_up_at_home(std::move(record), std::move(asked)));
  co_return {};
}

Task<Result<void>> Runtime::retry(TenantId tenant, ExecutionId id) {
  MBF_CO_TRY(auto record, co_await services_.store.execution(tenant, id));
  const bool can = record.status == ExecutionStatus::failed || record.status == ExecutionStatus::cancelled ||
                   record.status == ExecutionStatus::held;
  const Error refused = fail(Kind::conflict, "runtime.not_retryable",
                             "only a failed, cancelled or held execution can be retried; this one is " +
                                 std::string(to_string(record.status)));
  if (!can) co_return refused;
  engine::Input asked = engine::RetryAsked();
  MBF_CO_CHECK(co_await take_up_at_home(std::move(record), std::move(asked)));
  co_return {};
}

Task<Result<Runtime::View>> Runtime::inspect(TenantId tenant, ExecutionId id) {
  MBF_CO_TRY(auto record, co_await services_.store.execution(tenant, id));
  MBF_CO_TRY(auto loaded, co_await load(record));
  engine::State state = engine::fold(*loaded.program->plan, loaded.events);
  View view{std::move(record), std::move(loaded.program), std::move(loaded.events), std::move(state)};
  co_return view;
}

Task<bool> Runtime::wait(ExecutionId id, Duration limit) {
  Worker& worker = home(id);
  Loop& back = here()->loop;
  auto task = wait_here(worker, id, limit);
  return run_on(worker.loop, back, std::move(task));
}

Task<Result<std::size_t>> Runtime::recover() {
  std::size_t count = 0;
  ExecutionId last;
  const Timestamp soon = services_.env.now() + services_.unload_after;
  while (true) {
    MBF_CO_TRY(auto records, co_await services_.store.unfinished(last, page));
    for (auto& record : records) {
      last = record.id;
      // Those that sleep for long are woken in time; held ones wait for a person.
      const bool asleep = record.status == ExecutionStatus::waiting && record.wake_at > soon;
      if (asleep || record.status == ExecutionStatus::held) continue;
      MBF_CO_TRY(bool taken, co_await take_up_at_home(std::move(record), engine::Resume()));
      count += taken ? 1 : 0;
    }
    if (records.size() < page) break;
  }
  spawn(here()->loop, wake_due());
  co_return count;
}

// The alarm clock of the executions that left memory to sleep.
Task<void> Runtime::wake_due() {
  Loop& loop = here()->loop;
  while (co_await sleep_for(loop, wake_every, stopping_.get_token())) {
    auto records = co_await services_.store.due(services_.env.now() + wake_ahead, most_woken);
    if (!records) continue;
    for (auto& record : *records) {
      auto taken = co_await take_up_at_home(std::move(record), engine::Resume());
      if (!taken) break;
    }
  }
}

void Runtime::stop(Duration limit) {
  stopping_.request_stop();
  for (auto& worker : workers_) {
    worker->loop.post([w = worker.get()] {
      w->stopping = true;
      for (const auto& [id, run] : w->runs) run->let_go();
    });
  }
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + limit;
  while (services_.counters.active.load() > 0 && Clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace mbflow::runtime
