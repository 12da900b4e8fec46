// What starts by the clock goes on when the store fails for a moment.
#include "server/scheduler.h"

#include "base/manual_loop.h"
#include "model/document.h"
#include "store/memory/memory_store.h"
#include "trigger/schedule.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

namespace mbflow::server {
namespace {

constexpr const char* document = R"({"name": "tick", "nodes": [{"id": "s", "type": "schedule", "config": {"every": "10s"}}],
  "edges": []})";

// Fails to read workflows as often as it is told.
class Failing final : public store::Store {
 public:
  explicit Failing(store::Store& real) : real_(real) {}
  int failures = 0;
  int reads = 0;

  Task<Result<store::WorkflowRecord>> workflow(TenantId tenant, WorkflowId id, int version) override {
    ++reads;
    if (failures-- > 0) co_return fail(Kind::unavailable, "store.unavailable", "it cannot be reached");
    co_return co_await real_.workflow(tenant, id, version);
  }
  Task<Result<store::WorkflowRecord>> save_workflow(store::WorkflowRecord record, std::optional<int> expected) override {
    return real_.save_workflow(std::move(record), expected);
  }
  Task<Result<std::vector<store::WorkflowRecord>>> workflows(TenantId tenant, store::WorkflowFilter filter) override {
    return real_.workflows(tenant, std::move(filter));
  }
  Task<Result<std::vector<store::WorkflowVersion>>> versions(TenantId tenant, WorkflowId id, int before, int limit) override {
    return real_.versions(tenant, id, before, limit);
  }
  Task<Result<std::vector<std::string>>> workflow_names(TenantId tenant, std::vector<WorkflowId> ids) override {
    return real_.workflow_names(tenant, std::move(ids));
  }
  Task<Result<void>> publish(TenantId tenant, WorkflowId id, int version, store::LiveTriggers triggers) override {
    return real_.publish(tenant, id, version, std::move(triggers));
  }
  Task<Result<void>> delete_workflow(TenantId tenant, WorkflowId id) override { return real_.delete_workflow(tenant, id); }
  Task<Result<void>> switch_trigger(TenantId tenant, WorkflowId id, std::string node_id, bool on) override {
    return real_.switch_trigger(tenant, id, std::move(node_id), on);
  }
  Task<Result<std::vector<store::WebhookRoute>>> routes() override { return real_.routes(); }
  Task<Result<std::vector<store::Schedule>>> schedules() override { return real_.schedules(); }
  std::uint64_t catalog_version() override { return real_.catalog_version(); }
  Task<Result<void>> commit(store::Commit commit) override { return real_.commit(std::move(commit)); }
  Task<Result<store::ExecutionRecord>> execution(TenantId tenant, ExecutionId id) override { return real_.execution(tenant, id); }
  Task<Result<std::vector<store::ExecutionRecord>>> executions(TenantId tenant, store::ExecutionFilter filter) override {
    return real_.executions(tenant, filter);
  }
  Task<Result<std::vector<std::string>>> journal(TenantId tenant, ExecutionId id, std::uint32_t from_seq) override {
    return real_.journal(tenant, id, from_seq);
  }
  Task<Result<void>> delete_execution(TenantId tenant, ExecutionId id) override { return real_.delete_execution(tenant, id); }
  Task<Result<int>> expire(store::Expiry expiry) override { return real_.expire(expiry); }
  Task<Result<void>> save_blob(BlobId id, std::string bytes) override { return real_.save_blob(id, std::move(bytes)); }
  Task<Result<std::string>> blob(BlobId id) override { return real_.blob(id); }
  Task<Result<Collected>> collect_blobs(Duration grace) override { return real_.collect_blobs(grace); }
  Task<Result<store::WorkerNumber>> join(Duration lease) override { return real_.join(lease); }
  Task<Result<void>> beat(store::WorkerNumber worker, Duration lease) override { return real_.beat(worker, lease); }
  Task<Result<void>> leave(store::WorkerNumber worker) override { return real_.leave(worker); }
  Task<Result<std::vector<store::QueuedOf>>> queued(int most) override { return real_.queued(most); }
  Task<Result<std::vector<store::ExecutionRecord>>> claim(store::WorkerNumber worker, Timestamp until, int limit) override {
    return real_.claim(worker, until, limit);
  }
  Task<Result<void>> send(store::Signal signal) override { return real_.send(std::move(signal)); }
  Task<Result<std::vector<store::Signal>>> signals(store::WorkerNumber worker, std::uint64_t after, int limit) override {
    return real_.signals(worker, after, limit);
  }
  Task<Result<void>> save_ticks(std::vector<store::Tick> ticks) override { return real_.save_ticks(std::move(ticks)); }
  Task<Result<std::vector<store::Tick>>> ticks(TenantId tenant, WorkflowId workflow, std::string node_id, Timestamp before,
                                               int limit) override {
    return real_.ticks(tenant, workflow, std::move(node_id), before, limit);
  }
  Task<Result<std::vector<store::Subscription>>> subscriptions() override { return real_.subscriptions(); }
  Task<Result<std::uint64_t>> add_message(store::Message message) override { return real_.add_message(std::move(message)); }
  Task<Result<std::vector<store::Message>>> open_messages(int limit) override { return real_.open_messages(limit); }
  Task<Result<void>> hand_on(std::vector<std::uint64_t> numbers) override { return real_.hand_on(std::move(numbers)); }
  Task<Result<std::vector<store::Message>>> messages(TenantId tenant, std::uint64_t before, int limit) override {
    return real_.messages(tenant, before, limit);
  }
  Task<Result<int>> forget_messages(Timestamp before, int limit) override { return real_.forget_messages(before, limit); }
  store::Directory& directory() override { return real_.directory(); }
  Task<Result<store::Entry>> save_entry(store::Entry entry, std::optional<int> expected) override {
    return real_.save_entry(std::move(entry), expected);
  }
  Task<Result<store::Entry>> entry(TenantId tenant, EntryId id) override { return real_.entry(tenant, id); }
  Task<Result<std::vector<store::Entry>>> entries(TenantId tenant, std::string kind) override {
    return real_.entries(tenant, std::move(kind));
  }
  Task<Result<void>> delete_entry(TenantId tenant, EntryId id) override { return real_.delete_entry(tenant, id); }
  Task<Result<std::vector<store::Entry>>> all_entries(TenantId after_tenant, EntryId after, int limit) override {
    return real_.all_entries(after_tenant, after, limit);
  }
  Task<Result<store::Receipt>> reserve(store::Receipt receipt) override { return real_.reserve(std::move(receipt)); }
  Task<Result<void>> settle(TenantId tenant, std::string key, std::string answer) override {
    return real_.settle(tenant, std::move(key), std::move(answer));
  }
  Task<Result<int>> expire_receipts(Timestamp before, int limit) override { return real_.expire_receipts(before, limit); }
  Task<Result<void>> close() override { return real_.close(); }

 private:
  store::Store& real_;
};

class NoHttp final : public HttpClient {
 public:
  Task<Result<HttpResponse>> send(HttpRequest, std::stop_token) override {
    co_return fail(Kind::unavailable, "test.http", "there is no network");
  }
};

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

class SchedulerTest : public testing::Test {
 protected:
  SchedulerTest() {
    store::WorkflowRecord record;
    record.tenant = tenant;
    record.name = "tick";
    record.document = *parse_json(document);
    workflow = now(real->save_workflow(std::move(record), std::nullopt))->id;
    store::LiveTriggers triggers;
    store::Schedule schedule;
    schedule.node_id = "s";
    triggers.schedules.push_back(schedule);
    EXPECT_TRUE(now(real->publish(tenant, workflow, 1, std::move(triggers))).ok());
  }
  template <class T>
  T now(Task<T> task) {
    std::optional<T> result;
    spawn(loop, keep<T>(std::move(task), result));
    loop.run_ready();
    return *std::move(result);
  }
  std::size_t started() { return now(real->executions(tenant, store::ExecutionFilter()))->size(); }

  ManualLoop loop;
  ManualEnv env{1, &loop};
  expr::Sandbox sandbox{expr::SandboxOptions()};
  NoHttp http;
  std::unique_ptr<store::Store> real = store::make_memory_store(env);
  Failing failing{*real};
  runtime::Services services{failing, built_in_nodes(), http, sandbox, env};
  runtime::Runtime runtime{services, std::vector<Loop*>{&loop}, [this] { return &loop; }};
  Scheduler scheduler{services, runtime, loop, nullptr};
  TenantId tenant{};
  WorkflowId workflow;
};

TEST_F(SchedulerTest, an_occurrence_is_started_once) {
  (void)now(scheduler.look());
  loop.advance(std::chrono::seconds(11));
  (void)now(scheduler.look());
  (void)now(scheduler.look());
  EXPECT_EQ(started(), 1U);
}

TEST_F(SchedulerTest, a_schedule_that_could_not_be_read_for_a_moment_is_not_forgotten) {
  failing.failures = 1;
  (void)now(scheduler.look());
  ASSERT_EQ(failing.reads, 1);
  loop.advance(std::chrono::seconds(11));
  (void)now(scheduler.look());
  (void)now(scheduler.look());
  EXPECT_EQ(started(), 1U);
}

TEST_F(SchedulerTest, one_that_is_switched_off_starts_nothing_and_nothing_is_made_up_for) {
  (void)now(scheduler.look());
  ASSERT_TRUE(now(real->switch_trigger(tenant, workflow, "s", false)).ok());
  loop.advance(std::chrono::seconds(35));
  (void)now(scheduler.look());
  EXPECT_EQ(started(), 0U);
  ASSERT_TRUE(now(real->switch_trigger(tenant, workflow, "s", true)).ok());
  (void)now(scheduler.look());
  EXPECT_EQ(started(), 0U);
  loop.advance(std::chrono::seconds(10));
  (void)now(scheduler.look());
  EXPECT_EQ(started(), 1U);
}

TEST_F(SchedulerTest, what_waited_behind_another_when_it_was_switched_off_is_noted_and_does_not_start) {
  store::Tick waiting;
  waiting.tenant = tenant;
  waiting.workflow = workflow;
  waiting.node_id = "s";
  waiting.at = env.now() - std::chrono::seconds(5);
  waiting.outcome = "queued";
  ASSERT_TRUE(now(real->save_ticks({waiting})).ok());
  ASSERT_TRUE(now(real->switch_trigger(tenant, workflow, "s", false)).ok());
  ASSERT_TRUE(now(real->switch_trigger(tenant, workflow, "s", true)).ok());
  (void)now(scheduler.look());
  EXPECT_EQ(started(), 0U);
  EXPECT_EQ(now(real->ticks(tenant, workflow, "s", Timestamp(), 9))->at(0).outcome, "off");
}

}  // namespace
}  // namespace mbflow::server
