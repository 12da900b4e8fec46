// A runtime among others over one store: its lease, and what it takes up. Virtual time.
#include "runtime/runtime.h"

#include "base/manual_loop.h"
#include "model/document.h"
#include "store/memory/memory_store.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

namespace mbflow::runtime {
namespace {

using std::chrono::seconds;

constexpr const char* document = R"({"name": "late", "settings": {"timeout": "20s"}, "nodes": [{"id": "m", "type": "manual"},
  {"id": "h", "type": "http", "config": {"url": "http://peer/", "timeout": "60s"}}], "edges": [{"source": "m", "target": "h"}]})";

// Answers never.
class Silent final : public HttpClient {
 public:
  explicit Silent(Loop& loop) : loop_(loop) {}
  int calls = 0, given_up = 0;
  Task<Result<HttpResponse>> send(HttpRequest, std::stop_token stop) override {
    ++calls;
    const bool slept = co_await sleep_for(loop_, std::chrono::hours(1), stop);
    given_up += slept ? 0 : 1;
    co_return fail(Kind::conflict, "http.cancelled", "the call was given up");
  }

 private:
  Loop& loop_;
};

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

class RuntimeTest : public testing::Test {
 protected:
  RuntimeTest() {
    const DocumentRules rules{built_in_nodes(), {}};
    program = *prepare(read_document(*parse_json(document), rules).workflow, built_in_nodes());
    services.lease = seconds(9);
  }
  ~RuntimeTest() override {
    runtime.stop(Duration(0));
    (void)now(runtime.leave());
    loop.run_until_idle();
  }
  template <class T>
  T now(Task<T> task) {
    std::optional<T> result;
    spawn(loop, keep<T>(std::move(task), result));
    loop.run_ready();
    return *std::move(result);
  }
  // As a process leaves it that died with the node under way.
  ExecutionId leave_behind() {
    const auto dead = now(store->join(seconds(1)));
    store::Commit commit;
    commit.create = true;
    commit.record.id = ExecutionId::make(env);
    commit.record.status = ExecutionStatus::running;
    commit.record.owner = *dead;
    commit.record.last_seq = 2;
    std::vector<Event> events(2);
    events[0].seq = 1;
    events[0].at = env.now();
    events[0].data = *parse_json(R"({"trigger": "manual", "node": "m", "input": [{}]})");
    ObjectBuilder data;
    for (const auto& [name, value] : events[0].data.members()) data.append(name.as_string(), value);
    data.append("document", program->document);
    events[0].data = data.build();
    events[1].type = EventType::node_started;
    events[1].seq = 2;
    events[1].node = 1;
    events[1].at = env.now();
    events[1].attempt = 1;
    commit.chunk = encode_events(events, program->plan->ids);
    const ExecutionId id = commit.record.id;
    EXPECT_TRUE(now(store->commit(std::move(commit))).ok());
    return id;
  }
  store::ExecutionRecord record(const ExecutionId& id) { return *now(store->execution(TenantId(), id)); }

  ManualLoop loop;
  ManualEnv env{1, &loop};
  expr::Sandbox sandbox{expr::SandboxOptions()};
  Silent http{loop};
  std::unique_ptr<store::Store> store = store::make_memory_store(env);
  Services services{*store, built_in_nodes(), http, sandbox, env};
  Runtime runtime{services, std::vector<Loop*>{&loop}, [this] { return &loop; }};
  std::shared_ptr<const Program> program;
};

TEST_F(RuntimeTest, what_a_dead_process_left_is_taken_up_while_its_time_lasts) {
  const auto id = leave_behind();
  loop.advance(seconds(5));
  ASSERT_TRUE(now(runtime.join()).ok());
  loop.advance(seconds(1));
  EXPECT_EQ(http.calls, 1);
  EXPECT_EQ(record(id).status, ExecutionStatus::running);
  loop.advance(seconds(15));
  EXPECT_EQ(record(id).error_code, "engine.timeout");
}

TEST_F(RuntimeTest, what_overslept_its_timeout_is_over_before_anything_of_it_runs) {
  const auto id = leave_behind();
  loop.advance(seconds(60));
  ASSERT_TRUE(now(runtime.join()).ok());
  loop.advance(seconds(1));
  EXPECT_EQ(record(id).error_code, "engine.timeout");
  EXPECT_EQ(http.calls, 0);
}

TEST_F(RuntimeTest, a_process_that_stops_keeps_its_lease_until_it_leaves) {
  ASSERT_TRUE(now(runtime.join()).ok());
  const auto id = leave_behind();
  loop.advance(seconds(3));
  ASSERT_EQ(http.calls, 1);
  runtime.stop(Duration(0));
  loop.advance(seconds(12));
  const auto other = now(store->join(seconds(9)));
  EXPECT_TRUE(now(store->claim(*other, env.now(), 10))->empty()) << "it is still being driven";
  EXPECT_EQ(http.given_up, 0);
  (void)now(runtime.leave());
  EXPECT_EQ(http.given_up, 1) << "from now on it is another's";
  const auto claimed = now(store->claim(*other, env.now(), 10));
  ASSERT_EQ(claimed->size(), 1U);
  EXPECT_EQ(claimed->front().deaths, 0) << "who leaves did not die";
}

TEST_F(RuntimeTest, who_waits_for_the_end_hears_it_though_the_lease_was_lost_meanwhile) {
  const store::WorkerNumber only = 1;
  ASSERT_TRUE(now(runtime.join()).ok());
  StartRequest request;
  request.program = program;
  request.trigger = "manual";
  request.input = Value::object();
  auto started = now(runtime.start(std::move(request)));
  ASSERT_TRUE(started.ok());
  std::optional<Result<std::optional<Ending>>> outcome;
  spawn(loop, keep(runtime.outcome(*started, seconds(60)), outcome));
  loop.advance(seconds(1));
  ASSERT_TRUE(now(store->leave(only)).ok());  // its next beat is refused; it joins anew and takes the execution up itself
  loop.advance(seconds(10));
  EXPECT_EQ(http.calls, 2);
  EXPECT_FALSE(outcome.has_value());
  loop.advance(seconds(20));
  ASSERT_TRUE(outcome.has_value());
  ASSERT_TRUE(outcome->ok() && **outcome);
  EXPECT_EQ((**outcome)->error->code, "engine.timeout");
}

// Each start is refused or queued, as none drives here: what is left to others however much one of them wants.
class SharedQueueTest : public RuntimeTest {
 protected:
  SharedQueueTest() {
    services.drives = false;
    services.max_queued = 80;
  }
  // How many of 200 starts are taken.
  int flood(const TenantId& tenant, const WorkflowId& workflow) {
    auto flooded = std::make_shared<Program>(*program);
    flooded->workflow = workflow;
    int taken = 0;
    for (int n = 0; n < 200; ++n) {
      StartRequest request;
      request.tenant = tenant;
      request.program = flooded;
      const auto started = now(runtime.start(std::move(request)));
      taken += started.ok() ? 1 : 0;
      EXPECT_EQ(started ? "runtime.queue_full" : started.error().code, "runtime.queue_full");
      if (n % 50 == 0) loop.advance(std::chrono::milliseconds(600));  // it is counted anew
    }
    return taken;
  }
  TenantId own = TenantId::make(env), other = TenantId::make(env);
};

TEST_F(SharedQueueTest, a_workflow_that_wants_all_leaves_room_for_another) {
  EXPECT_NEAR(flood(own, WorkflowId::make(env)), 60, 1);  // what comes while it is counted is not in the count
  EXPECT_GT(flood(own, WorkflowId::make(env)), 5);
}

TEST_F(SharedQueueTest, a_tenant_with_many_workflows_leaves_room_for_another_tenant) {
  int taken = 0;
  for (int n = 0; n < 20; ++n) taken += flood(own, WorkflowId::make(env));
  EXPECT_NEAR(taken, 70, 1);
  EXPECT_GT(flood(other, WorkflowId::make(env)), 3);
}

}  // namespace
}  // namespace mbflow::runtime
