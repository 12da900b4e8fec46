#include "runtime/run.h"

#include "base/mutant.h"
#include "runtime/endings.h"
#include "runtime/node_run.h"
#include "runtime/signals.h"

#include <algorithm>

namespace mbflow::runtime {
namespace {

// A run of pure nodes is saved together with what follows it, but not later than this.
constexpr Duration longest_unsaved = std::chrono::milliseconds(20);
constexpr Duration look_again = std::chrono::milliseconds(500);  // at a store that did not answer

// When it goes on by itself, if it sleeps: its own timeout does not sleep with it.
Timestamp earliest_wake(const engine::Plan& plan, const engine::State& state) {
  if (state.status != ExecutionStatus::waiting) return {};
  Timestamp earliest = plan.workflow.settings.timeout ? engine::time_limit(plan, state) : Timestamp{};
  for (const auto& node : state.nodes) {
    if (node.status != NodeStatus::waiting && node.status != NodeStatus::retrying) continue;
    if (earliest == Timestamp{} || node.until < earliest) earliest = node.until;
  }
  return earliest;
}

}  // namespace

// Suspends the driver until something is in the inbox.
struct Run::NextInput {
  Run& run;
  [[nodiscard]] bool await_ready() const { return !run.inbox_.empty() || run.abandoned_; }
  void await_suspend(std::coroutine_handle<> handle) const { run.waiter_ = handle; }
  void await_resume() const {}
};

Run::Run(Worker& home, std::shared_ptr<const Program> what, store::ExecutionRecord start, bool saved)
    : worker(home), program(std::move(what)), state(*program->plan), record(std::move(start)), saved_(saved) {}

void Run::wake() {
  if (!waiter_) return;
  worker.loop.post([self = shared_from_this()] {
    if (auto handle = std::exchange(self->waiter_, {})) handle.resume();
  });
}

void Run::push(engine::Input input) {
  inbox_.push_back({std::move(input), false});
  wake();
}

void Run::report(engine::NodeEnded ended) {
  const bool is_lost = worker.stopping && !ended.output && ended.error && ended.error->kind == Kind::unavailable && ended.error->code.starts_with("store.");
  if (is_lost && saved_) return abandon(*ended.error);
  push(std::move(ended));
}

void Run::hear(const store::Signal& signal) {
  if (signal.number <= last_heard_) return;
  last_heard_ = signal.number;
  heard_.push_back(signal.number);
  inbox_.push_back({read_signal(*this, signal.body), true});
  wake();
}

void Run::abandon(Error why) {
  const bool is_local = !saved_ && plan().workflow.settings.durability == Durability::none;
  if (ended_ || is_local) return;
  abandoned_ = std::make_shared<const Error>(std::move(why));
  for (const auto& [node, flight] : flights) flight->stop.request_stop();
  wake();
}

Task<void> drive(std::shared_ptr<Run> run) {
  while (true) {
    Run::NextInput next{*run};
    co_await next;
    engine::Step step = run->settle();
    if (mutant(Mutant::effect_first)) run->perform(step);
    auto saved = co_await run->save(std::move(step.events));
    if (!saved) {
      run->end(std::move(saved));
      co_return;
    }
    if (!mutant(Mutant::effect_first)) run->perform(step);
    if ((run->over() && run->inbox_.empty()) || run->asleep_ || run->may_stop()) break;
  }
  run->end({});
}

// Decides on everything in the inbox. Pure nodes run here and now, one after the other, until something must be waited for
// or the events have been unsaved for too long.
engine::Step Run::settle() {
  engine::Step step;
  const Timestamp begin = worker.services.env.now();
  Timestamp now = begin;
  while (!inbox_.empty() && now - begin < longest_unsaved) {
    Told told = std::move(inbox_.front());
    inbox_.pop_front();
    if (told.by_signal) ++decided_;
    if (!told.input) continue;
    const std::size_t first = step.commands.size();
    engine::decide(plan(), state, *std::move(told.input), {now, worker.next_random()}, step);
    std::vector<engine::Command> fresh(step.commands.begin() + static_cast<std::ptrdiff_t>(first), step.commands.end());
    step.commands.resize(first);
    launch_or_keep(fresh, step);
    now = worker.services.env.now();
  }
  return step;
}

void Run::launch_or_keep(std::vector<engine::Command>& fresh, engine::Step& step) {
  for (auto& command : fresh) {
    if (command.type == engine::Command::Type::run && plan().nodes[command.node].pure && !state.careful) {
      if (auto ended = run_on_the_spot(*this, command.node)) {
        take_on_the_spot(*std::move(ended));
        continue;
      }
    }
    step.commands.push_back(command);
  }
}

// What is much is kept apart before anything is told of it.
void Run::take_on_the_spot(engine::NodeEnded ended) {
  if (!ended.output || ended.output->bytes() < worker.services.limits.segment) {
    inbox_.push_back({std::move(ended), false});
    return;
  }
  auto flight = std::make_shared<Flight>();
  flights[ended.node] = flight;
  spawn(worker.loop, set_apart_and_report(shared_from_this(), std::move(ended), std::move(flight)));
}

store::Commit Run::make_commit(const std::vector<Event>& events) {
  record.status = state.status;
  record.started_at = state.started_at;
  record.finished_at = state.finished_at;
  record.last_seq = state.last_seq;
  record.wake_at = earliest_wake(plan(), state);
  if (std::ranges::any_of(events, engine::gets_on)) {
    record.deaths = 0;
    alone = nullptr;
  }
  // Sleeping for long costs no memory, and what waits for a person neither: whoever has time takes it up (Runtime::sweep).
  asleep_ = can_sleep(record.wake_at);
  record.error_code = state.error ? state.error->code : std::string();
  record.error_message = state.error ? state.error->message : std::string();
  store::Commit commit;
  commit.record = record;
  commit.create = !saved_;
  if (asleep_) commit.record.owner = 0;
  if (asleep_ && mutant(Mutant::wake_lost)) commit.record.wake_at = {};
  commit.first_seq = events.empty() ? state.last_seq + 1 : events.front().seq;
  const std::size_t told = events.size() - (over() && !events.empty() && mutant(Mutant::silent_end) ? 1 : 0);
  if (!events.empty()) commit.chunk = encode_events(std::span(events).first(told), plan().ids);
  commit.blobs = blobs_of(events);
  const bool ends = std::ranges::any_of(events, [](const Event& event) { return event.type == EventType::execution_finished; });
  if (ends) commit.message = message_of_end(*this);
  commit.signals.assign(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(decided_));
  if (!saved_ && !mutant(Mutant::tick_apart)) commit.tick = tick;
  commit.flush = !saved_ || plan().workflow.settings.durability == Durability::full;
  return commit;
}

// What a mutant does.
Task<void> Run::forget_signals() {
  store::Commit commit;
  commit.record = record;
  commit.first_seq = record.last_seq + 1;
  commit.signals = heard_;
  if (saved_ && !heard_.empty()) (void)co_await worker.services.store.commit(std::move(commit));
}

// Never lets a started execution fall for a passing fault of the store: its nodes may have acted on the world, so the result
// is offered again until it is taken. A start that was not saved was not acknowledged either: it is given up.
Task<Result<void>> Run::save(std::vector<Event> events) {
  if (abandoned_) co_return *abandoned_;
  if (events.empty() && decided_ == 0) co_return {};
  if (plan().workflow.settings.durability == Durability::none && !tick) {
    publish(events);
    co_return {};
  }
  if (mutant(Mutant::signal_lost)) co_await forget_signals();
  while (true) {
    Result<void> committed;
    if (over()) committed = co_await learn_listeners(worker);
    store::Commit commit = make_commit(events);
    const std::size_t answered = commit.signals.size();
    const bool tells = commit.message != nullptr;
    if (committed) committed = co_await worker.services.store.commit(std::move(commit));
    if (committed) {
      if (tells) worker.services.on_message();
      heard_.erase(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(answered));
      decided_ -= answered;
      break;
    }
    if (committed.error().code == "store.fenced") ++worker.services.counters.commits_fenced;
    if (committed.error().code == "store.unknown_outcome") co_return committed;  // whoever waits must not take it for a refusal
    if (abandoned_) co_return *abandoned_;
    if (saved_ && committed.error().code == "store.blob_missing") co_return co_await give_back(committed.error());
    if (!saved_ || committed.error().kind != Kind::unavailable || worker.stopping) co_return committed;
    if (mutant(Mutant::give_up_on_error)) co_return committed;
    co_await sleep_for(worker.loop, look_again, std::stop_token());
  }
  if (!saved_ && tick && mutant(Mutant::tick_apart)) {
    std::vector<store::Tick> late(1, *tick);
    (void)co_await worker.services.store.save_ticks(std::move(late));
  }
  saved_ = true;
  publish(events);
  if (abandoned_) co_return *abandoned_;  // saved, and now for another to perform
  co_return {};
}

// What a result refers to was removed before the result could be saved, since that took longer than such things are kept. Whoever
// takes the execution up makes it anew, from what is saved.
// Not before the store has heard of it: nobody else may take what this process holds.
Task<Result<void>> Run::give_back(Error why) {
  while (!abandoned_) {
    auto saved = co_await worker.services.store.execution(record.tenant, record.id);
    Result<void> done = saved ? Result<void>() : saved.error();
    if (saved) {
      store::Commit commit;
      commit.record = *std::move(saved);
      commit.record.owner = 0;
      commit.record.epoch = record.epoch;
      commit.first_seq = commit.record.last_seq + 1;
      done = co_await worker.services.store.commit(std::move(commit));
    }
    if (done || done.error().kind != Kind::unavailable || worker.stopping) break;
    co_await sleep_for(worker.loop, look_again, std::stop_token());
  }
  co_return why;
}

void Run::publish(const std::vector<Event>& events) {
  auto& counters = worker.services.counters;
  for (const auto& event : events) {
    if (event.type == EventType::node_succeeded) counters.nodes_run.fetch_add(1, std::memory_order_relaxed);
    if (event.type == EventType::node_failed) counters.nodes_failed.fetch_add(1, std::memory_order_relaxed);
    if (event.type == EventType::node_retrying) counters.nodes_retried.fetch_add(1, std::memory_order_relaxed);
  }
  if (worker.services.on_events) worker.services.on_events(*this, events);
  for (auto& waiter : std::exchange(saved_waiters_, {})) waiter.set({});
}

void Run::perform(const engine::Step& step) {
  for (const auto& command : step.commands) {
    switch (command.type) {
      case engine::Command::Type::run:
        if (!over()) launch(command.node);  // what came after it in the same step may have ended the execution
        break;
      case engine::Command::Type::timer: start_timer(command.node, command.until); break;
      case engine::Command::Type::stop:
        if (const auto flight = flights.find(command.node); flight != flights.end()) flight->second->stop.request_stop();
        break;
    }
  }
  if (deadline_ == 0 && plan().workflow.settings.timeout && !over()) start_deadline();
}

void Run::launch(NodeIndex node) {
  auto flight = std::make_shared<Flight>();
  flights[node] = flight;
  spawn(worker.loop, run_and_report(shared_from_this(), node, std::move(flight)));
}

void Run::start_timer(NodeIndex node, Timestamp until) {
  const Duration delay = std::max(Duration(0), until - worker.services.env.now());
  if (const auto old = timers_.find(node); old != timers_.end()) worker.loop.cancel(old->second);
  timers_[node] = worker.loop.after(delay, [self = weak_from_this(), node] {
    auto run = self.lock();
    if (!run) return;
    run->timers_.erase(node);
    run->push(engine::TimerFired{node});
  });
}

void Run::start_deadline() {
  const Duration delay = std::max(Duration(0), engine::time_limit(plan(), state) - worker.services.env.now());
  deadline_ = worker.loop.after(delay, [self = weak_from_this()] {
    auto run = self.lock();
    if (!run) return;
    run->deadline_ = 0;  // set anew if the time is not up: the wall clock was behind, or it was told to go on
    run->push(engine::TimeIsUp{});
  });
}

bool Run::can_sleep(Timestamp wake_at) const {
  if (!inbox_.empty() || !ended_waiters_.empty() || !flights.empty()) return false;
  if (state.status == ExecutionStatus::held || state.status == ExecutionStatus::queued) return true;
  if (state.status != ExecutionStatus::waiting || wake_at == Timestamp{}) return false;
  return wake_at - worker.services.env.now() > worker.services.unload_after;
}

// The server stops: what is under way may end, nothing more is begun. The next start goes on from the journal.
bool Run::may_stop() const { return worker.stopping && flights.empty() && inbox_.empty(); }

void Run::let_go() {
  if (may_stop()) wake();
}

void Run::end(Result<void> how) {
  ended_ = true;
  alone = nullptr;
  if (!how) abandoned_ = std::make_shared<const Error>(how.error());
  for (const auto& [node, timer] : timers_) worker.loop.cancel(timer);
  timers_.clear();
  if (deadline_ != 0) worker.loop.cancel(deadline_);
  for (const auto& [node, flight] : flights) flight->stop.request_stop();
  auto& counters = worker.services.counters;
  if (state.status == ExecutionStatus::succeeded) ++counters.succeeded;
  if (state.status == ExecutionStatus::failed) ++counters.failed;
  if (state.status == ExecutionStatus::cancelled) ++counters.cancelled;
  --counters.active;
  for (auto& waiter : std::exchange(saved_waiters_, {})) waiter.set(how);
  for (auto& waiter : std::exchange(ended_waiters_, {})) waiter.set(how);
  if (worker.evaluated == this) worker.evaluated = nullptr;  // the address may be another run's soon
  worker.forget(*this);
}

Task<Result<void>> Run::wait_saved() {
  if (saved_ || mutant(Mutant::early_answer)) co_return {};
  if (abandoned_) co_return *abandoned_;
  if (ended_) co_return {};
  OneShot<Result<void>> saved(worker.loop);
  saved_waiters_.push_back(saved.setter());
  co_return co_await saved.wait();
}

Task<Result<Ending>> Run::wait_ended() {
  if (!ended_) {
    OneShot<Result<void>> ended(worker.loop);
    ended_waiters_.push_back(ended.setter());
    MBF_CO_CHECK(co_await ended.wait());
  }
  if (abandoned_) co_return *abandoned_;
  co_return co_await ending_of(worker, plan(), state);
}

Task<Result<std::vector<Value>>> result_of(Worker& worker, const engine::Plan& plan, const engine::State& state) {
  if (auto answered = engine::response_items(state)) co_return *std::move(answered);
  std::vector<Value> result;
  std::uint64_t bytes = 0;
  for (const auto* port : engine::last_ports(plan, state)) {
    for (const auto& segment : port->apart) bytes += segment.blob.bytes;
    if (bytes > worker.services.limits.in_memory) {
      co_return fail(Kind::invalid, "runtime.result_limit",
                     "the output is more than " + std::to_string(worker.services.limits.in_memory >> 20) +
                         " MiB, which is the most one answer can hold; end the workflow with fewer items (aggregate, limit), or raise max-in-memory");
    }
    for (const auto& segment : port->apart) {
      MBF_CO_TRY(const auto items, co_await worker.segments.read(worker.services.store, segment));
      for (const auto& item : *items) result.push_back(item.json);
    }
    for (const auto& item : port->items) result.push_back(item.json);
  }
  co_return result;
}

Task<Result<Ending>> ending_of(Worker& worker, const engine::Plan& plan, const engine::State& state) {
  Ending ending;
  ending.status = state.status;
  MBF_CO_TRY(ending.output, co_await result_of(worker, plan, state));
  ending.response = state.response;
  ending.error = state.error;
  if (state.failed_node != no_node) ending.failed_node = plan.ids[state.failed_node];
  co_return ending;
}

}  // namespace mbflow::runtime
