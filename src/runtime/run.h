// Run: one execution in memory, driven on one loop from its first event to its last (or until it sleeps for long). All of it
// is touched by that loop alone.
#pragma once

#include "engine/decide.h"
#include "engine/state.h"
#include "runtime/program.h"
#include "runtime/worker.h"
#include "store/store.h"

#include <deque>
#include <memory>
#include <stop_token>
#include <unordered_map>
#include <vector>

namespace mbflow::runtime {

// A node under way that waits for something; asked to stop on cancel and timeout.
struct Flight {
  std::stop_source stop;
  bool timed_out = false;
};

// What a caller that waits for the end is told.
struct Ending {
  ExecutionStatus status{};
  std::vector<Value> output;
  Value response;  // {"status", "headers", "body"} of a respond node, or null
  std::shared_ptr<const Error> error;
  std::string failed_node;  // id, when a node's failure ended it
};

// The answer of an execution. Error runtime.result_limit: it is more than an answer can hold; store.*.
[[nodiscard]] Task<Result<std::vector<Value>>> result_of(Worker& worker, const engine::Plan& plan, const engine::State& state);
[[nodiscard]] Task<Result<Ending>> ending_of(Worker& worker, const engine::Plan& plan, const engine::State& state);

class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(Worker& worker, std::shared_ptr<const Program> program, store::ExecutionRecord record, bool saved);

  Worker& worker;
  const std::shared_ptr<const Program> program;
  engine::State state;
  store::ExecutionRecord record;
  std::unordered_map<NodeIndex, std::shared_ptr<Flight>> flights;

  [[nodiscard]] const engine::Plan& plan() const { return *program->plan; }
  [[nodiscard]] bool over() const { return is_final(state.status); }
  [[nodiscard]] bool uses_pins() const { return record.trigger == "manual"; }

  // Hands in what happened; the driver takes it up. Loop thread.
  void push(engine::Input input);
  // The same for what became of a node. A node does not fail because the store is out of reach: that is waited for. Only a worker that
  // stops cannot wait; what the node gave is lost with it then, as if it had died.
  void report(engine::NodeEnded ended);
  // Hands in what it is told, once however often it is offered; the commit of what that leads to removes the signal.
  void hear(const store::Signal& signal);
  // Another worker may have it by now: the driving ends, and nothing more is saved. Loop thread.
  void abandon(Error why);
  Value variables;                  // what $vars shows: the workflow's own above the tenant's
  std::optional<store::Tick> tick;  // saved with its start
  bool finishing = false;  // it was under way when its process began to stop
  // Only time or somebody outside lets it go on.
  [[nodiscard]] bool rests() const { return flights.empty() && inbox_.empty() && state.status != ExecutionStatus::running; }
  // Held until the execution has got on, or is driven no more.
  std::shared_ptr<void> alone;
  // The worker is stopping: ends the driving now if nothing is under way, else as soon as that has ended. Loop thread.
  void let_go();

  // Resolve once the start is saved / the execution is over; or with why that will not be known here.
  [[nodiscard]] Task<Result<void>> wait_saved();
  [[nodiscard]] Task<Result<Ending>> wait_ended();

 private:
  friend Task<void> drive(std::shared_ptr<Run> run);
  struct NextInput;

  engine::Step settle();
  void launch_or_keep(std::vector<engine::Command>& fresh, engine::Step& step);
  void take_on_the_spot(engine::NodeEnded ended);
  Task<Result<void>> give_back(Error why);
  Task<Result<void>> save(std::vector<Event> events);
  Task<void> forget_signals();
  store::Commit make_commit(const std::vector<Event>& events);
  void perform(const engine::Step& step);
  void launch(NodeIndex node);
  void start_timer(NodeIndex node, Timestamp until);
  void start_deadline();
  [[nodiscard]] bool can_sleep(Timestamp wake_at) const;
  [[nodiscard]] bool may_stop() const;
  void publish(const std::vector<Event>& events);
  void end(Result<void> how);

  void wake();

  struct Told {
    std::optional<engine::Input> input;  // nothing: a signal that says nothing this execution could follow
    bool by_signal = false;
  };
  std::deque<Told> inbox_;
  std::coroutine_handle<> waiter_;
  std::vector<std::uint64_t> heard_;     // signals whose outcome is not saved yet, as they came
  std::size_t decided_ = 0;              // so many of them have been decided on: they go with the commit of what that led to
  std::uint64_t last_heard_ = 0;
  bool asleep_ = false;                  // let go of in the store, until its time comes
  bool saved_ = false;  // the store knows it
  bool ended_ = false;
  std::shared_ptr<const Error> abandoned_;  // why it is driven no more, though not over
  std::unordered_map<NodeIndex, Loop::TimerId> timers_;
  Loop::TimerId deadline_ = 0;
  std::vector<OneShot<Result<void>>::Setter> saved_waiters_;
  std::vector<OneShot<Result<void>>::Setter> ended_waiters_;
};

inline void Worker::forget(const Run& run) {
  active.give_back(run.record.tenant, run.record.workflow);
  const bool makes_room = run.record.lane != 0 && on_room;
  const ExecutionId id = run.record.id;
  runs.erase(id);
  if (makes_room) on_room();
}

// The life of one execution: take what happened, decide, save, then act. An outsider reads this first.
Task<void> drive(std::shared_ptr<Run> run);

}  // namespace mbflow::runtime
