// A whole engine on one thread with virtual time: real engine, runtime, expressions and nodes; memory store; HTTP answered
// from a script. What it does is decided by its inputs alone.
#pragma once

#include "base/manual_loop.h"
#include "runtime/runtime.h"
#include "store/memory/memory_store.h"

#include <map>
#include <string>
#include <vector>

namespace mbflow::testing {

// Answers in order for each "METHOD url"; the last one stays. Each may take a while.
class ScriptedHttp final : public HttpClient {
 public:
  struct Answer {
    int status = 200;
    std::string body;
    Headers headers;
    Duration takes{};
  };
  explicit ScriptedHttp(ManualLoop& loop) : loop_(loop) {}
  void answer(const std::string& call, Answer answer) { answers_[call].push_back(std::move(answer)); }
  [[nodiscard]] Task<Result<HttpResponse>> send(HttpRequest request, std::stop_token stop) override;

  std::vector<HttpRequest> calls;
  std::size_t at_once = 0;       // calls under way now
  std::size_t most_at_once = 0;

 private:
  ManualLoop& loop_;
  std::map<std::string, std::vector<Answer>> answers_;
};

class World {
 public:
  explicit World(std::uint64_t seed = 1);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] Result<std::shared_ptr<const runtime::Program>> prepare(const Value& document);
  // Starts it and gives its run; nothing has happened yet beyond what needs no waiting.
  [[nodiscard]] Result<runtime::Started> start(std::shared_ptr<const runtime::Program> program, Value input,
                                               std::string trigger = "manual", std::string entry = {});
  // Lets virtual time pass until the execution has ended, and tells how.
  [[nodiscard]] Result<runtime::Ending> finish(const runtime::Started& started);
  // Its journal as the store has it.
  [[nodiscard]] std::vector<Event> journal(const runtime::Started& started);
  // Runs a task to its end; time stands still.
  template <class T>
  T now(Task<T> task);

  ManualLoop loop;
  ManualEnv env;
  ScriptedHttp http;
  expr::Sandbox sandbox;
  std::unique_ptr<store::Store> store;
  runtime::Services services;
  runtime::Runtime runtime;
};

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

template <class T>
T World::now(Task<T> task) {
  std::optional<T> result;
  spawn(loop, keep<T>(std::move(task), result));
  loop.run_ready();
  return *std::move(result);
}

}  // namespace mbflow::testing
