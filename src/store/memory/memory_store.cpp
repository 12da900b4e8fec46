#include "store/memory/memory_store.h"

#include "store/faults.h"
#include "store/filter.h"
#include "store/memory/directory.h"
#include "store/memory/entries.h"
#include "store/memory/executions.h"
#include "store/memory/messages.h"
#include "store/memory/schedules.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <tuple>

namespace mbflow::store {

namespace {

template <class T>
using Owned = std::pair<TenantId, T>;  // a tenant's own: neighbours in a map

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(Env& env) : env_(env) {}

  Task<Result<WorkflowRecord>> save_workflow(WorkflowRecord record, std::optional<int> expected_version) override {
    co_return locked([&] { return save(std::move(record), expected_version); });
  }
  Task<Result<WorkflowRecord>> workflow(TenantId tenant, WorkflowId id, int version) override {
    co_return locked([&] { return find_workflow(tenant, id, version); });
  }
  Task<Result<std::vector<WorkflowRecord>>> workflows(TenantId tenant, WorkflowFilter filter) override {
    co_return locked([&] { return list_workflows(tenant, filter); });
  }
  Task<Result<std::vector<WorkflowVersion>>> versions(TenantId tenant, WorkflowId id, int before, int limit) override {
    co_return locked([&] { return list_versions(tenant, id, before, page_size(limit)); });
  }
  Task<Result<std::vector<std::string>>> workflow_names(TenantId tenant, std::vector<WorkflowId> ids) override {
    co_return locked([&]() -> Result<std::vector<std::string>> {
      std::vector<std::string> names;
      for (const auto& id : ids) {
        const auto found = workflows_.find({tenant, id});
        names.push_back(found == workflows_.end() ? std::string() : found->second.record.name);
      }
      return names;
    });
  }
  Task<Result<void>> publish(TenantId tenant, WorkflowId id, int version, LiveTriggers triggers) override {
    co_return locked([&] { return publish_now(tenant, id, version, std::move(triggers)); });
  }
  Task<Result<void>> delete_workflow(TenantId tenant, WorkflowId id) override {
    co_return locked([&] { return hide_workflow(tenant, id); });
  }
  Task<Result<void>> switch_trigger(TenantId tenant, WorkflowId workflow, std::string node_id, bool on) override {
    co_return locked([&]() -> Result<void> {
      if (!live(tenant, workflow)) return workflow_missing();
      schedules_.turn(tenant, workflow, std::move(node_id), on, env_.now());
      ++catalog_;
      return {};
    });
  }
  Task<Result<std::vector<WebhookRoute>>> routes() override {
    co_return locked([&]() -> Result<std::vector<WebhookRoute>> { return switched(routes_); });
  }
  Task<Result<std::vector<Schedule>>> schedules() override {
    co_return locked([&]() -> Result<std::vector<Schedule>> { return schedules_.list(); });
  }
  Task<Result<std::vector<Subscription>>> subscriptions() override {
    co_return locked([&]() -> Result<std::vector<Subscription>> { return switched(messages_.subscriptions()); });
  }
  std::uint64_t catalog_version() override { return catalog_.load(std::memory_order_acquire); }

  Task<Result<void>> commit(Commit commit) override {
    co_return locked([&]() -> Result<void> {
      const auto message = commit.message;
      MBF_CHECK(executions_.append(std::move(commit), schedules_));
      if (message) MBF_CHECK(messages_.add(*message));
      return {};
    });
  }
  Task<Result<ExecutionRecord>> execution(TenantId tenant, ExecutionId id) override {
    co_return locked([&] { return executions_.find(tenant, id); });
  }
  Task<Result<std::vector<ExecutionRecord>>> executions(TenantId tenant, ExecutionFilter filter) override {
    co_return locked([&] { return executions_.list(tenant, filter); });
  }
  Task<Result<std::vector<std::string>>> journal(TenantId tenant, ExecutionId id, std::uint32_t from_seq) override {
    co_return locked([&] { return executions_.journal(tenant, id, from_seq); });
  }
  Task<Result<void>> delete_execution(TenantId tenant, ExecutionId id) override {
    co_return locked([&]() -> Result<void> {
      MBF_TRY(auto workflow, executions_.erase(tenant, id));
      forget_if_unused(tenant, workflow);
      return {};
    });
  }

  Task<Result<int>> expire(Expiry expiry) override {
    co_return locked([&]() -> Result<int> {
      const auto ids = executions_.expired(expiry);
      for (const auto& id : ids) {
        MBF_TRY(auto workflow, executions_.erase(expiry.tenant, id));
        forget_if_unused(expiry.tenant, workflow);
      }
      return static_cast<int>(ids.size());
    });
  }

  Task<Result<void>> save_blob(BlobId id, std::string bytes) override {
    co_return locked([&]() -> Result<void> {
      blobs_.save(id, std::move(bytes));
      return {};
    });
  }
  Task<Result<std::string>> blob(BlobId id) override {
    co_return locked([&] { return blobs_.read(id); });
  }
  Task<Result<Collected>> collect_blobs(Duration grace) override {
    co_return locked([&]() -> Result<Collected> { return Collected{blobs_.collect(grace), false}; });
  }

  Task<Result<WorkerNumber>> join(Duration lease) override {
    co_return locked([&]() -> Result<WorkerNumber> { return executions_.join(lease); });
  }
  Task<Result<void>> beat(WorkerNumber worker, Duration lease) override {
    co_return locked([&] { return executions_.beat(worker, lease); });
  }
  Task<Result<void>> leave(WorkerNumber worker) override {
    co_return locked([&]() -> Result<void> {
      executions_.leave(worker);
      return {};
    });
  }
  Task<Result<std::vector<QueuedOf>>> queued(int most) override {
    co_return locked([&] { return Result<std::vector<QueuedOf>>(executions_.queued(most)); });
  }
  Task<Result<std::vector<ExecutionRecord>>> claim(WorkerNumber worker, Timestamp until, int limit) override {
    co_return locked([&] { return executions_.claim(worker, until, page_size(limit)); });
  }

  Task<Result<void>> send(Signal signal) override {
    co_return locked([&] { return executions_.send(std::move(signal)); });
  }
  Task<Result<std::vector<Signal>>> signals(WorkerNumber worker, std::uint64_t after, int limit) override {
    co_return locked([&]() -> Result<std::vector<Signal>> { return executions_.signals(worker, after, page_size(limit)); });
  }

  Task<Result<void>> save_ticks(std::vector<Tick> ticks) override {
    co_return locked([&]() -> Result<void> {
      for (const auto& tick : ticks) schedules_.add(tick);
      return {};
    });
  }
  Task<Result<std::vector<Tick>>> ticks(TenantId tenant, WorkflowId workflow, std::string node_id, Timestamp before,
                                        int limit) override {
    co_return locked([&]() -> Result<std::vector<Tick>> {
      return schedules_.ticks(tenant, workflow, node_id, before, page_size(limit));
    });
  }

  Task<Result<std::uint64_t>> add_message(Message message) override {
    co_return locked([&] { return messages_.add(std::move(message)); });
  }
  Task<Result<std::vector<Message>>> open_messages(int limit) override {
    co_return locked([&]() -> Result<std::vector<Message>> { return messages_.open(page_size(limit)); });
  }
  Task<Result<void>> hand_on(std::vector<std::uint64_t> numbers) override {
    co_return locked([&]() -> Result<void> {
      messages_.hand_on(numbers);
      return {};
    });
  }
  Task<Result<std::vector<Message>>> messages(TenantId tenant, std::uint64_t before, int limit) override {
    co_return locked([&]() -> Result<std::vector<Message>> { return messages_.list(tenant, before, page_size(limit)); });
  }
  Task<Result<int>> forget_messages(Timestamp before, int limit) override {
    co_return locked([&]() -> Result<int> { return messages_.forget(before, page_size(limit)); });
  }

  Directory& directory() override { return directory_; }
  Task<Result<Entry>> save_entry(Entry entry, std::optional<int> expected) override {
    co_return locked([&] { return counted(entries_.save(std::move(entry), expected)); });
  }
  Task<Result<Entry>> entry(TenantId tenant, EntryId id) override { co_return locked([&] { return entries_.find(tenant, id); }); }
  Task<Result<std::vector<Entry>>> entries(TenantId tenant, std::string kind) override {
    co_return locked([&] { return entries_.list(tenant, kind); });
  }
  Task<Result<void>> delete_entry(TenantId tenant, EntryId id) override {
    co_return locked([&] { return counted(entries_.erase(tenant, id)); });
  }
  Task<Result<std::vector<Entry>>> all_entries(TenantId after_tenant, EntryId after, int limit) override {
    co_return locked([&] { return entries_.all(after_tenant, after, page_size(limit)); });
  }
  Task<Result<Receipt>> reserve(Receipt receipt) override {
    co_return locked([&]() -> Result<Receipt> {
      std::pair place(receipt.tenant, receipt.key);
      return receipts_.try_emplace(std::move(place), std::move(receipt)).first->second;
    });
  }
  Task<Result<void>> settle(TenantId tenant, std::string key, std::string answer) override {
    co_return locked([&]() -> Result<void> {
      const auto found = receipts_.find({tenant, key});
      if (found != receipts_.end()) found->second.answer = std::move(answer);
      return {};
    });
  }
  Task<Result<int>> expire_receipts(Timestamp before, int limit) override {
    co_return locked([&]() -> Result<int> {
      int gone = 0;
      for (auto at = receipts_.begin(); at != receipts_.end() && gone < limit;) {
        const bool old = at->second.created_at < before;
        at = old ? receipts_.erase(at) : std::next(at);
        gone += old ? 1 : 0;
      }
      return gone;
    });
  }
  Task<Result<void>> close() override {
    std::lock_guard lock(mutex_);
    closed_ = true;
    co_return Result<void>();
  }

 private:
  struct Saved {
    WorkflowRecord record;  // without document
    std::vector<Value> versions;
    std::vector<Timestamp> saved_at;  // of each version
    bool deleted = false;
  };
  template <class Work>
  auto locked(Work work) -> decltype(work()) {
    std::lock_guard lock(mutex_);
    if (closed_) return store_closed();
    return work();
  }

  // What was done changed the catalog.
  template <class T> Result<T> counted(Result<T> done) {
    if (done) ++catalog_;
    return done;
  }

  // Null: it does not exist or is hidden.
  Saved* live(TenantId tenant, WorkflowId id) {
    auto found = workflows_.find({tenant, id});
    return found == workflows_.end() || found->second.deleted ? nullptr : &found->second;
  }

  Result<WorkflowRecord> save(WorkflowRecord record, std::optional<int> expected) {
    if (record.id.is_nil()) record.id = WorkflowId::make(env_);
    auto [place, created] = workflows_.try_emplace({record.tenant, record.id});
    auto& saved = place->second;
    if (created && (record.version != 0 || expected.value_or(0) != 0)) {
      workflows_.erase(place);
      return workflow_missing();
    }
    if (saved.deleted) return workflow_missing();
    if (expected && *expected != saved.record.version) return newer_version(saved.record.version);
    auto now = env_.now();
    record.created_at = created ? now : saved.record.created_at;
    record.updated_at = now;
    record.version = saved.record.version + 1;
    record.published_version = saved.record.published_version;
    saved.versions.push_back(record.document);
    saved.saved_at.push_back(now);
    saved.record = record;
    saved.record.document = {};
    return record;
  }

  Result<WorkflowRecord> find_workflow(TenantId tenant, WorkflowId id, int version) {
    auto found = workflows_.find({tenant, id});
    if (found == workflows_.end()) return workflow_missing();
    const auto& saved = found->second;
    if (version == 0 && saved.deleted) return workflow_missing();
    auto wanted = static_cast<std::size_t>(version == 0 ? saved.record.version : version);
    if (version < 0 || wanted > saved.versions.size()) return version_missing();
    auto record = saved.record;
    record.document = saved.versions[wanted - 1];
    return record;
  }

  Result<std::vector<WorkflowVersion>> list_versions(TenantId tenant, WorkflowId id, int before, std::size_t limit) {
    const auto* saved = live(tenant, id);
    if (!saved) return workflow_missing();
    std::vector<WorkflowVersion> list;
    const auto newest = static_cast<int>(saved->versions.size());
    for (int version = before > 0 ? std::min(before - 1, newest) : newest; version > 0 && list.size() < limit; --version) {
      list.push_back({version, saved->saved_at[static_cast<std::size_t>(version - 1)]});
    }
    return list;
  }

  Result<std::vector<WorkflowRecord>> list_workflows(TenantId tenant, const WorkflowFilter& filter) {
    std::vector<WorkflowRecord> list;
    WorkflowMatch match(filter);
    auto first = workflows_.lower_bound({tenant, {}});
    auto place = filter.before ? workflows_.lower_bound({tenant, *filter.before}) : end_of(workflows_, tenant);
    while (place != first && list.size() < page_size(filter.limit)) {
      --place;
      if (place->second.deleted == filter.deleted && match(place->second.record)) list.push_back(place->second.record);
    }
    return list;
  }

  template <class Map>
  static typename Map::iterator end_of(Map& map, TenantId tenant) {
    typename Map::key_type::second_type last;
    last.bytes.fill(0xff);
    return map.upper_bound({tenant, last});
  }

  Result<void> publish_now(TenantId tenant, WorkflowId id, int version, LiveTriggers triggers) {
    auto& routes = triggers.routes;
    auto* saved = live(tenant, id);
    if (!saved) return workflow_missing();
    if (version < 0 || static_cast<std::size_t>(version) > saved->versions.size()) return version_missing();
    if (version == 0) triggers = {};
    MBF_CHECK(check_routes(routes));
    auto is_own = [&](const WebhookRoute& route) { return route.tenant == tenant && route.workflow == id; };
    for (auto& route : routes) {
      for (const auto& other : routes_) {
        if (overlap(route, other) && !is_own(other)) return route_taken(route, owner_name(tenant, other));
      }
      route.tenant = tenant;
      route.workflow = id;
      route.version = version;
    }
    std::erase_if(routes_, is_own);
    std::ranges::move(routes, std::back_inserter(routes_));
    schedules_.replace(tenant, id, version, triggers.schedules, env_.now());
    messages_.replace(tenant, id, version, std::move(triggers.subscriptions));
    saved->record.published_version = version;
    ++catalog_;
    return {};
  }

  template <class Trigger>
  std::vector<Trigger> switched(std::vector<Trigger> triggers) {
    for (auto& trigger : triggers) trigger = schedules_.switched(std::move(trigger));
    return triggers;
  }

  std::string owner_name(TenantId asking, const WebhookRoute& route) {
    return route.tenant == asking ? workflows_[{route.tenant, route.workflow}].record.name : std::string();
  }

  Result<void> hide_workflow(TenantId tenant, WorkflowId id) {
    auto* saved = live(tenant, id);
    if (!saved) return workflow_missing();
    saved->deleted = true;
    saved->record.published_version = 0;
    std::erase_if(routes_, [&](const WebhookRoute& route) { return route.tenant == tenant && route.workflow == id; });
    schedules_.replace(tenant, id, 0, {}, env_.now());
    messages_.replace(tenant, id, 0, {});
    schedules_.forget_switches(tenant, id);
    forget_if_unused(tenant, id);
    ++catalog_;
    return {};
  }

  void forget_if_unused(TenantId tenant, WorkflowId id) {
    auto found = workflows_.find({tenant, id});
    if (found == workflows_.end() || !found->second.deleted) return;
    if (executions_.refer_to(tenant, id)) return;
    workflows_.erase(found);
    schedules_.forget(tenant, id);
  }

  Env& env_;
  std::atomic<std::uint64_t> catalog_{1};
  MemoryDirectory directory_{catalog_};
  std::mutex mutex_;  // guards all below
  bool closed_ = false;
  std::map<Owned<WorkflowId>, Saved> workflows_;
  std::vector<WebhookRoute> routes_;
  MemoryBlobs blobs_{env_};
  MemoryExecutions executions_{env_, blobs_};
  MemorySchedules schedules_;
  MemoryMessages messages_;
  MemoryEntries entries_{env_};
  std::map<Owned<std::string>, Receipt> receipts_;
};

}  // namespace

std::unique_ptr<Store> make_memory_store(Env& env) { return std::make_unique<MemoryStore>(env); }

}  // namespace mbflow::store
