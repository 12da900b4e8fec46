#include "server/scheduler.h"

#include <algorithm>

namespace mbflow::server {
namespace {

constexpr Duration glance = std::chrono::milliseconds(500);  // how soon a change of the schedules is noticed
constexpr Duration farthest = std::chrono::minutes(1);       // the wall clock may be set meanwhile
constexpr Duration again = std::chrono::seconds(1);          // after an error, and while one waits behind another

store::Tick tick_of(const store::Schedule& schedule, Timestamp at, std::string outcome) {
  store::Tick tick;
  tick.tenant = schedule.tenant;
  tick.workflow = schedule.workflow;
  tick.node_id = schedule.node_id;
  tick.at = at;
  tick.outcome = std::move(outcome);
  return tick;
}

bool is_same(const store::Schedule& a, const store::Schedule& b) {
  return a.version == b.version && a.since == b.since && a.switched_at == b.switched_at;
}

}  // namespace

// A live schedule as this process knows it.
struct Scheduler::Live {
  store::Schedule row;
  trigger::Schedule spec;
  std::shared_ptr<const runtime::Program> program;
  std::uint64_t seed = 0;
  Timestamp last{};          // every occurrence up to here is dealt with
  Timestamp look_again{};
  std::optional<Timestamp> queued;  // waits for the end of the one before
  std::optional<ExecutionId> running;
};

Scheduler::Scheduler(runtime::Services& services, runtime::Runtime& runtime, Loop& loop, OnSkip on_skip)
    : services_(services), runtime_(runtime), loop_(loop), on_skip_(std::move(on_skip)) {}

Task<void> Scheduler::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const Timestamp next = co_await look();
    const Duration until = std::clamp(next - services_.env.now(), Duration(1'000), glance);
    if (!co_await sleep_for(loop_, until, stop)) break;
  }
}

Task<Timestamp> Scheduler::look() {
  const Timestamp now = services_.env.now();
  Timestamp next = now + farthest;
  if (catalog_ != services_.store.catalog_version() && !co_await refresh()) co_return now + again;
  for (auto& [key, live] : live_) {
    if (live->look_again <= now && !co_await tend(*live, now)) live->look_again = now + again;
    next = std::min(next, live->look_again);
  }
  co_return next;
}

// What is live now. What this process knows of one that stays live, it keeps.
Task<Result<void>> Scheduler::refresh() {
  const std::uint64_t version = services_.store.catalog_version();
  MBF_CO_TRY(auto rows, co_await services_.store.schedules());
  std::map<Key, std::shared_ptr<Live>> fresh;
  bool complete = true;
  for (auto& row : rows) {
    if (!row.enabled) continue;
    const Key key(row.tenant, row.workflow, row.node_id);
    const auto known = live_.find(key);
    if (known != live_.end() && is_same(known->second->row, row)) {
      fresh.emplace(key, known->second);
      continue;
    }
    std::shared_ptr<Live> live;
    const auto done = co_await read(std::move(row), live);
    // One that cannot be read was published by another version of the program: it does not hold up the others.
    if (done) fresh.emplace(key, std::move(live));
    else complete = complete && done.error().kind != Kind::unavailable;
  }
  live_ = std::move(fresh);
  if (complete) catalog_ = version;  // else the next look reads it again
  co_return {};
}

Task<Result<void>> Scheduler::read(store::Schedule row, std::shared_ptr<Live>& live) {
  auto made = std::make_shared<Live>();
  MBF_CO_TRY(made->program, co_await runtime_.program(row.tenant, row.workflow, row.version));
  const Workflow& workflow = made->program->plan->workflow;
  const NodeIndex node = made->program->plan->find(row.node_id);
  const Error gone = fail(Kind::not_found, "schedule.config", "the workflow has no such schedule node");
  if (node == no_node) co_return gone;
  MBF_CO_TRY(made->spec, trigger::parse_schedule(workflow.nodes[node].config, workflow.settings.timezone));
  made->seed = trigger::jitter_seed(row.workflow.to_string(), row.node_id);
  made->last = std::max({row.since, row.last, row.switched_at});
  MBF_CO_TRY(auto ticks, co_await services_.store.ticks(row.tenant, row.workflow, row.node_id, Timestamp(), 50));
  for (const auto& tick : ticks) {
    if (tick.outcome == "queued" && tick.at <= row.switched_at) {
      MBF_CO_CHECK(co_await note(row, tick.at, "off"));
      continue;
    }
    if (tick.outcome == "queued" && !made->queued) made->queued = tick.at;
    if (tick.outcome == "started" && !made->running) made->running = tick.execution;
  }
  made->row = std::move(row);
  live = std::move(made);
  co_return {};
}

Task<Result<void>> Scheduler::tend(Live& live, Timestamp now) {
  if (live.queued) {
    MBF_CO_TRY(const bool busy, co_await is_running(live));
    if (!busy) {
      const Timestamp at = *live.queued;
      MBF_CO_CHECK(co_await start_now(live, at));
      live.queued.reset();
    }
  }
  const auto plan = trigger::plan(live.spec, live.seed, live.last, now);
  for (const auto& skipped : plan.skipped) {
    MBF_CO_CHECK(co_await note(live.row, skipped.at, std::string(trigger::to_string(skipped.reason))));
  }
  for (const Timestamp at : plan.start) MBF_CO_CHECK(co_await start(live, at));
  live.last = plan.last;
  live.look_again = std::min(plan.look_again.value_or(now + farthest), now + farthest);
  if (live.queued) live.look_again = std::min(live.look_again, now + again);
  co_return {};
}

Task<Result<void>> Scheduler::start(Live& live, Timestamp at) {
  MBF_CO_TRY(const bool busy, co_await is_running(live));
  switch (trigger::decide_overlap(live.spec.overlap, busy, live.queued.has_value())) {
    case trigger::Verdict::start: co_return co_await start_now(live, at);
    case trigger::Verdict::queue:
      MBF_CO_CHECK(co_await note(live.row, at, "queued"));
      live.queued = at;
      co_return {};
    case trigger::Verdict::skip: break;
  }
  co_return co_await note(live.row, at, "overlap");
}

// Whether the execution that this schedule started last is still under way.
Task<Result<bool>> Scheduler::is_running(const Live& live) {
  if (live.spec.overlap == trigger::Overlap::allow || !live.running) co_return false;
  auto record = co_await services_.store.execution(live.row.tenant, *live.running);
  if (record) co_return !is_final(record->status);
  if (record.error().kind == Kind::not_found) co_return false;  // deleted, or not saved at all
  co_return record.error();
}

Task<Result<void>> Scheduler::start_now(Live& live, Timestamp at) {
  runtime::StartRequest request;
  request.tenant = live.row.tenant;
  request.program = live.program;
  request.trigger = "schedule";
  request.entry = live.row.node_id;
  request.input = trigger::make_item(live.spec, at, services_.env.now());
  request.tick = tick_of(live.row, at, "started");
  auto started = co_await runtime_.start(std::move(request));
  if (started) live.running = started->id;
  // Another process was faster: what it started is what is running now.
  if (!started && started.error().code == "store.exists") {
    MBF_CO_TRY(auto ticks, co_await services_.store.ticks(live.row.tenant, live.row.workflow, live.row.node_id, at + Duration(1), 1));
    if (!ticks.empty() && ticks.front().outcome == "started") live.running = ticks.front().execution;
    co_return {};
  }
  if (!started) co_return started.error();
  co_return {};
}

Task<Result<void>> Scheduler::note(const store::Schedule& row, Timestamp at, std::string outcome) {
  std::vector<store::Tick> ticks;
  ticks.push_back(tick_of(row, at, std::move(outcome)));
  if (on_skip_) on_skip_(ticks.front());
  co_return co_await services_.store.save_ticks(std::move(ticks));
}

}  // namespace mbflow::server
