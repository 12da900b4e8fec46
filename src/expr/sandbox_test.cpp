#include "expr/sandbox.h"

#include "base/manual_loop.h"
#include "expr/leash.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

namespace mbflow::expr {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

fs::path jail_program() { return fs::read_symlink("/proc/self/exe").parent_path() / "expr_jail"; }

Task<void> keep(Task<Result<Value>> task, std::optional<Result<Value>>& out) { out.emplace(co_await task); }

class SandboxTest : public ::testing::Test {
 protected:
  void start(std::size_t processes = 1, int runs = 100, const fs::path& program = jail_program()) {
    SandboxOptions options;
    options.program = program;
    options.processes = processes;
    options.runs_per_process = runs;
    sandbox.emplace(std::move(options));
  }

  Result<Value> wait(std::optional<Result<Value>>& out) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!out && std::chrono::steady_clock::now() < give_up) {
      if (loop.run_ready() == 0) std::this_thread::yield();
    }
    return out ? *out : Result<Value>(fail(Kind::internal, "test.stuck", "no answer came"));
  }

  std::string run(std::string_view program, std::string_view input = "null", milliseconds limit = milliseconds(5'000)) {
    SandboxJob job;
    job.language = "jq";
    job.program = program;
    job.input = *parse_json(input);
    job.limit = limit;
    std::optional<Result<Value>> out;
    spawn(loop, keep(sandbox->run(loop, std::move(job), {}), out));
    const auto result = wait(out);
    return result ? write_json(*result) : result.error().code + ": " + result.error().message;
  }
  std::string code(std::string_view program, std::string_view input = "null",
                   milliseconds limit = milliseconds(5'000)) {
    const std::string text = run(program, input, limit);
    return text.substr(0, text.find(':'));
  }

  ManualLoop loop;
  std::optional<Sandbox> sandbox;
};

TEST_F(SandboxTest, jq_programs) {
  start();
  EXPECT_EQ(run(".a + 1", R"({"a":41})"), "[42]");
  EXPECT_EQ(run(".[]", "[1,\"ü😀\",null,{\"k\":[true]}]"), R"([1,"ü😀",null,{"k":[true]}])");
  EXPECT_EQ(run("empty"), "[]");
  EXPECT_EQ(run("[.[] | select(.x > 1) | .y] | add", R"([{"x":1,"y":2},{"x":2,"y":3},{"x":3,"y":4}])"), "[7]");
  EXPECT_EQ(run(". as [$a, $b] | {sum: ($a + $b)}", "[1,2]"), R"([{"sum":3}])");
  EXPECT_EQ(run(".[] |= . * 2", "[1,2]"), "[[2,4]]");
  EXPECT_EQ(run("1, 2, halt, 3"), "[1,2]");
  EXPECT_EQ(run("now > 1600000000"), "[true]");
  EXPECT_EQ(run("0 | strftime(\"%Y-%m-%d\"), todate"), R"(["1970-01-01","1970-01-01T00:00:00Z"])");
  EXPECT_EQ(run("[limit(3; repeat(1))]"), "[[1,1,1]]");
  EXPECT_EQ(run("[range(20000)] | sort_by(-.) | .[0]"), "[19999]");
}

TEST_F(SandboxTest, jq_faults) {
  start();
  EXPECT_EQ(code(".a.b", R"({"a":1})"), "sandbox.program");
  EXPECT_NE(run(".a.b", R"({"a":1})").find("Cannot index number"), std::string::npos);
  EXPECT_NE(run("{").find("syntax error"), std::string::npos);
  EXPECT_EQ(code("error(\"mine\")"), "sandbox.program");
  EXPECT_EQ(code("reduce range(100000) as $i (null; [.])"), "sandbox.program");
  EXPECT_EQ(run("1"), "[1]");
}

TEST_F(SandboxTest, nothing_outside_can_be_reached) {
  start();
  EXPECT_EQ(run("env | keys, ($ENV | keys)"), R"([["TZ"],["TZ"]])");
  EXPECT_EQ(run("input_filename"), "[null]");
  EXPECT_EQ(code("input"), "sandbox.program");
  EXPECT_EQ(code("import \"a\" as a; 1"), "sandbox.program");
  EXPECT_EQ(code("include \"/etc/passwd\"; 1"), "sandbox.program");
  EXPECT_EQ(code("import \"/etc/passwd\" as $x; $x"), "sandbox.program");
  EXPECT_EQ(code("\"/etc/passwd\" | modulemeta"), "sandbox.program");
  EXPECT_EQ(run("1 | debug | stderr"), "[1]");
  EXPECT_EQ(run("1 | localtime | mktime"), "[1]");
  EXPECT_EQ(run("1, halt_error"), "[1]");
  EXPECT_EQ(run("1"), "[1]");
}

TEST_F(SandboxTest, limits) {
  start();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(code("def f: f; f", "null", milliseconds(200)), "sandbox.limit");
  EXPECT_EQ(code("last(range(1e15))", "null", milliseconds(200)), "sandbox.limit");
  EXPECT_EQ(code("[repeat(1)] | length", "null", milliseconds(300)), "sandbox.limit");
  EXPECT_EQ(code("\"a\" * 1e9 | length", "null", milliseconds(1'000)).substr(0, 7), "sandbox");
  if (!sanitized) {
    // jq itself breaks where memory ends, or on strings of 2 GiB; all that dies is the jailed process.
    EXPECT_TRUE(run("[range(1e9)]", "null", milliseconds(20'000)).starts_with("sandbox."));
    EXPECT_TRUE(
        run("def f: . + . | f; \"xxxxxxxxxxxxxxxx\" | f", "null", milliseconds(20'000)).starts_with("sandbox."));
  }
  EXPECT_EQ(code("range(1e9) | \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"", "null", milliseconds(30'000)),
            "sandbox.limit");
  EXPECT_EQ(run("1"), "[1]");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
  const std::string big = "[\"" + std::string(25 << 20, 'x') + "\"]";
  EXPECT_EQ(code("1", big), "sandbox.limit");
}

TEST_F(SandboxTest, processes_are_replaced) {
  start(1, 3);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(run(". + 1", std::to_string(i)), "[" + std::to_string(i + 1) + "]");
}

TEST_F(SandboxTest, many_at_once) {
  start(2, 5);
  std::vector<std::optional<Result<Value>>> outs(60);
  for (std::size_t i = 0; i < outs.size(); ++i) {
    SandboxJob job;
    job.language = "jq";
    job.program = i % 7 == 0 ? "error(\"x\")" : ". * 2";
    job.input = Value(static_cast<std::int64_t>(i));
    job.limit = milliseconds(20'000);
    spawn(loop, keep(sandbox->run(loop, std::move(job), {}), outs[i]));
  }
  for (std::size_t i = 0; i < outs.size(); ++i) {
    const auto result = wait(outs[i]);
    const std::string wanted = i % 7 == 0 ? "sandbox.program" : "[" + std::to_string(i * 2) + "]";
    EXPECT_EQ(result.ok() ? write_json(*result) : result.error().code, wanted);
  }
}

TEST_F(SandboxTest, stopped_and_dropped) {
  start();
  std::stop_source stop;
  SandboxJob job;
  job.language = "jq";
  job.program = "def f: f; f";
  job.limit = milliseconds(60'000);
  std::optional<Result<Value>> out;
  spawn(loop, keep(sandbox->run(loop, job, stop.get_token()), out));
  loop.run_ready();
  stop.request_stop();
  const auto result = wait(out);
  EXPECT_EQ(result.ok() ? "" : result.error().code, "sandbox.unavailable");
  EXPECT_EQ(run("1"), "[1]");
  // An engine that goes down does not wait for a program.
  std::optional<Result<Value>> late;
  spawn(loop, keep(sandbox->run(loop, job, {}), late));
  loop.run_ready();
}

TEST_F(SandboxTest, layers_are_told) {
  start();
  std::optional<Result<Value>> out;
  spawn(loop, keep(sandbox->layers(loop), out));
  const auto layers = wait(out);
  ASSERT_TRUE(layers.ok()) << layers.error().message;
  EXPECT_TRUE((*layers)["seccomp"].as_bool()) << write_json(*layers);
}

// The protocol holds against a process that was taken over.
TEST_F(SandboxTest, malicious_process) {
  const fs::path folder = fs::temp_directory_path() / ("mbflow-jail-" + std::to_string(getpid()));
  fs::create_directories(folder);
  const std::initializer_list<std::pair<const char*, const char*>> vices = {{"oversized", "sandbox."},
                                                                            {"garbage", "sandbox."},
                                                                            {"wrong_id", "sandbox."},
                                                                            {"ready_again", "sandbox."},
                                                                            {"verdict", "sandbox."},
                                                                            {"half", "sandbox.unavailable"},
                                                                            {"no_json", "sandbox.program"},
                                                                            {"no_array", "sandbox.program"},
                                                                            {"bad_utf8", "sandbox.program"},
                                                                            {"deep", "sandbox.program"},
                                                                            {"crash", "sandbox.program"},
                                                                            {"slow", "sandbox.limit"},
                                                                            {"early", "sandbox.unavailable"},
                                                                            {"bad_hello", "sandbox.unavailable"},
                                                                            // Its chatter may meet a job on its way and pass for the
                                                                            // answer: data like any other, so only survival counts.
                                                                            {"talker", ""},
                                                                            {"twice", "sandbox."},
                                                                            {"no_seccomp", "sandbox.unavailable"}};
  for (const auto& [vice, expected] : vices) {
    fs::create_symlink(jail_program(), folder / vice);
    start(1, 100, folder / vice);
    for (int i = 0; i < 2; ++i) {
      // Only the slow one is to meet its limit; on a busy machine the others must not.
      const std::string answer = run("1", "null", milliseconds(std::string_view(vice) == "slow" ? 300 : 5'000));
      EXPECT_TRUE(answer.starts_with(expected)) << vice << ": " << answer.substr(0, 200);
    }
  }
  start(1, 100, folder / "missing");
  EXPECT_EQ(code("1"), "sandbox.unavailable");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace mbflow::expr
