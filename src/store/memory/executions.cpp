#include "store/memory/executions.h"

#include "base/mutant.h"
#include "store/faults.h"
#include "store/filter.h"
#include "store/lanes.h"

#include <algorithm>

namespace mbflow::store {

namespace {

// What an execution is of does not change after its creation.
void update(ExecutionRecord& kept, const ExecutionRecord& record) {
  kept.status = record.status;
  kept.started_at = record.started_at;
  kept.finished_at = record.finished_at;
  kept.wake_at = record.wake_at;
  kept.error_code = record.error_code;
  kept.error_message = record.error_message;
  kept.last_seq = record.last_seq;
  kept.owner = record.owner;
  kept.deaths = record.deaths;
}

bool wants_on(const ExecutionRecord& record, Timestamp until) {
  if (record.status == ExecutionStatus::running) return true;
  return record.status == ExecutionStatus::waiting && record.wake_at != Timestamp{} && record.wake_at < until;
}

}  // namespace

Result<void> MemoryExecutions::append(Commit commit, MemorySchedules& schedules) {
  auto& record = commit.record;
  Place place{record.tenant, record.id};
  auto found = runs_.find(place);
  if (commit.create && found != runs_.end()) return execution_exists();
  if (!commit.create && found == runs_.end()) return execution_missing();
  if (!commit.create && found->second.record.epoch != record.epoch && !mutant(Mutant::no_epoch_check)) {
    return taken_over();
  }
  if (commit.create && record.owner != 0 && !is_alive(record.owner)) return lease_over();
  MBF_CHECK(check_sequence(commit, commit.create ? 0 : found->second.record.last_seq));
  MBF_CHECK(blobs_.use(record.tenant, record.id, commit.blobs));
  if (commit.tick && !(schedules.may_start(*commit.tick) && schedules.add(*commit.tick))) {
    blobs_.forget(record.tenant, record.id);
    return tick_exists();
  }
  auto& run = runs_[place];
  if (commit.create) run.record = record;
  else update(run.record, record);
  if (is_final(record.status)) {
    run.record.wake_at = {};
    run.record.owner = 0;
    open_.erase(place);
  } else {
    open_.insert(place);
  }
  for (const auto number : commit.signals) {
    const auto signal = signals_.find(number);
    if (signal != signals_.end() && place == Place{signal->second.tenant, signal->second.execution}) signals_.erase(signal);
  }
  if (!commit.chunk.empty()) run.chunks.emplace_back(commit.first_seq, std::move(commit.chunk));
  return {};
}

Result<ExecutionRecord> MemoryExecutions::find(TenantId tenant, ExecutionId id) const {
  const auto run = runs_.find({tenant, id});
  if (run == runs_.end()) return execution_missing();
  return run->second.record;
}

std::map<MemoryExecutions::Place, MemoryExecutions::Run>::iterator MemoryExecutions::end_of(TenantId tenant) {
  ExecutionId last;
  last.bytes.fill(0xff);
  return runs_.upper_bound({tenant, last});
}

Result<std::vector<ExecutionRecord>> MemoryExecutions::list(TenantId tenant, const ExecutionFilter& filter) {
  std::vector<ExecutionRecord> list;
  const auto range = id_range(filter);
  if (!range) return list;
  auto first = runs_.lower_bound({tenant, range->first});
  auto end = runs_.upper_bound({tenant, range->last});
  while (first != end && list.size() < page_size(filter.limit)) {
    const auto& record = filter.oldest_first ? (first++)->second.record : (--end)->second.record;
    if (filter.workflow && record.workflow != *filter.workflow) continue;
    const bool any = filter.statuses.empty() || std::ranges::find(filter.statuses, record.status) != filter.statuses.end();
    if (any) list.push_back(record);
  }
  return list;
}

Result<std::vector<std::string>> MemoryExecutions::journal(TenantId tenant, ExecutionId id, std::uint32_t from_seq) {
  auto run = runs_.find({tenant, id});
  if (run == runs_.end()) return execution_missing();
  std::vector<std::string> list;
  if (from_seq > run->second.record.last_seq) return list;
  const auto& all = run->second.chunks;
  auto after = std::ranges::upper_bound(all, from_seq, {}, [](const auto& chunk) { return chunk.first; });
  if (after != all.begin()) --after;
  for (; after != all.end(); ++after) list.push_back(after->second);
  return list;
}

Result<WorkflowId> MemoryExecutions::erase(TenantId tenant, ExecutionId id) {
  auto run = runs_.find({tenant, id});
  if (run == runs_.end()) return execution_missing();
  if (!is_final(run->second.record.status)) return not_final(run->second.record.status);
  auto workflow = run->second.record.workflow;
  blobs_.forget(tenant, id);
  runs_.erase(run);
  std::erase_if(signals_, [&](const auto& entry) { return entry.second.tenant == tenant && entry.second.execution == id; });
  return workflow;
}

std::vector<ExecutionId> MemoryExecutions::expired(const Expiry& expiry) {
  const ExecutionId time_bound = first_id_at(expiry.before);
  int newer = 0;
  std::int64_t bytes = 0;
  std::vector<ExecutionId> ids;
  for (auto at = end_of(expiry.tenant); at != runs_.lower_bound({expiry.tenant, {}});) {
    const auto& record = (--at)->second.record;
    if (expiry.workflow && record.workflow != *expiry.workflow) continue;
    bytes += blobs_.used_by(record.tenant, record.id);
    for (const auto& [seq, chunk] : at->second.chunks) bytes += static_cast<std::int64_t>(chunk.size());
    const bool too_many = (expiry.keep > 0 && newer++ >= expiry.keep) || (expiry.bytes > 0 && bytes > expiry.bytes);
    if ((too_many || record.id < time_bound) && is_final(record.status)) ids.push_back(record.id);
  }
  std::ranges::reverse(ids);
  if (ids.size() > page_size(expiry.limit)) ids.resize(page_size(expiry.limit));
  return ids;
}

bool MemoryExecutions::refer_to(TenantId tenant, WorkflowId workflow) const {
  return std::ranges::any_of(runs_, [&](const auto& run) { return run.first.first == tenant && run.second.record.workflow == workflow; });
}

WorkerNumber MemoryExecutions::join(Duration lease) {
  workers_[++last_worker_] = env_.now() + lease;
  return last_worker_;
}

Result<void> MemoryExecutions::beat(WorkerNumber worker, Duration lease) {
  if (!is_alive(worker)) return lease_over();
  workers_[worker] = env_.now() + lease;
  return {};
}

void MemoryExecutions::leave(WorkerNumber worker) {
  workers_.erase(worker);
  take_from(worker, 0);
}

bool MemoryExecutions::is_alive(WorkerNumber worker) {
  const auto found = workers_.find(worker);
  return found != workers_.end() && found->second > env_.now();
}

void MemoryExecutions::take_from(WorkerNumber worker, int deaths) {
  for (auto& [place, run] : runs_) {  // also what has ended: it may have been claimed for a signal
    auto& record = run.record;
    if (record.owner != worker) continue;
    record.owner = 0;
    ++record.epoch;
    if (!is_final(record.status)) record.deaths += mutant(Mutant::no_deaths) ? 0 : deaths;
  }
}

void MemoryExecutions::bury_the_dead() {
  for (auto at = workers_.begin(); at != workers_.end();) {
    if (at->second > env_.now()) {
      ++at;
      continue;
    }
    take_from(at->first, 1);
    at = workers_.erase(at);
  }
}

Result<std::vector<ExecutionRecord>> MemoryExecutions::claim(WorkerNumber worker, Timestamp until, std::size_t limit) {
  bury_the_dead();
  if (!is_alive(worker)) return lease_over();
  std::set<std::tuple<Timestamp, ExecutionId, TenantId>> wanted;  // what is told something comes first
  for (const auto& [number, signal] : signals_) {
    if (!is_alive(runs_[{signal.tenant, signal.execution}].record.owner)) wanted.insert({{}, signal.execution, signal.tenant});
  }
  for (const auto& place : open_) {
    const auto& record = runs_[place].record;
    const bool told = wanted.contains({{}, record.id, record.tenant});
    const bool free = record.owner == 0 || (mutant(Mutant::claim_from_living) && record.owner != worker);
    if (free && !told && wants_on(record, until)) wanted.insert({record.wake_at, record.id, record.tenant});
  }
  std::vector<ExecutionRecord> records;
  for (const auto& [wake_at, id, tenant] : wanted) {
    if (records.size() >= limit) break;
    auto& record = runs_[{tenant, id}].record;
    record.owner = worker;
    ++record.epoch;
    records.push_back(record);
  }
  claim_queued(worker, limit - records.size(), records);
  return records;
}

void MemoryExecutions::claim_queued(WorkerNumber worker, std::size_t limit, std::vector<ExecutionRecord>& records) {
  struct Waiting {
    Lane lane;
    int most = 0, under_way = 0;
    std::vector<ExecutionRecord*> oldest_first;
  };
  std::map<std::int64_t, Waiting> waiting;
  for (const auto& place : open_) {
    auto& record = runs_[place].record;
    auto& lane = waiting[record.lane];
    const bool queued = record.status == ExecutionStatus::queued && record.owner == 0;
    if (!queued && record.status != ExecutionStatus::held) ++lane.under_way;
    if (!queued) continue;
    if (lane.oldest_first.empty()) lane.lane = {record.lane, record.tenant, record.workflow, 0}, lane.most = record.lane_limit;
    lane.oldest_first.push_back(&record);
  }
  std::vector<Lane> lanes;
  for (auto& [number, lane] : waiting) {
    const int room = lane.most == 0 ? static_cast<int>(limit) : std::max(0, lane.most - lane.under_way);
    lane.lane.room = std::min(room, static_cast<int>(lane.oldest_first.size()));
    lanes.push_back(lane.lane);
  }
  const auto shares = share_out(lanes, limit);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    for (int taken = 0; taken < shares[i]; ++taken) {
      auto& record = *waiting[lanes[i].number].oldest_first[static_cast<std::size_t>(taken)];
      record.owner = worker;
      ++record.epoch;
      records.push_back(record);
    }
  }
}

std::vector<QueuedOf> MemoryExecutions::queued(int most) const {
  std::map<std::pair<TenantId, WorkflowId>, int> counts;
  for (const auto& place : open_) {
    const auto& record = runs_.at(place).record;
    if (record.status != ExecutionStatus::queued || record.owner != 0 || most-- <= 0) continue;
    ++counts[{record.tenant, record.workflow}];
  }
  std::vector<QueuedOf> all;
  for (const auto& [whose, count] : counts) all.push_back({whose.first, whose.second, count});
  return all;
}

Result<void> MemoryExecutions::send(Signal signal) {
  if (!runs_.contains({signal.tenant, signal.execution})) return execution_missing();
  signal.number = ++last_signal_;
  signals_.emplace(signal.number, std::move(signal));
  return {};
}

std::vector<Signal> MemoryExecutions::signals(WorkerNumber worker, std::uint64_t after, std::size_t limit) {
  std::vector<Signal> list;
  for (auto at = signals_.upper_bound(after); at != signals_.end() && list.size() < limit; ++at) {
    if (runs_[{at->second.tenant, at->second.execution}].record.owner == worker) list.push_back(at->second);
  }
  return list;
}

}  // namespace mbflow::store
