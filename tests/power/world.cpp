#include "power/world.h"

#include "runtime/rules.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace mbflow::power {
namespace {

constexpr int most_steps = 20'000;
const TenantId tenant{};

Value input_of(std::int64_t n) {
  std::vector<Value> list;
  for (int i = 0; i < 5; ++i) list.push_back(Value::object({{"i", i}}));
  return Value::object({{"n", n}, {"list", Value::array(std::move(list))}});
}

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

Task<void> start_one(runtime::Runtime& runtime, runtime::StartRequest request, Ledger& ledger) {
  auto started = co_await runtime.start(std::move(request));
  if (started) ledger.add(started->id);
}

}  // namespace

void Ledger::add(Call call) {
  std::lock_guard lock(mutex_);
  seen_.calls.push_back(std::move(call));
}

void Ledger::add(ExecutionId acknowledged) {
  std::lock_guard lock(mutex_);
  seen_.acknowledged.push_back(acknowledged);
}

Ledger::Seen Ledger::seen() const {
  std::lock_guard lock(mutex_);
  return seen_;
}

Task<Result<HttpResponse>> Peers::send(HttpRequest request, std::stop_token stop) {
  Call call{.url = request.url, .execution = {}, .node = {}, .key = {}};
  const auto slash = request.url.rfind('/');
  const auto before = request.url.rfind('/', slash - 1);
  call.execution = request.url.substr(slash + 1);
  call.node = request.url.substr(before + 1, slash - before - 1);
  if (const auto* key = find_header(request.headers, "idempotency-key")) call.key = *key;
  const std::string node = call.node;
  ledger_.add(std::move(call));
  const int calls = ++calls_[request.url];
  const bool slow = request.url.find("/slow/") != std::string::npos;
  const Duration takes = slow ? std::chrono::milliseconds(700) : std::chrono::milliseconds(30);
  if (!co_await sleep_for(loop_, takes, stop)) co_return fail(Kind::conflict, "http.cancelled", "the call was given up");
  HttpResponse response;
  response.url = request.url;
  response.status = 200;
  if (request.url.find("/bad/") != std::string::npos) response.status = 400;
  if (request.url.find("/flaky/") != std::string::npos && calls <= 2) response.status = 503;
  const bool large = request.url.find("/large/") != std::string::npos;
  response.headers.emplace_back("content-type", "application/json");
  response.body = "{\"from\": \"" + node + "\", \"text\": \"" + std::string(large ? 100'000 : 3, 'x') + "\"}";
  co_return response;
}

void Peers::remember(const std::vector<Call>& calls) {
  for (const auto& call : calls) ++calls_[call.url];
}

Life::Life(const std::string& file, std::uint64_t seed, Ledger& ledger)
    : env_(seed, &loop_), ledger_(ledger), peers_(loop_, ledger), sandbox_(expr::SandboxOptions{}) {
  env_.advance(std::chrono::hours(static_cast<long>(seed)));
  auto opened = store::open_sqlite_store(env_, {.path = file, .readers = 1});
  if (!opened) {
    opened_ = opened.error();
    return;
  }
  store_ = *std::move(opened);
  services_ = std::make_unique<runtime::Services>(*store_, built_in_nodes(), peers_, sandbox_, env_);
  services_->sweep_every = std::chrono::seconds(20);
  services_->limits.segment = 64 << 10;
  services_->limits.part = std::chrono::milliseconds(50);
  std::vector<Loop*> loops{&loop_};
  runtime_ = std::make_unique<runtime::Runtime>(*services_, loops, [this] { return &loop_; });
}

Life::~Life() {
  if (!runtime_) return;
  runtime_->stop(Duration(0));
  if (joined_) (void)now(runtime_->leave());
  loop_.run_ready();
}

template <class T>
T Life::now(Task<T> task) {
  std::optional<T> result;
  spawn(loop_, keep<T>(std::move(task), result));
  loop_.run_ready();
  return *std::move(result);
}

void Life::save(const Value& document) {
  auto reading = read_document(document, runtime::document_rules(services_->nodes));
  for (const auto& fault : reading.faults) EXPECT_TRUE(fault.warning) << fault.error.at << ": " << fault.error.message;
  store::WorkflowRecord record;
  record.tenant = tenant;
  record.name = "w";
  record.document = write_document(reading.workflow);
  auto saved = now(store_->save_workflow(record, std::nullopt));
  ASSERT_TRUE(saved.ok());
  auto program = now(runtime_->program(tenant, saved->id, saved->version));
  ASSERT_TRUE(program.ok()) << program.error().message;
  program_ = *program;
}

void Life::start(std::int64_t n) {
  if (!joined_) {
    EXPECT_TRUE(now(runtime_->join()).ok());
  }
  joined_ = true;
  runtime::StartRequest request;
  request.tenant = tenant;
  request.program = program_;
  request.trigger = "webhook";
  request.input = input_of(n);
  spawn(loop_, start_one(*runtime_, std::move(request), ledger_));
  loop_.run_ready();
}

bool Life::is_over() {
  if (services_->counters.active != 0) return false;
  const auto records = now(store_->executions(tenant, {}));
  return records.ok() && std::ranges::all_of(*records, [](const store::ExecutionRecord& record) {
           return is_final(record.status) || record.status == ExecutionStatus::held;
         });
}

bool Life::run() {
  if (!joined_) {
    EXPECT_TRUE(now(runtime_->join()).ok());
  }
  joined_ = true;
  for (int step = 0; step < most_steps; ++step) {
    if (!loop_.run_next()) return is_over();
    if (services_->counters.active == 0 && is_over()) return true;
  }
  return false;
}

std::vector<Life::Found> Life::look() {
  std::vector<Found> all;
  const auto records = now(store_->executions(tenant, {}));
  EXPECT_TRUE(records.ok());
  for (const auto& record : *records) {
    const auto view = now(runtime_->inspect(tenant, record.id));
    EXPECT_TRUE(view.ok()) << view.error().message;
    if (!view) continue;
    Found found;
    found.id = record.id;
    found.n = view->state.start["input"].elements().front()["n"].as_integer();
    found.outcome.status = record.status;
    auto result = now(runtime_->result(*view));
    EXPECT_TRUE(result.ok()) << result.error().message;
    if (result) found.outcome.output = write_json(Value::array(*std::move(result)));
    for (const auto& event : view->events) {
      const bool finished = event.type == EventType::node_succeeded || event.type == EventType::node_failed;
      if (finished) found.finished.insert(view->program->plan->ids[event.node]);
    }
    all.push_back(std::move(found));
  }
  return all;
}

}  // namespace mbflow::power
