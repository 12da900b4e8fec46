#include "flows/world.h"

#include "runtime/rules.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mbflow::testing {

Task<Result<HttpResponse>> ScriptedHttp::send(HttpRequest request, std::stop_token stop) {
  calls.push_back(request);
  auto& list = answers_[request.method + " " + request.url];
  if (list.empty()) co_return fail(Kind::unavailable, "http.no_answer", "nobody answers at " + request.url);
  Answer answer = list.front();
  if (list.size() > 1) list.erase(list.begin());
  most_at_once = std::max(most_at_once, ++at_once);
  const bool slept = co_await sleep_for(loop_, answer.takes, stop);
  --at_once;
  if (!slept) co_return fail(Kind::conflict, "http.cancelled", "the call was given up");
  HttpResponse response;
  response.status = answer.status;
  response.body = answer.body;
  response.headers = answer.headers;
  response.url = request.url;
  co_return response;
}

World::World(std::uint64_t seed)
    : env(seed, &loop),
      http(loop),
      sandbox(expr::SandboxOptions{}),
      store(store::make_memory_store(env)),
      services{*store, built_in_nodes(), http, sandbox, env},
      runtime(services, {&loop}, [this] { return &loop; }) {
  services.unload_after = Duration::max();
  services.sweep_every = std::chrono::minutes(1);
  EXPECT_TRUE(now(runtime.join()).ok());
}

World::~World() {
  runtime.stop(Duration(0));
  (void)now(runtime.leave());
  loop.run_ready();
}

Result<std::shared_ptr<const runtime::Program>> World::prepare(const Value& document) {
  auto reading = read_document(document, runtime::document_rules(services.nodes));
  for (const auto& fault : reading.faults) {
    if (!fault.warning) return fault.error;
  }
  return runtime::prepare(std::move(reading.workflow), services.nodes);
}

Result<runtime::Started> World::start(std::shared_ptr<const runtime::Program> program, Value input, std::string trigger,
                                      std::string entry) {
  runtime::StartRequest request;
  request.program = std::move(program);
  request.input = std::move(input);
  request.trigger = std::move(trigger);
  request.entry = std::move(entry);
  return now(runtime.start(std::move(request)));
}

Result<runtime::Ending> World::finish(const runtime::Started& started) {
  std::optional<Result<runtime::Ending>> ending;
  spawn(loop, keep<Result<runtime::Ending>>(started.run->wait_ended(), ending));
  while (!ending && loop.run_next()) {
  }
  return *std::move(ending);
}

std::vector<Event> World::journal(const runtime::Started& started) {
  std::vector<Event> events;
  const auto chunks = now(store->journal(TenantId(), started.id, 1));
  if (!chunks) return events;
  for (const auto& chunk : *chunks) (void)decode_events(chunk, started.run->plan().ids, events);
  return events;
}

}  // namespace mbflow::testing
