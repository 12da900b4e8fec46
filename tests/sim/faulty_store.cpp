#include "sim/faulty_store.h"

#include <algorithm>

namespace mbflow::sim {
namespace {

constexpr Duration patience = std::chrono::milliseconds(700);  // until a call into the void is given up

Error gone() { return fail(Kind::internal, "sim.dead", "the process of this call is dead"); }
Error unknown() { return fail(Kind::timeout, "store.unknown_outcome", "it may have been done"); }
Error unreachable() { return fail(Kind::unavailable, "store.unavailable", "the store cannot be reached"); }

}  // namespace

void FaultyStore::die() {
  dead_ = true;
  for (const auto& [number, give_up] : waiting_) give_up();
  waiting_.clear();
}

bool FaultyStore::has_lease() const {
  const auto lease = ledger_.leases.find(number_);
  return lease != ledger_.leases.end() && lease->second > shared_env_.now();
}

Duration FaultyStore::way() {
  constexpr Duration longest = std::chrono::seconds(4);
  if (troubles_.slow > 0 && dice_.one_in(troubles_.slow)) return dice_.between(troubles_.usual, longest);
  return dice_.between(Duration(0), troubles_.usual);
}

FaultyStore::Break FaultyStore::draw_break() {
  if (troubles_.unknown == 0 || !dice_.one_in(troubles_.unknown)) return Break::none;
  const bool before = dice_.one_in(2);
  ++(before ? ledger_.lost_undone : ledger_.lost_done);
  return before ? Break::before : Break::after;
}

std::uint64_t FaultyStore::catalog_version() {
  constexpr Duration longest = std::chrono::seconds(3);
  if (world_.now() < look_again_) return catalog_;
  const auto now = shared_.catalog_version();
  if (now == catalog_) return now;
  if (catalog_ != 0 && troubles_.stale > 0 && dice_.one_in(troubles_.stale)) {
    ++ledger_.late_hints;
    look_again_ = world_.now() + dice_.between(Duration(0), longest);
    return catalog_;
  }
  return catalog_ = now;
}

template <class T>
Task<Result<T>> FaultyStore::pass(std::move_only_function<Result<T>()> call, Break broken) {
  constexpr Duration least = std::chrono::milliseconds(200);
  constexpr Duration most = std::chrono::seconds(8);
  if (dead_) co_return gone();
  const bool lost = cut_ || (troubles_.failing > 0 && dice_.one_in(troubles_.failing));
  OneShot<Result<T>> answer(own_);
  const auto setter = answer.setter();
  const std::uint64_t number = ++last_call_;
  waiting_.emplace(number, [setter] { setter.set(gone()); });
  // Of a process that dies meanwhile, what is on the wire may still come through, much later than its death.
  const bool survives = dice_.one_in(2);
  const Duration finding_out = broken == Break::none ? Duration(0) : dice_.between(least, most);
  const Duration there = lost ? patience : way() + (broken == Break::before ? finding_out : Duration(0));
  const Duration back = way() + (broken == Break::after ? finding_out : Duration(0));
  const int late = there > std::chrono::seconds(1) ? 1 : 0;
  ledger_.on_the_way += late;
  world_.after(there, [this, call = std::move(call), setter, survives, lost, back, broken, late]() mutable {
    ledger_.on_the_way -= late;
    if (lost) return setter.set(unreachable());
    // Nobody does it again for a process that is dead or gone.
    const bool given_up = broken == Break::before && (dead_ || left_);
    if (given_up || (dead_ && !survives)) return setter.set(given_up ? unknown() : unreachable());
    auto outcome = call();
    world_.after(back, [this, setter, broken, outcome = std::move(outcome)]() mutable {
      if (broken == Break::after && left_) return setter.set(unknown());
      setter.set(std::move(outcome));
    });
  });
  auto heard = co_await answer.wait();
  waiting_.erase(number);
  co_return heard;
}

void FaultyStore::note(const store::Commit& commit, const Result<void>& outcome) {
  CommitNote note;
  note.order = ledger_.next();
  note.execution = commit.record.id;
  note.first_seq = commit.first_seq;
  note.last_seq = commit.record.last_seq;
  note.epoch = commit.record.epoch;
  note.worker = commit.record.owner;
  note.applied = outcome.ok();
  // A retry that was heard behind it takes it back.
  for (const auto number : commit.signals) {
    if (ledger_.cancels.contains(number)) note.answers_cancel = true;
    if (ledger_.retries.contains(number)) note.answers_cancel = false;
  }
  note.fenced = !outcome && outcome.error().code == "store.fenced";
  if (note.fenced) ++ledger_.fenced;
  if (note.applied) ledger_.holders[note.execution] = is_final(commit.record.status) ? 0 : note.worker;
  ledger_.commits.push_back(note);
}

void FaultyStore::note(const store::ExecutionRecord& claimed) {
  ClaimNote note;
  note.order = ledger_.next();
  note.execution = claimed.id;
  note.epoch = claimed.epoch;
  note.deaths = claimed.deaths;
  note.final = is_final(claimed.status);
  note.from = std::exchange(ledger_.holders[claimed.id], claimed.owner);
  const auto lease = ledger_.leases.find(note.from);
  const bool left = note.from == 0 || lease == ledger_.leases.end();
  note.robbed = !left && lease->second > shared_env_.now();
  note.by_death = !left && !note.robbed;
  ledger_.claims.push_back(note);
}

Task<Result<void>> FaultyStore::commit(store::Commit commit) {
  const Break broken = draw_break();
  if (cut_) ++ledger_.failed;
  return pass<void>([this, commit = std::move(commit)]() mutable -> Result<void> {
    store::Commit noted;
    noted.record = commit.record;
    noted.first_seq = commit.first_seq;
    noted.signals = commit.signals;
    auto outcome = run_now(shared_.commit(std::move(commit)));
    note(noted, outcome);
    return outcome;
  }, broken);
}

Task<Result<store::WorkerNumber>> FaultyStore::join(Duration lease) {
  return pass<store::WorkerNumber>([this, lease]() -> Result<store::WorkerNumber> {
    auto number = run_now(shared_.join(lease));
    if (number) number_ = *number;
    if (number) ledger_.leases[*number] = shared_env_.now() + lease;
    return number;
  });
}

Task<Result<void>> FaultyStore::beat(store::WorkerNumber worker, Duration lease) {
  return pass<void>([this, worker, lease]() -> Result<void> {
    auto outcome = run_now(shared_.beat(worker, lease));
    if (outcome) ledger_.leases[worker] = shared_env_.now() + lease;
    return outcome;
  });
}

Task<Result<void>> FaultyStore::leave(store::WorkerNumber worker) {
  return pass<void>([this, worker]() -> Result<void> {
    left_ = stopping_;
    if (!ledger_.buried.contains(worker)) ledger_.leases.erase(worker);
    return run_now(shared_.leave(worker));
  });
}

Task<Result<std::vector<store::ExecutionRecord>>> FaultyStore::claim(store::WorkerNumber worker, Timestamp until, int limit) {
  using Records = std::vector<store::ExecutionRecord>;
  return pass<Records>([this, worker, until, limit]() -> Result<Records> {
    auto records = run_now(shared_.claim(worker, until, limit));
    for (const auto& [other, end] : ledger_.leases) {
      if (end <= shared_env_.now()) ledger_.buried.insert(other);
    }
    if (!records) return records;
    for (const auto& record : *records) note(record);
    return records;
  });
}

// The rest is carried as it is.
Task<Result<store::WorkflowRecord>> FaultyStore::save_workflow(store::WorkflowRecord record, std::optional<int> expected) {
  return pass<store::WorkflowRecord>([this, record = std::move(record), expected] { return run_now(shared_.save_workflow(record, expected)); });
}
Task<Result<store::WorkflowRecord>> FaultyStore::workflow(TenantId tenant, WorkflowId id, int version) {
  return pass<store::WorkflowRecord>([this, tenant, id, version] { return run_now(shared_.workflow(tenant, id, version)); });
}
Task<Result<std::vector<store::WorkflowRecord>>> FaultyStore::workflows(TenantId tenant, store::WorkflowFilter filter) {
  return pass<std::vector<store::WorkflowRecord>>([this, tenant, filter] { return run_now(shared_.workflows(tenant, filter)); });
}
Task<Result<std::vector<store::WorkflowVersion>>> FaultyStore::versions(TenantId tenant, WorkflowId id, int before, int limit) {
  return pass<std::vector<store::WorkflowVersion>>([this, tenant, id, before, limit] { return run_now(shared_.versions(tenant, id, before, limit)); });
}
Task<Result<std::vector<std::string>>> FaultyStore::workflow_names(TenantId tenant, std::vector<WorkflowId> ids) {
  return pass<std::vector<std::string>>([this, tenant, ids] { return run_now(shared_.workflow_names(tenant, ids)); });
}
Task<Result<store::Receipt>> FaultyStore::reserve(store::Receipt receipt) {
  return pass<store::Receipt>([this, receipt] { return run_now(shared_.reserve(receipt)); });
}
Task<Result<void>> FaultyStore::settle(TenantId tenant, std::string key, std::string answer) {
  return pass<void>([this, tenant, key, answer] { return run_now(shared_.settle(tenant, key, answer)); });
}
Task<Result<int>> FaultyStore::expire_receipts(Timestamp before, int limit) {
  return pass<int>([this, before, limit] { return run_now(shared_.expire_receipts(before, limit)); });
}
Task<Result<void>> FaultyStore::publish(TenantId tenant, WorkflowId id, int version, store::LiveTriggers triggers) {
  return pass<void>([this, tenant, id, version, triggers] { return run_now(shared_.publish(tenant, id, version, triggers)); });
}
Task<Result<void>> FaultyStore::delete_workflow(TenantId tenant, WorkflowId id) {
  return pass<void>([this, tenant, id] { return run_now(shared_.delete_workflow(tenant, id)); });
}
Task<Result<void>> FaultyStore::switch_trigger(TenantId tenant, WorkflowId workflow, std::string node_id, bool on) {
  return pass<void>([this, tenant, workflow, node_id, on] { return run_now(shared_.switch_trigger(tenant, workflow, node_id, on)); });
}
Task<Result<std::vector<store::WebhookRoute>>> FaultyStore::routes() {
  return pass<std::vector<store::WebhookRoute>>([this] { return run_now(shared_.routes()); });
}
Task<Result<std::vector<store::Schedule>>> FaultyStore::schedules() {
  return pass<std::vector<store::Schedule>>([this] { return run_now(shared_.schedules()); });
}
Task<Result<store::ExecutionRecord>> FaultyStore::execution(TenantId tenant, ExecutionId id) {
  return pass<store::ExecutionRecord>([this, tenant, id] { return run_now(shared_.execution(tenant, id)); });
}
Task<Result<std::vector<store::ExecutionRecord>>> FaultyStore::executions(TenantId tenant, store::ExecutionFilter filter) {
  return pass<std::vector<store::ExecutionRecord>>([this, tenant, filter] { return run_now(shared_.executions(tenant, filter)); });
}
Task<Result<std::vector<std::string>>> FaultyStore::journal(TenantId tenant, ExecutionId id, std::uint32_t from_seq) {
  return pass<std::vector<std::string>>([this, tenant, id, from_seq] { return run_now(shared_.journal(tenant, id, from_seq)); });
}
Task<Result<void>> FaultyStore::delete_execution(TenantId tenant, ExecutionId id) {
  return pass<void>([this, tenant, id] { return run_now(shared_.delete_execution(tenant, id)); });
}
Task<Result<void>> FaultyStore::save_blob(BlobId id, std::string bytes) {
  return pass<void>([this, id, bytes = std::move(bytes)]() mutable { return run_now(shared_.save_blob(id, std::move(bytes))); });
}
Task<Result<std::string>> FaultyStore::blob(BlobId id) {
  return pass<std::string>([this, id] { return run_now(shared_.blob(id)); });
}
Task<Result<store::Store::Collected>> FaultyStore::collect_blobs(Duration grace) {
  return pass<Collected>([this, grace] { return run_now(shared_.collect_blobs(grace)); });
}
Task<Result<int>> FaultyStore::expire(store::Expiry expiry) {
  return pass<int>([this, expiry] {
    store::ExecutionFilter all;
    all.limit = 200;
    const auto before = run_now(shared_.executions(expiry.tenant, all));
    auto done = run_now(shared_.expire(expiry));
    for (const auto& record : *before) {
      if (!run_now(shared_.execution(record.tenant, record.id))) ledger_.expired.emplace(record.id, record.status);
    }
    return done;
  });
}
Task<Result<void>> FaultyStore::send(store::Signal signal) {
  return pass<void>([this, signal = std::move(signal)] { return run_now(shared_.send(signal)); });
}
Task<Result<std::vector<store::Signal>>> FaultyStore::signals(store::WorkerNumber worker, std::uint64_t after, int limit) {
  return pass<std::vector<store::Signal>>([this, worker, after, limit] {
    auto signals = run_now(shared_.signals(worker, after, limit));
    for (const auto& signal : signals ? *signals : std::vector<store::Signal>()) {
      if (signal.body["type"].as_string() == "cancel") ledger_.cancels.insert(signal.number);
      if (signal.body["type"].as_string() == "retry") ledger_.retries.insert(signal.number);
    }
    return signals;
  });
}
Task<Result<std::vector<store::Subscription>>> FaultyStore::subscriptions() {
  return pass<std::vector<store::Subscription>>([this] { return run_now(shared_.subscriptions()); });
}
Task<Result<std::uint64_t>> FaultyStore::add_message(store::Message message) {
  return pass<std::uint64_t>([this, message] { return run_now(shared_.add_message(message)); });
}
Task<Result<std::vector<store::Message>>> FaultyStore::open_messages(int limit) {
  return pass<std::vector<store::Message>>([this, limit] { return run_now(shared_.open_messages(limit)); });
}
Task<Result<void>> FaultyStore::hand_on(std::vector<std::uint64_t> numbers) {
  return pass<void>([this, numbers] { return run_now(shared_.hand_on(numbers)); });
}
Task<Result<std::vector<store::Message>>> FaultyStore::messages(TenantId tenant, std::uint64_t before, int limit) {
  return pass<std::vector<store::Message>>([this, tenant, before, limit] { return run_now(shared_.messages(tenant, before, limit)); });
}
Task<Result<int>> FaultyStore::forget_messages(Timestamp before, int limit) {
  return pass<int>([this, before, limit] { return run_now(shared_.forget_messages(before, limit)); });
}
Task<Result<void>> FaultyStore::save_ticks(std::vector<store::Tick> ticks) {
  return pass<void>([this, ticks] { return run_now(shared_.save_ticks(ticks)); });
}
Task<Result<std::vector<store::Tick>>> FaultyStore::ticks(TenantId tenant, WorkflowId workflow, std::string node_id,
                                                          Timestamp before, int limit) {
  return pass<std::vector<store::Tick>>(
      [this, tenant, workflow, node_id, before, limit] { return run_now(shared_.ticks(tenant, workflow, node_id, before, limit)); });
}
Task<Result<store::Entry>> FaultyStore::save_entry(store::Entry entry, std::optional<int> expected) {
  return pass<store::Entry>([this, entry, expected] { return run_now(shared_.save_entry(entry, expected)); });
}
Task<Result<store::Entry>> FaultyStore::entry(TenantId tenant, EntryId id) {
  return pass<store::Entry>([this, tenant, id] { return run_now(shared_.entry(tenant, id)); });
}
Task<Result<std::vector<store::Entry>>> FaultyStore::entries(TenantId tenant, std::string kind) {
  return pass<std::vector<store::Entry>>([this, tenant, kind] { return run_now(shared_.entries(tenant, kind)); });
}
Task<Result<void>> FaultyStore::delete_entry(TenantId tenant, EntryId id) {
  return pass<void>([this, tenant, id] { return run_now(shared_.delete_entry(tenant, id)); });
}
Task<Result<std::vector<store::Entry>>> FaultyStore::all_entries(TenantId after_tenant, EntryId after, int limit) {
  return pass<std::vector<store::Entry>>(
      [this, after_tenant, after, limit] { return run_now(shared_.all_entries(after_tenant, after, limit)); });
}
// The store is everybody's: one process does not close it.
Task<Result<void>> FaultyStore::close() { co_return Result<void>(); }

}  // namespace mbflow::sim
