// Lists that are kept apart: whatever a workflow does with them comes to the same as with lists in memory; what is done of one is
// never done again; what goes beyond its limit fails alone. Virtual time.
#include "runtime/runtime.h"

#include "base/manual_loop.h"
#include "runtime/rules.h"
#include "store/memory/memory_store.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <map>

namespace mbflow::runtime {
namespace {

using std::chrono::milliseconds;

// Answers {"call": the path} after a second; to the paths that say so with 503 the first time.
class Peer final : public HttpClient {
 public:
  explicit Peer(Loop& loop) : loop_(loop) {}
  std::map<std::string, int> calls;
  std::string flaky = "-";
  Task<Result<HttpResponse>> send(HttpRequest request, std::stop_token stop) override {
    const std::string path = request.url.substr(request.url.rfind('/') + 1);
    const int count = ++calls[path];
    if (!co_await sleep_for(loop_, std::chrono::seconds(1), stop)) co_return fail(Kind::conflict, "http.cancelled", "given up");
    HttpResponse response;
    response.url = request.url;
    response.status = path.ends_with(flaky) && count == 1 ? 503 : 200;
    response.headers.emplace_back("content-type", "application/json");
    response.body = R"({"call": ")" + path + R"("})";
    co_return response;
  }

 private:
  Loop& loop_;
};

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

// One process over a store that outlives it.
struct Life {
  Life(ManualLoop& home, store::Store& shared, Env& env, HttpClient& http, const Limits& limits)
      : loop(home), services{shared, built_in_nodes(), http, sandbox, env} {
    services.limits = limits;
    services.lease = std::chrono::seconds(9);
    (void)now(runtime.join());
  }
  ~Life() {
    runtime.stop(Duration(0));
    (void)now(runtime.leave());
    loop.run_ready();
  }
  template <class T>
  T now(Task<T> task) {
    std::optional<T> result;
    spawn(loop, keep<T>(std::move(task), result));
    loop.run_ready();
    return *std::move(result);
  }

  ManualLoop& loop;
  expr::Sandbox sandbox{expr::SandboxOptions()};
  Services services;
  Runtime runtime{services, std::vector<Loop*>{&loop}, [this] { return &loop; }};
};

class LongLists : public testing::Test {
 protected:
  LongLists() { limits.segment = 1; }  // everything goes apart, item by item

  static Value parsed(std::string_view text) {
    auto value = parse_json(text);
    EXPECT_TRUE(value.ok()) << text;
    return value ? *value : Value();
  }
  std::shared_ptr<const Program> program_of(std::string_view nodes_and_edges) {
    const Value document = parsed(R"({"name": "long", )" + std::string(nodes_and_edges) + "}");
    auto reading = read_document(document, document_rules(built_in_nodes()));
    for (const auto& fault : reading.faults) EXPECT_TRUE(fault.warning) << fault.error.at << ": " << fault.error.message;
    auto program = prepare(std::move(reading.workflow), built_in_nodes());
    EXPECT_TRUE(program.ok()) << program.error().message;
    return *program;
  }
  ExecutionId start(Life& life, std::shared_ptr<const Program> program, std::string_view input) {
    StartRequest request;
    request.program = std::move(program);
    request.input = parsed(input);
    auto started = life.now(life.runtime.start(std::move(request)));
    EXPECT_TRUE(started.ok());
    return started->id;
  }
  Runtime::View view(Life& life, const ExecutionId& id) {
    auto view = life.now(life.runtime.inspect(TenantId(), id));
    EXPECT_TRUE(view.ok()) << view.error().message;
    return *std::move(view);
  }
  std::string result(Life& life, const ExecutionId& id) {
    const auto seen = view(life, id);
    if (seen.state.status != ExecutionStatus::succeeded) return std::string(to_string(seen.state.status)) + " " + (seen.state.error ? seen.state.error->message : "");
    auto items = life.now(life.runtime.result(seen));
    return items ? write_json(Value::array(*std::move(items))) : items.error().code;
  }
  std::string run(std::string_view workflow, std::string_view input, const Limits& with) {
    Life life(loop, *store, env, peer, with);
    const auto id = start(life, program_of(workflow), input);
    loop.advance(std::chrono::minutes(10));
    return result(life, id);
  }

  ManualLoop loop;
  ManualEnv env{1, &loop};
  Peer peer{loop};
  std::unique_ptr<store::Store> store = store::make_memory_store(env);
  Limits limits;
};

constexpr const char* six = R"([{"n": 1, "g": "a"}, {"n": 2, "g": "b"}, {"n": 3, "g": "a"}, {"n": 4, "g": "c"}, {"n": 5, "g": "b"}, {"n": 6, "g": "a"}])";

struct Shape {
  const char* name;
  const char* workflow;
};

const Shape shapes[] = {
    {"set_filter_aggregate", R"("nodes": [{"id": "in", "type": "manual"}, {"id": "s", "type": "set", "config": {"values": {"m": "{{ $json.n * 2 }}"}}},
       {"id": "f", "type": "filter", "config": {"condition": "{{ $json.m > 4 }}"}},
       {"id": "a", "type": "aggregate", "config": {"mode": "group", "group_by": ["g"], "operations": [{"operation": "sum", "field": "m"}, {"operation": "count"},
          {"operation": "unique", "field": "n"}, {"operation": "avg", "field": "n"}, {"operation": "min", "field": "n"}, {"operation": "last", "field": "n"}]}}],
       "edges": [{"source": "in", "target": "s"}, {"source": "s", "target": "f"}, {"source": "f", "target": "a"}])"},
    {"all_into_one", R"("nodes": [{"id": "in", "type": "manual"}, {"id": "a", "type": "aggregate"}, {"id": "s", "type": "split", "config": {"field": "items"}}],
       "edges": [{"source": "in", "target": "a"}, {"source": "a", "target": "s"}])"},
    {"conditions_on_edges", R"("nodes": [{"id": "in", "type": "manual"}, {"id": "s", "type": "set", "config": {"values": {"k": "{{ $index }}"}}},
       {"id": "x", "type": "set", "config": {"values": {"way": "x", "at": "{{ $index }}"}}}, {"id": "y", "type": "noop"}, {"id": "m", "type": "merge", "config": {"mode": "append"}},
       {"id": "e", "type": "set", "config": {"values": {"from": "{{ $('s').item.json.k }}", "first": "{{ $('s').first().json.n }}", "all": "{{ $('s').all().length }}", "i": "{{ $('in').item.json.n }}"}}}],
       "edges": [{"source": "in", "target": "s"}, {"source": "s", "target": "x", "condition": "{{ $json.n % 2 == 1 }}"}, {"source": "s", "target": "y", "condition": "{{ $('in').item.json.n > 2 }}"},
         {"source": "x", "target": "m"}, {"source": "y", "target": "m"}, {"source": "m", "target": "e"}])"},
    {"what_an_expression_sees", R"("nodes": [{"id": "in", "type": "manual"}, {"id": "s", "type": "set", "config": {"values": {"k": "{{ $json.n }}"}}},
       {"id": "e", "type": "set", "config": {"values": {"a": "{{ $input.first().json.k }}", "b": "{{ $input.last().json.k + $index }}", "c": "{{ $('s').last().json.g }}", "d": "{{ $input.all()[1].json.k }}"}, "keep": "none"}}],
       "edges": [{"source": "in", "target": "s"}, {"source": "s", "target": "e"}])"},
    {"limits", R"("nodes": [{"id": "in", "type": "manual"}, {"id": "s", "type": "set", "config": {"values": {"k": 1}}}, {"id": "l", "type": "limit", "config": {"count": 4, "from": "last"}},
       {"id": "f", "type": "limit", "config": {"count": 2}}, {"id": "e", "type": "set", "config": {"values": {"n0": "{{ $('s').item.json.n }}"}}}],
       "edges": [{"source": "in", "target": "s"}, {"source": "s", "target": "l"}, {"source": "l", "target": "f"}, {"source": "f", "target": "e"}])"},
    {"all_at_once", R"("nodes": [{"id": "in", "type": "manual"}, {"id": "s", "type": "set", "config": {"values": {"k": "{{ -$json.n }}"}}},
       {"id": "o", "type": "data_adapter", "config": {"operation": "sort", "by": [{"field": "k"}]}}, {"id": "c", "type": "conditional", "config": {"condition": "{{ $json.g == 'a' }}"}},
       {"id": "j", "type": "merge", "config": {"mode": "by_position"}}],
       "edges": [{"source": "in", "target": "s"}, {"source": "s", "target": "o"}, {"source": "o", "target": "c"}, {"source": "c", "source_port": "true", "target": "j"}, {"source": "c", "source_port": "false", "target": "j"}])"},
    {"errors_that_travel_on", R"("nodes": [{"id": "in", "type": "manual"}, {"id": "s", "type": "set", "config": {"values": {"k": 1}}},
       {"id": "b", "type": "set", "on_error": "port", "config": {"values": {"k": "{{ $json.n % 2 ? $json.n : $json.g.nope() }}"}}},
       {"id": "e", "type": "set", "config": {"values": {"was": "{{ $('in').item.json.n }}"}}}],
       "edges": [{"source": "in", "target": "s"}, {"source": "s", "target": "b"}, {"source": "b", "source_port": "error", "target": "e"}])"},
    {"a_node_that_is_switched_off", R"("nodes": [{"id": "in", "type": "manual"}, {"id": "s", "type": "set", "config": {"values": {"k": "{{ $json.n }}"}}},
       {"id": "d", "type": "filter", "disabled": true, "config": {"condition": false}}, {"id": "e", "type": "set", "config": {"values": {"o": "{{ $('s').item.json.k }}"}}}],
       "edges": [{"source": "in", "target": "s"}, {"source": "s", "target": "d"}, {"source": "d", "target": "e"}])"},
    {"calls", R"("nodes": [{"id": "in", "type": "manual"}, {"id": "s", "type": "set", "config": {"values": {"k": "{{ $json.n }}"}}},
       {"id": "h", "type": "http", "concurrency": 2, "config": {"url": "http://peer/{{ $json.k }}"}}, {"id": "e", "type": "set", "config": {"values": {"n": "{{ $('in').item.json.n }}"}}}],
       "edges": [{"source": "in", "target": "s"}, {"source": "s", "target": "h"}, {"source": "h", "target": "e"}])"},
};

class LongListShapes : public LongLists, public testing::WithParamInterface<Shape> {};

TEST_P(LongListShapes, come_to_the_same_as_short_ones) {
  const std::string usual = run(GetParam().workflow, six, Limits());
  EXPECT_TRUE(usual.starts_with("[{")) << usual;
  for (const std::uint64_t segment : {1u, 40u, 400u}) {
    limits.segment = segment;
    limits.part = segment == 40 ? milliseconds(0) : Limits().part;
    EXPECT_EQ(run(GetParam().workflow, six, limits), usual) << "segments of " << segment;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, LongListShapes, testing::ValuesIn(shapes), [](const auto& shape) { return std::string(shape.param.name); });

constexpr const char* calls = R"("nodes": [{"id": "in", "type": "manual"}, {"id": "s", "type": "set", "config": {"values": {"k": "{{ $json.n }}"}}},
  {"id": "h", "type": "http", "config": {"url": "http://peer/{{ $json.k }}"}, "retry": {"attempts": 2, "delay": "1s"}}],
  "edges": [{"source": "in", "target": "s"}, {"source": "s", "target": "h"}])";

TEST_F(LongLists, an_expression_that_shows_a_whole_long_list_says_so) {
  constexpr const char* whole = R"("nodes": [{"id": "in", "type": "manual"}, {"id": "s", "type": "set", "config": {"values": {"k": 1}}},
    {"id": "e", "type": "set", "config": {"values": {"all": "{{ $('s').all().map(i => i.json.n) }}"}}}], "edges": [{"source": "in", "target": "s"}, {"source": "s", "target": "e"}])";
  EXPECT_TRUE(run(whole, six, limits).starts_with("failed a list of 6 items is more than an expression can hold")) << run(whole, six, limits);
}

TEST_F(LongLists, what_is_done_of_a_list_is_not_done_again_by_the_next_process) {
  limits.part = milliseconds(1'500);
  ExecutionId id;
  {
    Life life(loop, *store, env, peer, limits);
    id = start(life, program_of(calls), six);
    loop.advance(milliseconds(4'500));
    EXPECT_GE(engine::items_done(view(life, id).state.nodes[2]), 2U);
  }
  Life life(loop, *store, env, peer, limits);
  loop.advance(std::chrono::minutes(1));
  EXPECT_EQ(result(life, id), R"([{"call":"1"},{"call":"2"},{"call":"3"},{"call":"4"},{"call":"5"},{"call":"6"}])");
  EXPECT_EQ(peer.calls["1"], 1);
  EXPECT_EQ(peer.calls["2"], 1);
  int twice = 0;
  for (const auto& [path, count] : peer.calls) twice += count > 1 ? 1 : 0;
  EXPECT_LE(twice, 3) << "only those since what was saved last";
  EXPECT_EQ(peer.calls.size(), 6U);
}

// Each failed item is tried again by itself, and however many there are, each part of the list has its own attempts.
TEST_F(LongLists, every_part_of_a_list_has_its_own_retries) {
  peer.flaky = "";  // every call fails at first
  Life life(loop, *store, env, peer, limits);
  const auto id = start(life, program_of(calls), six);
  loop.advance(std::chrono::minutes(5));
  EXPECT_EQ(result(life, id), R"([{"call":"1"},{"call":"2"},{"call":"3"},{"call":"4"},{"call":"5"},{"call":"6"}])");
  for (const auto& [path, count] : peer.calls) EXPECT_EQ(count, 2) << path;
}

// Whatever of a list is begun late: no item has fewer attempts than its policy says.
TEST_F(LongLists, no_item_is_given_up_before_its_attempts_are_used) {
  peer.flaky = "2";  // of the calls 2 and 12 and so on
  std::string text = "[";
  for (int n = 0; n < 30; ++n) text += (n > 0 ? "," : "") + std::string(R"({"n": )") + std::to_string(n) + "}";
  std::string two_at_a_time = calls;
  two_at_a_time.replace(two_at_a_time.find(R"("retry")"), 7, R"("concurrency": 2, "on_error": "continue", "retry")");
  for (const std::uint64_t segment : {1u, 30u}) {
    peer.calls.clear();
    limits.segment = segment;
    const auto came = run(two_at_a_time, text + "]", limits);
    EXPECT_EQ(came.find("error"), std::string::npos) << came;
    for (const auto& [path, count] : peer.calls) EXPECT_EQ(count, path.ends_with("2") ? 2 : 1) << path;
  }
}

TEST_F(LongLists, what_could_not_be_saved_in_time_is_made_anew) {
  Life life(loop, *store, env, peer, limits);
  const auto id = start(life, program_of(calls), six);
  loop.advance(milliseconds(3'500));
  // Nothing refers yet to what the calls gave so far: gone with it.
  (void)life.now(store->collect_blobs(Duration(-1)));
  loop.advance(std::chrono::minutes(5));
  EXPECT_EQ(result(life, id), R"([{"call":"1"},{"call":"2"},{"call":"3"},{"call":"4"},{"call":"5"},{"call":"6"}])");
  EXPECT_EQ(peer.calls["1"], 2);
}

TEST_F(LongLists, what_goes_beyond_a_limit_fails_alone_and_names_the_setting) {
  constexpr const char* wide = R"("nodes": [{"id": "in", "type": "manual"}, {"id": "s", "name": "Widen", "type": "set", "config": {"values": {"w": "{{ 'x'.repeat(400000) }}"}}},
    {"id": "t", "name": "Again", "type": "set", "config": {"values": {"v": "{{ $json.w }}"}}}, {"id": "o", "name": "Order", "type": "data_adapter", "config": {"operation": "sort", "by": [{"field": "n"}]}}],
    "edges": [{"source": "in", "target": "s"}, {"source": "s", "target": "t"}, {"source": "t", "target": "o"}])";
  const auto failure = [&](const Limits& with) {
    Life life(loop, *store, env, peer, with);
    const auto id = start(life, program_of(wide), six);
    const auto small = start(life, program_of(shapes[0].workflow), six);
    loop.advance(std::chrono::minutes(1));
    EXPECT_EQ(view(life, small).state.status, ExecutionStatus::succeeded) << "the others go on";
    const auto seen = view(life, id);
    return seen.state.error ? seen.state.error->code + ": " + seen.state.error->message + " @" + seen.state.error->at : std::string("none");
  };
  for (const std::uint64_t segment : {100'000u, 100'000'000u}) {
    Limits with;
    with.segment = segment;
    with.output = 2 << 20;
    EXPECT_EQ(failure(with), "node.output_limit: the node 'Widen' gave more than 2 MiB, the most that one node may give; let it give less, or raise the "
                             "server's setting max-output @/nodes/1");
    with.output = 64 << 20;
    with.execution = 4 << 20;
    EXPECT_TRUE(failure(with).starts_with("node.execution_limit: with what the node 'Again' gave, the execution holds more than 4 MiB")) << failure(with);
  }
  Limits with;
  with.segment = 100'000;
  with.in_memory = 1 << 20;
  EXPECT_TRUE(failure(with).starts_with("node.input_limit: the node 'Order' needs all its 6 items at once, which is more than 1 MiB")) << failure(with);
  EXPECT_EQ(failure(Limits()), "none");
}

TEST_F(LongLists, an_answer_that_is_too_large_says_so) {
  constexpr const char* wide = R"("nodes": [{"id": "in", "type": "manual"}, {"id": "s", "type": "set", "config": {"values": {"w": "{{ 'x'.repeat(400000) }}"}}}],
    "edges": [{"source": "in", "target": "s"}])";
  limits.in_memory = 1 << 20;
  EXPECT_EQ(run(wide, six, limits), "runtime.result_limit");
}

}  // namespace
}  // namespace mbflow::runtime
