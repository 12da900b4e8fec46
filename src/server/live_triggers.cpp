#include "server/live_triggers.h"

#include <algorithm>

namespace mbflow::server {
namespace {

constexpr int rows_looked_at = 5'000;

Error unknown() { return fail(Kind::not_found, "trigger.unknown", "there is no live trigger with this id; it may not be published"); }

Error bad_cursor() { return fail(Kind::invalid, "request.query", "'cursor' must be a next_cursor of this list"); }

Task<Result<std::string>> status_of(store::Store& store, TenantId tenant, ExecutionId id) {
  if (id.is_nil()) co_return std::string();
  auto record = co_await store.execution(tenant, id);
  if (record) co_return std::string(to_string(record->status));
  if (record.error().kind == Kind::not_found) co_return std::string();
  co_return record.error();
}

Task<Result<TriggerRuns>> occurrences(store::Store& store, TenantId tenant, TriggerId id, Timestamp before, std::size_t limit) {
  MBF_CO_TRY(auto ticks, co_await store.ticks(tenant, id.workflow, id.node, before, static_cast<int>(limit) + 1));
  TriggerRuns runs;
  if (ticks.size() > limit) {
    ticks.pop_back();
    runs.next = format_timestamp(ticks.back().at);
  }
  for (const auto& tick : ticks) {
    MBF_CO_TRY(auto status, co_await status_of(store, tenant, tick.execution));
    runs.items.push_back({tick.at, tick.outcome, tick.execution, std::move(status)});
  }
  co_return runs;
}

Task<Result<TriggerRuns>> executions(store::Store& store, TenantId tenant, TriggerId id, std::optional<ExecutionId> before, std::size_t limit) {
  store::ExecutionFilter filter;
  filter.workflow = id.workflow;
  filter.before = before;
  filter.limit = 200;
  TriggerRuns runs;
  for (int looked_at = 0; looked_at < rows_looked_at; looked_at += filter.limit) {
    MBF_CO_TRY(const auto records, co_await store.executions(tenant, filter));
    for (const auto& record : records) {
      if (runs.items.size() == limit) {
        runs.next = filter.before->to_string();
        co_return runs;
      }
      filter.before = record.id;
      if (record.entry == id.node) runs.items.push_back({record.created_at, "started", record.id, std::string(to_string(record.status))});
    }
    if (records.size() < static_cast<std::size_t>(filter.limit)) co_return runs;
  }
  runs.next = filter.before->to_string();
  co_return runs;
}

}  // namespace

Result<TriggerId> read_trigger_id(std::string_view text) {
  const auto colon = std::min(text.find(':'), text.size());
  const auto workflow = WorkflowId::parse(text.substr(0, colon));
  if (!workflow) return unknown();
  return TriggerId{*workflow, std::string(text.substr(std::min(colon + 1, text.size())))};
}

Task<Result<std::vector<LiveTrigger>>> live_triggers(store::Store& store, TenantId tenant, std::optional<WorkflowId> workflow) {
  MBF_CO_TRY(auto schedules, co_await store.schedules());
  MBF_CO_TRY(auto routes, co_await store.routes());
  MBF_CO_TRY(auto subscriptions, co_await store.subscriptions());
  auto counts = [&](const auto& row) { return row.tenant == tenant && (!workflow || row.workflow == *workflow); };
  std::vector<LiveTrigger> list;
  for (auto& row : schedules) {
    if (counts(row)) list.push_back({row.workflow, row.version, row.node_id, row, {}, {}, row.enabled});
  }
  for (auto& row : routes) {
    if (!counts(row)) continue;
    const auto same = std::ranges::find_if(list, [&](const LiveTrigger& live) { return live.workflow == row.workflow && live.node == row.node_id; });
    if (same != list.end()) same->routes.push_back(row);
    else list.push_back({row.workflow, row.version, row.node_id, std::nullopt, {row}, {}, row.enabled});
  }
  for (auto& row : subscriptions) {
    if (counts(row)) list.push_back({row.workflow, row.version, row.node_id, std::nullopt, {}, row.name, row.enabled});
  }
  std::ranges::sort(list, [](const LiveTrigger& a, const LiveTrigger& b) { return std::tie(b.workflow, a.node) < std::tie(a.workflow, b.node); });
  co_return list;
}

Task<Result<LiveTrigger>> find_trigger(store::Store& store, TenantId tenant, TriggerId id) {
  MBF_CO_TRY(auto list, co_await live_triggers(store, tenant, id.workflow));
  const auto found = std::ranges::find(list, id.node, &LiveTrigger::node);
  if (found == list.end()) co_return unknown();
  co_return std::move(*found);
}

Task<Result<TriggerRuns>> trigger_history(store::Store& store, TenantId tenant, TriggerId id, std::string cursor, std::size_t limit) {
  MBF_CO_CHECK(co_await store.workflow(tenant, id.workflow, 0));
  if (const auto before = ExecutionId::parse(cursor)) co_return co_await executions(store, tenant, std::move(id), before, limit);
  Timestamp before{};
  if (!cursor.empty()) {
    auto at = parse_timestamp(cursor);
    if (!at) co_return bad_cursor();
    before = *at;
  }
  MBF_CO_TRY(auto runs, co_await occurrences(store, tenant, id, before, limit));
  if (!runs.items.empty() || !cursor.empty()) co_return runs;
  co_return co_await executions(store, tenant, std::move(id), std::nullopt, limit);
}

Value to_json(const TriggerRuns& runs) {
  std::vector<Value> items;
  for (const auto& run : runs.items) {
    items.push_back(Value::object({{"at", format_timestamp(run.at)},
                                   {"outcome", run.outcome},
                                   {"execution_id", run.execution.is_nil() ? Value() : Value(run.execution.to_string())},
                                   {"status", run.status.empty() ? Value() : Value(run.status)}}));
  }
  return Value::object({{"items", Value::array(std::move(items))}, {"next_cursor", runs.next.empty() ? Value() : Value(runs.next)}});
}

}  // namespace mbflow::server
