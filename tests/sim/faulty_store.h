// The way of one process to the store that all of them share. A call takes time to get there and back, may fail on the way
// there, and is lost with its process: then nobody hears the answer, whether the store has heard the call or not.
// A commit that loses its connection is found out about by the store itself, and done again if it was not done, as
// store/postgres/writer.cpp does: all that the caller sees is that the answer is very long in coming. Unless it leaves meanwhile:
// then it hears of a failure, though the commit may have been done.
#pragma once

#include "sim/ledger.h"
#include "sim/machine.h"
#include "store/store.h"

#include <functional>

namespace mbflow::sim {

struct Troubles {
  int failing = 0;       // one call in so many fails before it reaches the store; 0: none
  int slow = 0;          // one call in so many takes seconds
  int unknown = 0;       // one commit in so many loses its connection, done or not
  int stale = 0;         // one look at the catalog in so many misses for seconds that it has changed
  Duration usual{};      // at most so long each way
};

class FaultyStore final : public store::Store {
 public:
  FaultyStore(store::Store& shared, Env& shared_env, MachineLoop& world, MachineLoop& own, Ledger& ledger, Dice& dice,
              const Troubles& troubles)
      : shared_(shared), shared_env_(shared_env), world_(world), own_(own), ledger_(ledger), dice_(dice), troubles_(troubles) {}

  [[nodiscard]] bool alive() const { return !dead_; }
  void stop() { stopping_ = true; }    // the next leave() is for good: what nobody knows the outcome of then stays so
  void die();                          // no answer comes any more, and nothing new gets through
  void cut(bool off) { cut_ = off; }   // the network between them
  [[nodiscard]] bool has_lease() const;

  Task<Result<store::WorkflowRecord>> save_workflow(store::WorkflowRecord record, std::optional<int> expected) override;
  Task<Result<store::WorkflowRecord>> workflow(TenantId tenant, WorkflowId id, int version) override;
  Task<Result<std::vector<store::WorkflowRecord>>> workflows(TenantId tenant, store::WorkflowFilter filter) override;
  Task<Result<std::vector<store::WorkflowVersion>>> versions(TenantId tenant, WorkflowId id, int before, int limit) override;
  Task<Result<std::vector<std::string>>> workflow_names(TenantId tenant, std::vector<WorkflowId> ids) override;
  Task<Result<void>> publish(TenantId tenant, WorkflowId id, int version, store::LiveTriggers triggers) override;
  Task<Result<void>> delete_workflow(TenantId tenant, WorkflowId id) override;
  Task<Result<void>> switch_trigger(TenantId tenant, WorkflowId workflow, std::string node_id, bool on) override;
  Task<Result<std::vector<store::WebhookRoute>>> routes() override;
  Task<Result<std::vector<store::Schedule>>> schedules() override;
  std::uint64_t catalog_version() override;
  Task<Result<void>> commit(store::Commit commit) override;
  Task<Result<store::ExecutionRecord>> execution(TenantId tenant, ExecutionId id) override;
  Task<Result<std::vector<store::ExecutionRecord>>> executions(TenantId tenant, store::ExecutionFilter filter) override;
  Task<Result<std::vector<std::string>>> journal(TenantId tenant, ExecutionId id, std::uint32_t from_seq) override;
  Task<Result<void>> delete_execution(TenantId tenant, ExecutionId id) override;
  Task<Result<int>> expire(store::Expiry expiry) override;
  Task<Result<void>> save_blob(BlobId id, std::string bytes) override;
  Task<Result<std::string>> blob(BlobId id) override;
  Task<Result<Collected>> collect_blobs(Duration grace) override;
  Task<Result<store::WorkerNumber>> join(Duration lease) override;
  Task<Result<void>> beat(store::WorkerNumber worker, Duration lease) override;
  Task<Result<void>> leave(store::WorkerNumber worker) override;
  Task<Result<std::vector<store::QueuedOf>>> queued(int most) override { return shared_.queued(most); }
  Task<Result<std::vector<store::ExecutionRecord>>> claim(store::WorkerNumber worker, Timestamp until, int limit) override;
  Task<Result<void>> send(store::Signal signal) override;
  Task<Result<std::vector<store::Signal>>> signals(store::WorkerNumber worker, std::uint64_t after, int limit) override;
  Task<Result<void>> save_ticks(std::vector<store::Tick> ticks) override;
  Task<Result<std::vector<store::Tick>>> ticks(TenantId tenant, WorkflowId workflow, std::string node_id, Timestamp before,
                                               int limit) override;
  Task<Result<std::vector<store::Subscription>>> subscriptions() override;
  Task<Result<std::uint64_t>> add_message(store::Message message) override;
  Task<Result<std::vector<store::Message>>> open_messages(int limit) override;
  Task<Result<void>> hand_on(std::vector<std::uint64_t> numbers) override;
  Task<Result<std::vector<store::Message>>> messages(TenantId tenant, std::uint64_t before, int limit) override;
  Task<Result<int>> forget_messages(Timestamp before, int limit) override;
  store::Directory& directory() override { return shared_.directory(); }
  Task<Result<store::Entry>> save_entry(store::Entry entry, std::optional<int> expected) override;
  Task<Result<store::Entry>> entry(TenantId tenant, EntryId id) override;
  Task<Result<std::vector<store::Entry>>> entries(TenantId tenant, std::string kind) override;
  Task<Result<void>> delete_entry(TenantId tenant, EntryId id) override;
  Task<Result<std::vector<store::Entry>>> all_entries(TenantId after_tenant, EntryId after, int limit) override;
  Task<Result<store::Receipt>> reserve(store::Receipt receipt) override;
  Task<Result<void>> settle(TenantId tenant, std::string key, std::string answer) override;
  Task<Result<int>> expire_receipts(Timestamp before, int limit) override;
  Task<Result<void>> close() override;

 private:
  enum class Break : std::uint8_t { none, before, after };  // of the connection: before the store took the call, or after
  template <class T>
  Task<Result<T>> pass(std::move_only_function<Result<T>()> call, Break broken = Break::none);
  [[nodiscard]] Duration way();
  [[nodiscard]] Break draw_break();
  void note(const store::Commit& commit, const Result<void>& outcome);
  void note(const store::ExecutionRecord& claimed);

  store::Store& shared_;
  Env& shared_env_;
  MachineLoop& world_;
  MachineLoop& own_;
  Ledger& ledger_;
  Dice& dice_;
  const Troubles& troubles_;
  bool dead_ = false;
  bool cut_ = false;
  bool stopping_ = false;
  bool left_ = false;  // for good, not to join anew
  std::uint64_t catalog_ = 0;  // as it was seen last
  Duration look_again_{};
  store::WorkerNumber number_ = 0;
  std::uint64_t last_call_ = 0;
  std::map<std::uint64_t, std::function<void()>> waiting_;  // ends the wait of a call, with an error
};

}  // namespace mbflow::sim
