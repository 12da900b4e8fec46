#include "server/dispatcher.h"

#include "trigger/event.h"

namespace mbflow::server {
namespace {

constexpr Duration glance = std::chrono::milliseconds(500);  // what other processes took in is noticed that soon
constexpr int at_once = 100;

// The same for the same message and node, whoever starts it and however often.
ExecutionId id_of(const store::Message& message, const store::Subscription& subscription) {
  std::string name = "message ";
  name += message.tenant.raw();
  name += subscription.workflow.raw();
  name += std::to_string(message.number) + " " + subscription.node_id;
  return ExecutionId(Uuid::v7_named(message.at, name));
}

runtime::StartRequest request_of(const store::Message& message, const store::Subscription& row) {
  runtime::StartRequest request;
  request.tenant = message.tenant;
  request.trigger = "event";
  request.entry = row.node_id;
  request.input = trigger::item_of({message.name, message.source, message.key, message.at, message.data});
  request.id = id_of(message, row);
  if (trigger::is_end(message.name)) request.depth = static_cast<int>(message.data["depth"].as_integer());
  return request;
}

// A workflow does not hear its own ends.
bool wants(const store::Subscription& row, const store::Message& message) {
  if (row.tenant != message.tenant || message.at <= row.switched_at || !trigger::hears(row.name, message.name)) return false;
  return !trigger::is_end(message.name) || message.data["workflow_id"].as_string() != row.workflow.to_string();
}

bool is_passing(const Error& error) { return error.kind == Kind::unavailable || error.kind == Kind::limited || error.kind == Kind::timeout; }

}  // namespace

struct Dispatcher::Live {
  store::Subscription row;
  std::shared_ptr<const runtime::Program> program;
  std::optional<expr::Template> filter;
};

Dispatcher::Dispatcher(runtime::Services& services, runtime::Runtime& runtime, Loop& loop, OnFault on_fault)
    : services_(services), runtime_(runtime), loop_(loop), on_fault_(std::move(on_fault)), wake_(OneShot<bool>(loop).setter()) {}

void Dispatcher::kick() {
  loop_.post([this] { wake_.set(true); });
}

Task<void> Dispatcher::run(std::stop_token stop) {
  const std::stop_callback wake(stop, [this] { kick(); });
  while (!stop.stop_requested()) {
    OneShot<bool> next(loop_);
    wake_ = next.setter();
    const auto more = co_await look();
    if (more && *more) continue;
    Callback on_time = [setter = next.setter()] { setter.set(true); };
    const auto timer = loop_.after(glance, std::move(on_time));
    co_await next.wait();
    loop_.cancel(timer);
  }
}

Task<Result<bool>> Dispatcher::look() {
  MBF_CO_TRY(const auto messages, co_await services_.store.open_messages(at_once));
  if (messages.empty()) co_return false;
  MBF_CO_CHECK(co_await refresh());
  std::vector<std::uint64_t> done;
  for (const auto& message : messages) {
    // What cannot be started for the moment is tried again; what waits behind it need not wait for it.
    if (co_await hand_on(message)) done.push_back(message.number);
  }
  const bool more = done.size() == at_once;
  if (!done.empty()) MBF_CO_CHECK(co_await services_.store.hand_on(std::move(done)));
  co_return more;
}

Task<Result<void>> Dispatcher::refresh() {
  const std::uint64_t version = services_.store.catalog_version();
  if (version == catalog_) co_return {};
  MBF_CO_TRY(auto rows, co_await services_.store.subscriptions());
  std::vector<std::shared_ptr<Live>> fresh;
  for (auto& row : rows) {
    if (!row.enabled) continue;
    auto live = co_await read(row);
    if (!live && is_passing(live.error())) co_return live.error();
    // One that cannot be read was published by another version of the program: it does not hold up the others.
    if (live) fresh.push_back(*std::move(live));
  }
  live_ = std::move(fresh);
  catalog_ = version;
  co_return {};
}

Task<Result<std::shared_ptr<Dispatcher::Live>>> Dispatcher::read(store::Subscription row) {
  auto live = std::make_shared<Live>();
  MBF_CO_TRY(live->program, co_await runtime_.program(row.tenant, row.workflow, row.version));
  const NodeIndex node = live->program->plan->find(row.node_id);
  const Error gone = fail(Kind::not_found, "event.node", "the workflow has no such event node");
  if (node == no_node) co_return gone;
  const Value* filter = live->program->plan->workflow.nodes[node].config.find("filter");
  if (filter && filter->is_string()) {
    MBF_CO_TRY(live->filter, expr::Template::compile(filter->as_string()));
  }
  live->row = std::move(row);
  co_return live;
}

// An error: not all of those that want it could be started yet.
Task<Result<void>> Dispatcher::hand_on(const store::Message& message) {
  Result<void> all;
  for (const auto& live : live_) {
    if (!wants(live->row, message)) continue;
    auto started = co_await start(message, *live);
    if (!started && !give_up(message, live->row, started.error())) all = std::move(started);
  }
  const bool has_handler = trigger::is_end(message.name) && message.data.find("on_failure");
  if (has_handler) {
    store::Subscription row{message.tenant, {}, 0, "/on_failure", message.name};
    auto started = co_await start_handler(message, row);
    if (!started && !give_up(message, row, started.error())) all = std::move(started);
  }
  co_return all;
}

// False: it is to be tried again.
bool Dispatcher::give_up(const store::Message& message, const store::Subscription& row, const Error& why) {
  if (is_passing(why)) return false;
  if (on_fault_) on_fault_(message, row, why);
  return true;
}

// The workflow that settings.on_failure names, as it is published now. What is filled in of `row` tells who could not hear it.
Task<Result<void>> Dispatcher::start_handler(const store::Message& message, store::Subscription& row) {
  const auto id = WorkflowId::parse(message.data["on_failure"].as_string());
  if (!id) co_return fail(Kind::invalid, "event.handler", "settings.on_failure is not the id of a workflow");
  row.workflow = *id;
  MBF_CO_TRY(const auto record, co_await services_.store.workflow(message.tenant, *id, 0));
  if (record.published_version == 0) co_return fail(Kind::invalid, "event.handler", "the workflow that settings.on_failure names is not published");
  row.version = record.published_version;
  auto request = request_of(message, row);
  request.entry.clear();
  MBF_CO_TRY(request.program, co_await runtime_.program(message.tenant, *id, row.version));
  co_return co_await start_once(std::move(request));
}

Task<Result<void>> Dispatcher::start(const store::Message& message, const Live& live) {
  auto request = request_of(message, live.row);
  request.program = live.program;
  if (live.filter) {
    MBF_CO_TRY(const Value passes, runtime_.evaluate(request, *live.filter));
    if (!is_truthy(passes)) co_return {};
  }
  co_return co_await start_once(std::move(request));
}

Task<Result<void>> Dispatcher::start_once(runtime::StartRequest request) {
  auto started = co_await runtime_.start(std::move(request));
  if (!started && started.error().code != "store.exists") co_return started.error();
  co_return {};
}

}  // namespace mbflow::server
