// Runtime: the moving part. Starts executions, takes up again what a stop left behind, cancels, retries. An execution's home
// is one loop, told by its id; calls from other loops are carried there.
#pragma once

#include "runtime/run.h"
#include "runtime/signals.h"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace mbflow::runtime {

struct StartRequest {
  TenantId tenant;
  std::shared_ptr<const Program> program;
  std::string trigger = "manual";
  std::string entry;  // id of the trigger node it starts at; empty: the workflow's default
  Value input;        // an array: an item each element; null: one empty item; anything else: one item
  std::optional<store::Tick> tick;  // the occurrence of a schedule that it is for; saved with the start, whatever the durability
  bool awaited = false;             // somebody waits for its end
  ExecutionId id;  // given, so that a start that is asked for again is the same start (or error store.exists); nil: a new one
  Value variables;  // what $vars shows; start() fills it
  int depth = 0;    // how many ends led to it, one by one (endings.h)
};

// A past execution once more, from a node on: what did not depend on that node is taken over as it was.
struct ReplayRequest {
  std::string node;            // id; empty: from the start
  std::optional<Value> input;  // what the node gets, as the input of a start; nothing: what it got then
  std::string by;
};

struct Started {
  ExecutionId id;
  TenantId tenant;
  ExecutionStatus status{};
  std::shared_ptr<Run> run;  // on the caller's loop; null: it is queued, and whoever claims it drives it
  [[nodiscard]] ExecutionStatus status_now() const { return run ? run->state.status : status; }
};

class Runtime {
 public:
  // The loops must run until stop() has returned. `current` tells the loop of the calling thread.
  Runtime(Services& services, std::vector<Loop*> loops, std::function<Loop*()> current);
  ~Runtime();

  // The one door of every trigger. On a loop. When it returns well, the execution is on disk (unless the workflow's durability
  // is `none`) and will end; it may be queued first. Errors: runtime.busy, runtime.queue_full (unavailable: too much at once),
  // runtime.stopping, store.*, those of the expression in settings.concurrency.key.
  [[nodiscard]] Task<Result<Started>> start(StartRequest request);

  // For StartRequest::id.
  [[nodiscard]] ExecutionId new_id();

  // On disk when it returns; gives the id of the new execution. Errors: store.not_found; runtime.replay_node (invalid): no such
  // node, or what it gets comes from several places and cannot be given as one list; those of start().
  [[nodiscard]] Task<Result<ExecutionId>> replay(TenantId tenant, ExecutionId id, ReplayRequest request);
  // What an expression says of the first item of a start, before there is a run: $json, $vars, $env, $trigger, $workflow.
  [[nodiscard]] Result<Value> evaluate(const StartRequest& request, const expr::Template& expression);

  // Whether a start from this loop would be taken now; why not. Cheap: asked before a request's body is read.
  [[nodiscard]] Result<void> check_room();
  [[nodiscard]] Result<void> check_room(const TenantId& tenant, const WorkflowId& workflow);

  // The program of a saved version, from the cache of the calling loop or the store. Errors: store.not_found, and those of prepare().
  [[nodiscard]] Task<Result<std::shared_ptr<const Program>>> program(TenantId tenant, WorkflowId workflow, int version);

  // What a person asks of an execution is on disk when these return; it is heeded a moment later, by whichever process holds
  // the execution. Errors: store.not_found and, as it stands now, those named.
  // Gives how it stands then: cancelled, or still on its way to that when another process is busy with it. Error:
  // runtime.over (conflict).
  [[nodiscard]] Task<Result<ExecutionStatus>> cancel(TenantId tenant, ExecutionId id, std::string by, bool wait_for_it = true);
  // Failed, cancelled, held and quarantined nodes run again, finished ones do not. Error: runtime.not_retryable (conflict).
  [[nodiscard]] Task<Result<void>> retry(TenantId tenant, ExecutionId id);
  // Errors: runtime.not_held (conflict): that node waits for no decision; runtime.decision (invalid): no such action.
  [[nodiscard]] Task<Result<void>> decide(TenantId tenant, ExecutionId id, Decision decision);
  // An execution as the store has it, its journal folded. Error store.not_found.
  struct View {
    store::ExecutionRecord record;
    std::shared_ptr<const Program> program;
    std::vector<Event> events;
    engine::State state;
    Value variables;  // what $vars shows
  };
  [[nodiscard]] Task<Result<View>> inspect(TenantId tenant, ExecutionId id);
  // What was committed behind the event `after`, for a reader that comes again and again: it hands in the program it was given
  // before (null: none yet). The record is no newer than the events. Error store.not_found.
  struct Tail {
    store::ExecutionRecord record;
    std::shared_ptr<const Program> program;
    std::vector<Event> events;
  };
  [[nodiscard]] Task<Result<Tail>> tail(TenantId tenant, ExecutionId id, std::uint32_t after, std::shared_ptr<const Program> program);
  // The answer of an execution that is over. The view lives until then. Errors: runtime.result_limit, store.*.
  [[nodiscard]] Task<Result<std::vector<Value>>> result(const View& view);
  // How it ended; nothing: it has not within `limit`. On the loop that started it.
  [[nodiscard]] Task<Result<std::optional<Ending>>> outcome(const Started& started, Duration limit);

  // Joins the workers of the store, and from then on takes up what nobody else holds: first what earlier stops left behind.
  // Once, on a loop, before the first start. A runtime that never joins drives what it starts itself, and nothing else; with
  // Services::drives false it only saves starts, for other processes to drive.
  [[nodiscard]] Task<Result<void>> join();
  // What earlier stops left behind has been taken up.
  [[nodiscard]] bool caught_up() const { return caught_up_.load(); }
  // After stop(), if it has joined: others may go on at once with what this one still holds. Until then it keeps its lease.
  [[nodiscard]] Task<Result<void>> leave();

  // From outside the loops, when another process is about to go on: claims nothing more and only saves starts whose end nobody
  // awaits; returns when what was under way has ended or rests, or after `limit`.
  void finish(Duration limit);

  // From outside the loops: starts nothing more, lets what runs go on for at most `limit`, then lets go of the rest (the next
  // start takes it up).
  void stop(Duration limit);

 private:
  struct Loaded {
    std::shared_ptr<const Program> program;
    Value variables;
    std::vector<Event> events;
  };
  [[nodiscard]] Worker& home(const ExecutionId& id) { return *workers_[id.bytes[15] % workers_.size()]; }
  [[nodiscard]] Worker* here();
  [[nodiscard]] ExecutionId make_id(const Worker& worker);
  std::shared_ptr<Run> adopt(Worker& worker, std::shared_ptr<const Program> program, store::ExecutionRecord record, bool saved);
  [[nodiscard]] Task<Result<Loaded>> load(store::ExecutionRecord record);
  // One execution claimed, and what it is told.
  struct Claimed {
    store::ExecutionRecord record;
    std::vector<store::Signal> signals;
  };
  [[nodiscard]] Task<void> take_up(Worker& worker, Claimed claimed, OneShot<bool>::Setter done, std::shared_ptr<void> alone = {});
  [[nodiscard]] Task<void> let_go(Claimed claimed);
  [[nodiscard]] Task<void> set_aside(Claimed claimed, Error why);
  void take_up_suspect();
  struct Watch {  // over the lease that was asked for when it began
    Loop::TimerId timer;
    std::shared_ptr<bool> is_over;
  };
  [[nodiscard]] Watch watch_lease();
  [[nodiscard]] Task<void> keep_lease(Watch watch);
  [[nodiscard]] Task<bool> join_anew();
  [[nodiscard]] Task<void> keep_sweeping();
  [[nodiscard]] Task<bool> sweep();
  [[nodiscard]] Task<void> take_up_all(std::vector<Claimed> claimed);
  void lose_lease();
  void kick();
  [[nodiscard]] Task<Result<Started>> enqueue(Worker& worker, StartRequest request);
  [[nodiscard]] bool is_full(const Worker& worker, const TenantId& tenant, const WorkflowId& workflow) const;
  [[nodiscard]] Task<void> count_queued();
  [[nodiscard]] Result<void> check_queue(const Worker& worker, const TenantId& tenant, const WorkflowId& workflow) const;
  [[nodiscard]] Task<Duration> lag();
  [[nodiscard]] std::size_t count_finishing(bool mark);
  // Waits for the end of an execution driven here; false: it is not (over, or asleep).
  [[nodiscard]] Task<bool> wait(ExecutionId id, Duration limit);
  [[nodiscard]] Task<Result<void>> tell(TenantId tenant, ExecutionId id, Value body);

  Services& services_;
  std::vector<Loop*> loops_;
  std::function<Loop*()> current_;
  std::vector<std::unique_ptr<Worker>> workers_;
  struct Cache;
  std::vector<std::unique_ptr<Cache>> caches_;  // one a worker
  std::stop_source stopping_;
  std::stop_source left_;

  std::atomic<store::WorkerNumber> number_{0};
  std::atomic<bool> lost_{false};  // the lease is over: nothing may be started until it has joined anew
  std::atomic<bool> finishing_{false};  // see finish()
  std::atomic<bool> caught_up_{false};
  std::atomic<Timestamp> counted_at_{};
  // Of the loop that joined.
  Loop* own_loop_ = nullptr;
  OneShot<bool>::Setter wake_sweep_;
  std::deque<Claimed> later_;     // could not be loaded for the moment
  std::deque<Claimed> suspects_;  // processes died of one of them: they are driven one at a time
  std::weak_ptr<void> suspect_;
};

}  // namespace mbflow::runtime
