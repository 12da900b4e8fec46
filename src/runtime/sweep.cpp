// How a runtime comes by executions it did not start: it joins the store as a worker, keeps its lease alive, and sweeps up
// what nobody alive holds. See store/store.h for what a lease is.
#include "base/mutant.h"
#include "runtime/hop.h"
#include "runtime/runtime.h"

#include <algorithm>
#include <latch>
#include <thread>
#include <unordered_map>

namespace mbflow::runtime {
namespace {

constexpr std::size_t page = 500;                           // executions taken up at a time
constexpr std::size_t page_when_slow = 10;
constexpr Duration slow = std::chrono::milliseconds(50);    // what comes in from outside waits that long for its turn
constexpr int most_signals = 1'000;                         // read at a time
constexpr Duration ahead = std::chrono::seconds(1);         // more than a sweep takes: nobody wakes late
constexpr Duration join_again = std::chrono::milliseconds(500);

Error lost_error() {
  return fail(Kind::unavailable, "runtime.no_lease", "this process has lost touch with its database; another goes on with it");
}

Error left_error() {
  return fail(Kind::unavailable, "runtime.stopping", "the server is stopping; another, or its next start, goes on with it");
}

void abandon_all(Worker& worker, const Error& why) {
  const auto runs = worker.runs;  // abandoned ones leave it
  for (const auto& [id, run] : runs) run->abandon(why);
}

}  // namespace

Task<Result<void>> Runtime::join() {
  own_loop_ = &here()->loop;
  Watch watch = watch_lease();
  auto joined = co_await services_.store.join(services_.lease);
  if (!joined) own_loop_->cancel(watch.timer);
  MBF_CO_TRY(number_, std::move(joined));
  spawn(*own_loop_, keep_lease(std::move(watch)));
  spawn(*own_loop_, keep_sweeping());
  co_return {};
}

// First nothing more is begun here, even if what was saved last is answered only now; then others may go on with it.
Task<Result<void>> Runtime::leave() {
  if (number_ == 0) co_return {};
  left_.request_stop();
  std::vector<OneShot<bool>> all;
  for (auto& worker : workers_) {
    all.emplace_back(here()->loop);
    worker->loop.post([w = worker.get(), done = all.back().setter()] {
      abandon_all(*w, left_error());
      done.set(true);
    });
  }
  for (auto& done : all) co_await done.wait();
  co_return co_await services_.store.leave(number_);
}

void Runtime::finish(Duration limit) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + limit;
  finishing_ = true;
  for (auto left = count_finishing(true); left > 0 && Clock::now() < until; left = count_finishing(false)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// How many of those that were under way when it began still are.
std::size_t Runtime::count_finishing(bool mark) {
  std::atomic<std::size_t> left = 0;
  std::latch looked(static_cast<std::ptrdiff_t>(workers_.size()));
  for (auto& worker : workers_) {
    worker->loop.post([&left, &looked, mark, w = worker.get()] {
      for (const auto& [id, run] : w->runs) {
        run->finishing = run->finishing || mark;
        if (run->finishing && !run->rests()) ++left;
      }
      looked.count_down();
    });
  }
  looked.wait();
  return left;
}

void Runtime::stop(Duration limit) {
  stopping_.request_stop();
  kick();
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

Runtime::Watch Runtime::watch_lease() {
  auto is_over = std::make_shared<bool>(false);
  Callback give_up = [this, is_over] {
    if (mutant(Mutant::own_lease_ignored)) return;
    *is_over = true;
    lose_lease();
  };
  return {own_loop_->after(2 * services_.lease / 3, std::move(give_up)), is_over};
}

// A beat every third of the lease; what counts is when it was sent, not when the answer came. A worker that was not heard of for two
// thirds stops by itself, before the store lets others have what it holds. It goes on while the process stops, for what it still
// drives: until it leaves.
Task<void> Runtime::keep_lease(Watch watch) {
  Loop& loop = *own_loop_;
  const Duration third = services_.lease / 3;
  while (co_await sleep_for(loop, lost_ ? std::min(join_again, third) : third, left_.get_token())) {
    Watch next = watch_lease();
    bool alive = false;
    if (lost_) {
      alive = co_await join_anew() && !*next.is_over;
      if (alive) lost_ = false;
    } else {
      auto beaten = co_await services_.store.beat(number_, services_.lease);
      alive = beaten.ok();
      if (!alive && beaten.error().code == "store.fenced") lose_lease();
    }
    loop.cancel(alive ? watch.timer : next.timer);
    if (alive) watch = std::move(next);
  }
  loop.cancel(watch.timer);
}

// What it held before and nobody has taken is free, and that is no death: it lives.
Task<bool> Runtime::join_anew() {
  if (!co_await services_.store.leave(number_)) co_return false;
  auto joined = co_await services_.store.join(services_.lease);
  if (joined) number_ = *joined;
  co_return joined.ok();
}

void Runtime::lose_lease() {
  if (lost_.exchange(true)) return;
  ++services_.counters.leases_lost;
  later_.clear();
  suspects_.clear();
  for (auto& worker : workers_) {
    worker->loop.post([w = worker.get()] { abandon_all(*w, lost_error()); });
  }
}

// Any thread: the next sweep begins now.
void Runtime::kick() {
  if (!own_loop_) return;
  own_loop_->post([this] { wake_sweep_.set(true); });
}

Task<void> Runtime::keep_sweeping() {
  Loop& loop = *own_loop_;
  while (!stopping_.stop_requested()) {
    OneShot<bool> next(loop);
    wake_sweep_ = next.setter();
    bool more = false;
    if (!lost_) more = co_await sweep();
    if (more) continue;
    if (!lost_) caught_up_ = true;
    Callback on_time = [setter = next.setter()] { setter.set(true); };
    const Loop::TimerId timer = loop.after(services_.sweep_every, std::move(on_time));
    co_await next.wait();
    loop.cancel(timer);
  }
}

// How long the slowest loop lets others wait: what is queued must not push aside what comes in.
Task<Duration> Runtime::lag() {
  const Timestamp begin = services_.env.now();
  std::vector<OneShot<bool>> looks;
  for (auto& worker : workers_) {
    OneShot<bool> look(*own_loop_);
    worker->loop.post([setter = look.setter()] { setter.set(true); });
    looks.push_back(std::move(look));
  }
  for (auto& look : looks) co_await look.wait();
  co_return services_.env.now() - begin;
}

// True: there may be more of it at once.
Task<bool> Runtime::sweep() {
  const auto active = static_cast<std::size_t>(std::max<std::int64_t>(0, services_.counters.active.load()));
  const std::size_t room = services_.max_active * workers_.size() - std::min(active, services_.max_active * workers_.size());
  const std::size_t at_once = co_await lag() > slow ? page_when_slow : page;
  const int wanted = finishing_ ? 0 : static_cast<int>(std::min(at_once, room));
  std::vector<Claimed> claimed;
  bool more = false;
  if (wanted > 0) {
    auto records = co_await services_.store.claim(number_, services_.env.now() + ahead, wanted);
    if (!records && records.error().code == "store.fenced") lose_lease();
    if (!records || lost_) co_return false;
    more = records->size() == static_cast<std::size_t>(wanted);
    const auto waited = std::ranges::count(*records, ExecutionStatus::queued, &store::ExecutionRecord::status);
    services_.counters.queued -= static_cast<int>(waited);
    for (auto& record : *records) claimed.push_back({std::move(record), {}});
  }
  // Not before the claim: had it failed, nobody would remember these, and nobody else may take what this process holds.
  claimed.insert(claimed.end(), std::make_move_iterator(later_.begin()), std::make_move_iterator(later_.end()));
  later_.clear();
  auto signals = co_await services_.store.signals(number_, 0, most_signals);
  std::unordered_map<ExecutionId, Claimed*, IdHash> by_id;
  for (auto& one : claimed) by_id.emplace(one.record.id, &one);
  if (services_.counters.queued > 0) co_await count_queued();
  if (signals) {
    for (auto& signal : *signals) {
      if (const auto found = by_id.find(signal.execution); found != by_id.end()) {
        found->second->signals.push_back(std::move(signal));
        continue;
      }
      Worker& worker = home(signal.execution);
      worker.loop.post([w = &worker, told = std::move(signal)] {
        if (const auto live = w->runs.find(told.execution); live != w->runs.end()) live->second->hear(told);
      });
    }
  }
  co_await take_up_all(std::move(claimed));
  take_up_suspect();
  co_return more;
}

Task<void> Runtime::take_up_all(std::vector<Claimed> claimed) {
  std::vector<OneShot<bool>> all;
  for (auto& one : claimed) {
    if (one.record.deaths >= engine::deaths_to_quarantine - 1 && !is_final(one.record.status)) {
      suspects_.push_back(std::move(one));
      continue;
    }
    OneShot<bool> done(*own_loop_);
    Worker& worker = home(one.record.id);
    spawn(worker.loop, take_up(worker, std::move(one), done.setter()));
    all.push_back(std::move(done));
  }
  for (auto& done : all) co_await done.wait();
}

// One after the other, so that the next death tells which of them it was.
void Runtime::take_up_suspect() {
  if (suspects_.empty() || suspect_.lock()) return;
  Claimed next = std::move(suspects_.front());
  suspects_.pop_front();
  auto token = std::make_shared<int>(0);
  suspect_ = token;
  Worker& worker = home(next.record.id);
  auto done = OneShot<bool>(*own_loop_).setter();
  spawn(worker.loop, take_up(worker, std::move(next), std::move(done), std::move(token)));
}

// On the execution's home loop.
Task<void> Runtime::take_up(Worker& worker, Claimed claimed, OneShot<bool>::Setter done, std::shared_ptr<void> alone) {
  const store::ExecutionRecord record = claimed.record;
  auto loaded = co_await load(record);
  if (lost_ || worker.stopping || record.owner != number_) {
    done.set(false);
    co_return;
  }
  // What it was claimed for could not be read, or was heard by another meanwhile: whoever can, may claim it again.
  if (is_final(record.status) && claimed.signals.empty()) {
    co_await let_go(std::move(claimed));
    done.set(true);
    co_return;
  }
  // Its last driving here may be about to end.
  const bool not_yet = worker.runs.contains(record.id) || (!loaded && loaded.error().kind == Kind::unavailable);
  if (not_yet) {
    own_loop_->post([this, claimed]() mutable { later_.push_back(std::move(claimed)); });
  } else if (!loaded) {
    co_await set_aside(std::move(claimed), loaded.error());
  } else {
    engine::State state = engine::fold(*loaded->program->plan, loaded->events);
    auto run = adopt(worker, std::move(loaded->program), record, true);
    run->state = std::move(state);
    run->variables = std::move(loaded->variables);
    run->alone = std::move(alone);
    if (record.status != ExecutionStatus::queued) ++services_.counters.resumed;
    // One that waits for room is claimed for a signal without having any: it hears that and waits on.
    if (record.status != ExecutionStatus::queued || claimed.signals.empty()) run->push(engine::Resume{record.deaths});
    for (const auto& signal : claimed.signals) run->hear(signal);
    // Its time may have run out while nobody drove it: then nothing of it is begun, however long it overslept.
    run->push(engine::TimeIsUp{});
    spawn(worker.loop, drive(run));
  }
  done.set(true);
}

Task<void> Runtime::let_go(Claimed claimed) {
  store::Commit commit;
  commit.record = claimed.record;
  commit.record.owner = 0;
  commit.first_seq = commit.record.last_seq + 1;
  auto done = co_await services_.store.commit(std::move(commit));
  if (done || done.error().kind != Kind::unavailable) co_return;
  own_loop_->post([this, claimed]() mutable { later_.push_back(std::move(claimed)); });
}

// It cannot be driven here (a damaged journal, a node type that is gone): it waits for a person, and says why.
Task<void> Runtime::set_aside(Claimed claimed, Error why) {
  store::Commit commit;
  for (const auto& signal : claimed.signals) commit.signals.push_back(signal.number);
  commit.record = std::move(claimed.record);
  commit.record.status = ExecutionStatus::held;
  commit.record.owner = 0;
  commit.record.wake_at = {};
  commit.record.error_code = why.code;
  commit.record.error_message = why.message;
  commit.first_seq = commit.record.last_seq + 1;
  (void)co_await services_.store.commit(std::move(commit));
}

}  // namespace mbflow::runtime
