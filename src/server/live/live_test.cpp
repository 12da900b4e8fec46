// Whoever watches an execution is told each of its events once, in order, however often it comes, goes and returns, and whoever else watches.
#include "server/live/live.h"

#include "base/manual_loop.h"
#include "model/document.h"
#include "server/api.h"
#include "store/memory/memory_store.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace mbflow::server {
namespace {

constexpr const char* document = R"({"name": "w", "nodes": [{"id": "in", "type": "manual"}], "edges": []})";

class NoHttp final : public HttpClient {
 public:
  Task<Result<HttpResponse>> send(HttpRequest, std::stop_token) override { co_return fail(Kind::unavailable, "http.no_answer", "there is no network here"); }
};

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await task);
}

class LiveTest : public testing::Test {
 protected:
  LiveTest() {
    store::WorkflowRecord saved;
    saved.tenant = tenant;
    saved.name = "w";
    saved.document = *parse_json(document);
    record.workflow = now(store->save_workflow(std::move(saved), std::nullopt))->id;
    record.tenant = tenant;
    record.version = 1;
    record.id = ExecutionId::make(env);
    record.status = ExecutionStatus::running;
    commit(1, true);
  }
  template <class T>
  T now(Task<T> task) {
    std::optional<T> result;
    spawn(loop, keep<T>(std::move(task), result));
    for (int i = 0; i < 1'000 && !result; ++i) loop.run_ready() > 0 || loop.run_next();
    return *std::move(result);
  }
  // So many events more, in one commit.
  void commit(std::uint32_t count, bool create = false) {
    std::vector<Event> events;
    for (std::uint32_t i = 0; i < count; ++i) {
      Event event;
      event.seq = record.last_seq + i + 1;
      event.type = EventType::node_started;
      event.node = 0;
      event.attempt = 1;
      events.push_back(std::move(event));
    }
    const std::vector<std::string> ids{"in"};
    store::Commit step;
    step.create = create;
    step.first_seq = record.last_seq + 1;
    step.chunk = encode_events(events, ids);
    record.last_seq += count;
    step.record = record;
    const auto done = now(store->commit(std::move(step)));
    ASSERT_TRUE(done.ok()) << done.error().message;
  }

  ManualLoop loop;
  ManualEnv env{1, &loop};
  expr::Sandbox sandbox{expr::SandboxOptions()};
  NoHttp http;
  std::unique_ptr<store::Store> store = store::make_memory_store(env);
  runtime::Services services{*store, built_in_nodes(), http, sandbox, env};
  runtime::Runtime runtime{services, std::vector<Loop*>{&loop}, [this] { return &loop; }};
  Api api{ApiOptions(), services, runtime, std::vector<Loop*>{&loop}, [this] { return &loop; }};
  TenantId tenant{};
  store::ExecutionRecord record;
};

// One who comes and goes, and remembers what it was told last.
struct Visitor {
  std::unique_ptr<LiveHub::Guest> guest;
  std::unique_ptr<Watch> watch;
  std::uint32_t told = 0;

  void leave() {
    watch.reset();
    guest.reset();
  }
};

TEST_F(LiveTest, nothing_is_missed_and_nothing_comes_twice_however_watchers_come_and_go) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 dice(seed);
    std::vector<Visitor> visitors(5);
    const auto read = [this](Visitor& visitor) {
      const auto news = now(visitor.watch->next());
      ASSERT_TRUE(news.ok()) << news.error().message;
      for (const auto& text : news->texts) {
        const auto event = parse_json(*text);
        ASSERT_EQ((*event)["seq"].as_integer(), ++visitor.told);
      }
      EXPECT_FALSE(news->lost);
      if (!news->texts.empty()) EXPECT_EQ(news->last, visitor.told);
    };
    for (int step = 0; step < 200; ++step) {
      auto& visitor = visitors[dice() % visitors.size()];
      switch (dice() % 6) {
        case 0:
          commit(1 + dice() % (dice() % 20 == 0 ? 700 : 5));
          if (dice() % 4 != 0) api.live().announce(record);  // some hints are lost
          break;
        case 1:
          visitor.leave();
          break;
        case 2:
          if (visitor.watch) break;
          visitor.guest = std::make_unique<LiveHub::Guest>(api.live());
          {
            const Topic topic{Topic::Kind::execution, tenant, record.id};
            auto watch = now(api.live().watch(topic, visitor.told, visitor.guest->bell));
            ASSERT_TRUE(watch.ok());
            visitor.watch = *std::move(watch);
          }
          break;
        case 3:
          loop.advance(std::chrono::milliseconds(dice() % 100));
          break;
        default:
          if (visitor.watch) read(visitor);
      }
    }
    loop.advance(std::chrono::seconds(16));  // what no hint told is seen at the next glance
    for (auto& visitor : visitors) {
      for (int i = 0; visitor.watch && i < 1'000 && visitor.told < record.last_seq; ++i) read(visitor);
      if (visitor.watch) EXPECT_EQ(visitor.told, record.last_seq);
      visitor.leave();
    }
    loop.advance(std::chrono::seconds(16));  // the feed has nobody left, and goes
    EXPECT_EQ(loop.timers(), 0U);
  }
}

TEST_F(LiveTest, a_hundred_watchers_cost_one_reading) {
  std::vector<Visitor> visitors(100);
  for (auto& visitor : visitors) {
    visitor.guest = std::make_unique<LiveHub::Guest>(api.live());
    const Topic topic{Topic::Kind::execution, tenant, record.id};
    visitor.watch = *now(api.live().watch(topic, 0, visitor.guest->bell));
  }
  commit(3);
  api.live().announce(record);
  loop.run_ready();
  std::set<const std::string*> texts;
  for (auto& visitor : visitors) {
    const auto told = now(visitor.watch->next());
    for (const auto& text : told->texts) texts.insert(text.get());
  }
  EXPECT_EQ(texts.size(), 4U);  // the same ones for all
  for (auto& visitor : visitors) visitor.leave();
  loop.advance(std::chrono::seconds(16));
}

TEST_F(LiveTest, a_commit_that_nobody_watches_leaves_no_work) {
  const auto work_of_a_commit = [this] {
    commit(1);
    loop.run_ready();
    api.live().announce(record);
    return loop.run_ready();
  };
  EXPECT_EQ(work_of_a_commit(), 0U);
  {
    LiveHub::Guest guest(api.live());
    const auto watch = *now(api.live().watch(Topic{Topic::Kind::execution, tenant, record.id}, 0, guest.bell));
    EXPECT_GT(work_of_a_commit(), 0U);
  }
  loop.advance(std::chrono::seconds(16));
  EXPECT_EQ(work_of_a_commit(), 0U);
  EXPECT_EQ(loop.timers(), 0U);
}

TEST_F(LiveTest, what_is_not_there_cannot_be_watched) {
  LiveHub::Guest guest(api.live());
  const Topic unknown{Topic::Kind::execution, tenant, ExecutionId::make(env)};
  EXPECT_EQ(now(api.live().watch(unknown, 0, guest.bell)).error().code, "store.not_found");
  const Topic foreign{Topic::Kind::execution, TenantId::make(env), record.id};
  EXPECT_EQ(now(api.live().watch(foreign, 0, guest.bell)).error().code, "store.not_found");
}

TEST_F(LiveTest, a_list_that_ran_away_says_so) {
  LiveHub::Guest guest(api.live());
  const Topic all{Topic::Kind::list, tenant, Uuid()};
  auto watch = *now(api.live().watch(all, 0, guest.bell));
  const auto add = [this](int count) {
    for (int i = 0; i < count; ++i) {
      record.id = ExecutionId::make(env);
      record.last_seq = 0;
      commit(1, true);
    }
    api.live().announce(record);
    loop.advance(std::chrono::seconds(1));
  };
  add(5);
  auto news = now(watch->next());
  EXPECT_FALSE(news->lost);
  EXPECT_EQ(news->texts.size(), 5U);
  add(150);
  news = now(watch->next());
  EXPECT_TRUE(news->lost);
  add(1);
  news = now(watch->next());
  EXPECT_FALSE(news->lost);
  EXPECT_EQ(news->texts.size(), 1U);
  watch.reset();
  loop.advance(std::chrono::seconds(16));
}

}  // namespace
}  // namespace mbflow::server
