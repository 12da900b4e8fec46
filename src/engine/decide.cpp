#include "engine/decide.h"

#include "base/mutant.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace mbflow::engine {
namespace {

constexpr Duration next_turn = std::chrono::seconds(1);  // until a retry asks again whether nothing runs beside it
constexpr Duration drift = std::chrono::seconds(1);      // of two clocks that nobody sets

// One step under way: what it reads, what it adds to.
struct Deciding {
  const Plan& plan;
  State& state;
  Moment moment;
  Step& step;

  Event make(EventType type, NodeIndex node = no_node) const {
    Event event;
    event.type = type;
    event.node = node;
    event.at = moment.now;
    return event;
  }
  void emit(Event event) {
    event.seq = state.last_seq + 1;
    apply(plan, state, event);
    if (step.events.empty()) step.events.reserve(8);
    step.events.push_back(std::move(event));
  }
  void command(Command::Type type, NodeIndex node, Timestamp until = {}) { step.commands.push_back({type, node, until}); }
};

Error engine_error(Kind kind, std::string_view code, std::string message) { return fail(kind, code, std::move(message)); }

void finish(Deciding& d, ExecutionStatus status, std::shared_ptr<const Error> error, NodeIndex node) {
  for (NodeIndex i = 0; i < d.state.nodes.size(); ++i) {
    const NodeStatus now = d.state.nodes[i].status;
    const bool busy = now == NodeStatus::running || now == NodeStatus::retrying || now == NodeStatus::waiting ||
                      now == NodeStatus::held || now == NodeStatus::quarantined;
    if (!busy) continue;
    d.command(Command::Type::stop, i);
    d.emit(d.make(EventType::node_cancelled, i));
  }
  Event event = d.make(EventType::execution_finished, node);
  event.status = status;
  event.error = std::move(error);
  d.emit(std::move(event));
}

void start_node(Deciding& d, NodeIndex index) {
  NodeState& node = d.state.nodes[index];
  const bool told = !d.plan.nodes[index].pure || d.state.careful;
  if (told && !mutant(Mutant::late_attempt)) {
    Event event = d.make(EventType::node_started, index);
    event.attempt = node.attempt + 1;
    d.emit(std::move(event));
  }
  node.launched = true;
  d.command(Command::Type::run, index);
}

// Roots that are not where this execution starts stay out of it, and what hangs on them alone with them.
bool is_left_out(const Deciding& d, NodeIndex index) {
  if (!d.plan.nodes[index].in.empty() || !d.plan.has_entry) return false;
  return d.plan.ids[index] != d.state.start["node"].as_string();
}

bool must_wait(const Deciding& d) {
  return d.state.careful && std::ranges::any_of(d.state.nodes, [](const NodeState& node) { return node.status == NodeStatus::running; });
}

// Starts or skips whatever has become ready; the skip of one node may make others ready.
void advance(Deciding& d) {
  State& state = d.state;
  while (!state.ready.empty() && !is_final(state.status) && !state.cancelling && !must_wait(d)) {
    const NodeIndex index = state.ready.front();
    state.ready.pop_front();
    const NodeState& node = state.nodes[index];
    if (node.status != NodeStatus::pending || node.launched) continue;
    const bool dead = !d.plan.nodes[index].in.empty() && node.live_edges == 0;
    if (dead || is_left_out(d, index)) d.emit(d.make(EventType::node_skipped, index));
    else start_node(d, index);
  }
  if (!is_final(state.status) && state.open == 0) finish(d, ExecutionStatus::succeeded, nullptr, no_node);
}

void end_in_success(Deciding& d, NodeEnded&& ended) {
  Event event = d.make(ended.all_failed ? EventType::node_failed : EventType::node_succeeded, ended.node);
  event.attempt = std::max(1, d.state.nodes[ended.node].attempt);
  event.started = ended.started;
  event.output = std::move(ended.output);
  event.error = std::move(ended.error);
  event.response = std::move(ended.response);
  event.log = std::move(ended.log);
  d.emit(std::move(event));
}

void note_progress(Deciding& d, NodeIndex node, std::shared_ptr<const Progress> progress) {
  if (!progress || progress->first != items_done(d.state.nodes[node])) return;
  Event event = d.make(EventType::node_progressed, node);
  event.progress = std::move(progress);
  d.emit(std::move(event));
}

void end_in_failure(Deciding& d, NodeEnded&& ended) {
  note_progress(d, ended.node, std::move(ended.progress));
  const NodeState& node = d.state.nodes[ended.node];
  const RetryPolicy& policy = d.plan.workflow.nodes[ended.node].retry;
  if (is_retryable(ended.error->kind) && !is_last_attempt(d.plan, d.state, ended.node)) {
    Event event = d.make(EventType::node_retrying, ended.node);
    event.attempt = std::max(1, node.attempt);
    event.until = d.moment.now + retry_delay(policy, node.failures + 1, ended.error->retry_after_ms, d.moment.random);
    event.error = std::move(ended.error);
    event.partial = std::move(ended.partial);
    event.tried = ended.tried;
    event.log = std::move(ended.log);
    d.command(Command::Type::timer, ended.node, event.until);
    return d.emit(std::move(event));
  }
  Event event = d.make(EventType::node_failed, ended.node);
  event.attempt = std::max(1, node.attempt);
  event.started = ended.started;
  event.error = ended.error;
  event.partial = std::move(ended.partial);
  event.log = std::move(ended.log);
  d.emit(std::move(event));
  finish(d, ExecutionStatus::failed, std::move(ended.error), ended.node);
}

void on(Deciding& d, Begin&& begin) {
  if (d.state.last_seq != 0) return;
  Event event = d.make(EventType::execution_started);
  event.data = std::move(begin.data);
  d.emit(std::move(event));
}

void on(Deciding& d, NodeEnded&& ended) {
  const NodeState& node = d.state.nodes[ended.node];
  if (is_final(d.state.status) || (!node.launched && !mutant(Mutant::result_twice))) return;
  if (ended.wake_at) {
    Event event = d.make(EventType::node_waiting, ended.node);
    event.until = *ended.wake_at;
    event.log = std::move(ended.log);
    d.command(Command::Type::timer, ended.node, event.until);
    return d.emit(std::move(event));
  }
  if (ended.output) return end_in_success(d, std::move(ended));
  end_in_failure(d, std::move(ended));
}

void on(Deciding& d, NodeProgressed&& progressed) {
  if (is_final(d.state.status) || !d.state.nodes[progressed.node].launched) return;
  note_progress(d, progressed.node, std::move(progressed.progress));
}

void on(Deciding& d, TimerFired&& timer) {
  const NodeState& node = d.state.nodes[timer.node];
  const bool asleep = node.status == NodeStatus::waiting || node.status == NodeStatus::retrying;
  // The wall clock may run a little behind the timer's clock; by more, somebody has set it back, and the timer is right.
  const Duration early = node.until - d.moment.now;
  if (asleep && early > Duration::zero() && early < drift) return d.command(Command::Type::timer, timer.node, node.until);
  if (node.status == NodeStatus::waiting) return d.emit(d.make(EventType::node_woken, timer.node));
  if (node.status != NodeStatus::retrying) return;
  if (must_wait(d)) return d.command(Command::Type::timer, timer.node, d.moment.now + next_turn);
  start_node(d, timer.node);
}

void on(Deciding& d, CancelAsked&& cancel) {
  if (is_final(d.state.status)) return;
  if (d.state.active > 0 && mutant(Mutant::cancel_ignored)) return;
  Event event = d.make(EventType::execution_cancelling);
  event.data = Value::object({{"by", cancel.by}});
  d.emit(std::move(event));
  finish(d, ExecutionStatus::cancelled, nullptr, no_node);
}

void on(Deciding& d, TimeIsUp&&) {
  if (is_final(d.state.status) || d.moment.now < time_limit(d.plan, d.state)) return;
  auto error = engine_error(Kind::timeout, "engine.timeout",
                            "the execution ran longer than its settings.timeout; raise it or make the work smaller");
  finish(d, ExecutionStatus::failed, std::make_shared<const Error>(std::move(error)), no_node);
}

// A run was cut off by the end of its process: nobody knows whether it had its effect.
void resume_cut_off(Deciding& d, NodeIndex index, bool careful) {
  const bool blind = mutant(Mutant::unknown_retried);
  const OnUnknown policy = blind ? OnUnknown::retry : d.plan.workflow.nodes[index].on_unknown;
  if (policy == OnUnknown::retry && careful) return;  // it gets its turn
  if (policy == OnUnknown::retry) return start_node(d, index);
  auto error = std::make_shared<const Error>(engine_error(
      Kind::conflict, "engine.unknown_outcome",
      "the process ended while this node was running; whether it had its effect is unknown. Check, then retry or cancel"));
  Event event = d.make(policy == OnUnknown::hold ? EventType::node_held : EventType::node_failed, index);
  event.attempt = d.state.nodes[index].attempt;
  event.error = error;
  d.emit(std::move(event));
  if (policy == OnUnknown::fail) finish(d, ExecutionStatus::failed, std::move(error), index);
}

void quarantine(Deciding& d, NodeIndex index) {
  Event event = d.make(EventType::node_quarantined, index);
  event.attempt = d.state.nodes[index].attempt;
  event.error = std::make_shared<const Error>(engine_error(
      Kind::conflict, "engine.quarantined",
      "the process died " + std::to_string(deaths_to_quarantine) +
          " times without this execution getting on, the last time while this node ran alone in it; mend it, then decide: retry, succeed or fail"));
  d.emit(std::move(event));
}

void on(Deciding& d, Resume&& resume) {
  if (d.state.status == ExecutionStatus::queued) d.emit(d.make(EventType::execution_started));
  const NodeIndex suspect = d.state.suspect;
  // More than one death since it was started: the later ones took it over and died before they had run it.
  const bool ran = suspect != no_node && d.state.nodes[suspect].status == NodeStatus::running;
  const bool guilty = ran && resume.deaths == d.state.deaths + 1;
  if (guilty && resume.deaths >= deaths_to_quarantine) quarantine(d, suspect);
  const bool careful = d.state.careful || resume.deaths >= deaths_to_quarantine - 1;
  for (NodeIndex i = 0; i < d.state.nodes.size() && !is_final(d.state.status); ++i) {
    const NodeState& node = d.state.nodes[i];
    if (node.status == NodeStatus::running) resume_cut_off(d, i, careful);
    else if ((node.status == NodeStatus::waiting || node.status == NodeStatus::retrying) && !mutant(Mutant::sleepers_forgotten))
      d.command(Command::Type::timer, i, node.until);
  }
  if (!careful || is_final(d.state.status)) return;
  Event event = d.make(EventType::execution_resumed);
  event.attempt = resume.deaths;
  d.emit(std::move(event));
}

void on(Deciding& d, Decided&& decided) {
  const NodeStatus now = d.state.nodes[decided.node].status;
  if (now != NodeStatus::held && now != NodeStatus::quarantined) return;
  Event event = d.make(EventType::node_decided, decided.node);
  static constexpr std::array<std::string_view, 3> names = {"retry", "succeed", "fail"};
  event.data = Value::object({{"action", names[static_cast<std::size_t>(decided.action)]}, {"by", decided.by}});
  d.emit(std::move(event));
  if (decided.action == Decided::Action::retry) return;
  d.state.nodes[decided.node].launched = true;  // it ends without a run
  NodeEnded ended;
  ended.node = decided.node;
  if (decided.action == Decided::Action::succeed) {
    ended.output = std::move(decided.output);
    return end_in_success(d, std::move(ended));
  }
  ended.error = std::make_shared<const Error>(
      engine_error(Kind::conflict, "engine.decided", "it was decided that this node failed (" + decided.by + ")"));
  end_in_failure(d, std::move(ended));
}

void on(Deciding& d, RetryAsked&&) {
  const bool can = d.state.status == ExecutionStatus::failed || d.state.status == ExecutionStatus::cancelled ||
                   d.state.status == ExecutionStatus::held;
  if (can) d.emit(d.make(EventType::execution_retried));
}

}  // namespace

void decide(const Plan& plan, State& state, Input input, Moment moment, Step& step) {
  Deciding d{plan, state, moment, step};
  std::visit([&](auto&& what) { on(d, std::move(what)); }, std::move(input));
  advance(d);
}

Timestamp time_limit(const Plan& plan, const State& state) {
  const auto& timeout = plan.workflow.settings.timeout;
  return timeout ? state.counts_from + *timeout : Timestamp::max();
}

bool is_last_attempt(const Plan& plan, const State& state, NodeIndex node, bool anew) {
  if (mutant(Mutant::retry_unlimited)) return false;
  return (anew ? 0 : state.nodes[node].failures) + 1 >= plan.workflow.nodes[node].retry.attempts;
}

Duration retry_delay(const RetryPolicy& policy, int failures, std::int64_t retry_after_ms, std::uint64_t random) {
  constexpr double hour_us = 3'600e6;
  const double most = static_cast<double>(policy.max_delay.count());
  double delay = static_cast<double>(policy.delay.count()) * std::pow(policy.factor, failures - 1);
  delay = std::min(delay, most);
  if (policy.jitter) delay *= 0.5 + 0.5 * static_cast<double>(random >> 11) * 0x1.0p-53;
  if (retry_after_ms >= 0) delay = std::max(delay, std::min(static_cast<double>(retry_after_ms) * 1e3, hour_us));
  return Duration(static_cast<std::int64_t>(delay));
}

}  // namespace mbflow::engine
