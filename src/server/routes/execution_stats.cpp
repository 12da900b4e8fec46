// Figures over the newest executions of a window: bounded, and the answer says so when there were more.
#include "engine/state.h"
#include "server/routes/execution_search.h"
#include "server/routes/series.h"
#include "server/routes/routes.h"

#include <algorithm>
#include <array>
#include <map>

namespace mbflow::server {
namespace {

constexpr std::size_t journals = 50;      // looked into for the slowest nodes
constexpr std::size_t slowest_shown = 10;

std::int64_t milliseconds(Duration duration) { return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count(); }

Value percentile(std::vector<std::int64_t>& sorted, double part) {
  if (sorted.empty()) return {};
  return Value(sorted[static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * part)]);
}

Value durations_to_json(std::vector<std::int64_t> list) {
  std::ranges::sort(list);
  return Value::object({{"p50", percentile(list, 0.5)}, {"p95", percentile(list, 0.95)}, {"max", percentile(list, 1)}});
}

// Failures since its newest execution that ended otherwise.
struct Streak {
  int failed = 0;
  bool over = false;
  Timestamp last{};
};

class Tally {
 public:
  explicit Tally(Window window) : series_(window) {}

  // Newest first.
  void add(const store::ExecutionRecord& record) {
    ++total_;
    ++counts_[static_cast<std::size_t>(record.status)];
    series_.add(record);
    if (!is_final(record.status)) return;
    if (record.started_at != Timestamp{}) durations_.push_back(milliseconds(record.finished_at - record.started_at));
    auto& streak = streaks_[record.workflow];
    if (record.status != ExecutionStatus::failed) streak.over = true;
    else if (!streak.over && streak.failed++ == 0) streak.last = record.finished_at;
  }

  [[nodiscard]] std::int64_t total() const { return total_; }
  [[nodiscard]] Value counts() const {
    ObjectBuilder json;
    for (std::size_t i = 0; i < counts_.size(); ++i) json.append(to_string(static_cast<ExecutionStatus>(i)), counts_[i]);
    return json.build();
  }
  [[nodiscard]] Value success_rate() const {
    const auto good = static_cast<double>(counts_[static_cast<std::size_t>(ExecutionStatus::succeeded)]);
    const auto bad = static_cast<double>(counts_[static_cast<std::size_t>(ExecutionStatus::failed)]);
    return good + bad > 0 ? Value(good / (good + bad)) : Value();
  }
  [[nodiscard]] Value durations() const { return durations_to_json(durations_); }
  [[nodiscard]] Value series() const { return series_.to_json(); }
  // Workflows whose newest ended execution failed.
  [[nodiscard]] std::vector<std::pair<WorkflowId, Streak>> failing() const {
    std::vector<std::pair<WorkflowId, Streak>> list;
    for (const auto& [workflow, streak] : streaks_) {
      if (streak.failed > 0) list.emplace_back(workflow, streak);
    }
    std::ranges::sort(list, [](const auto& a, const auto& b) { return a.second.last > b.second.last; });
    return list;
  }

 private:
  std::int64_t total_ = 0;
  std::array<std::int64_t, 7> counts_{};
  Series series_;
  std::vector<std::int64_t> durations_;
  std::map<WorkflowId, Streak> streaks_;
};

struct Gathered {
  Tally tally;
  std::vector<store::ExecutionRecord> newest;  // ended, to be looked into
  bool complete = false;
};

Task<Result<Gathered>> gather(Api& api, TenantId tenant, std::optional<WorkflowId> workflow, Window window) {
  Gathered gathered{Tally(window)};
  auto add = [&gathered](const store::ExecutionRecord& record) {
    gathered.tally.add(record);
    if (is_final(record.status) && gathered.newest.size() < journals) gathered.newest.push_back(record);
  };
  MBF_CO_TRY(gathered.complete, co_await each_newest(api.services.store, tenant, workflow, window, add));
  co_return gathered;
}

Task<Result<Value>> slowest_nodes(Api& api, const std::vector<store::ExecutionRecord>& records) {
  std::map<std::pair<WorkflowId, std::string>, std::vector<std::int64_t>> by_node;
  for (const auto& record : records) {
    auto view = co_await api.runtime.inspect(record.tenant, record.id);
    if (!view) continue;  // deleted meanwhile
    for (std::size_t i = 0; i < view->state.nodes.size(); ++i) {
      const auto& node = view->state.nodes[i];
      const bool ran = node.started_at != Timestamp{} && node.finished_at != Timestamp{};
      if (ran) by_node[{record.workflow, view->program->plan->ids[i]}].push_back(milliseconds(node.finished_at - node.started_at));
    }
  }
  std::vector<std::pair<std::int64_t, Value>> list;
  for (auto& [place, durations] : by_node) {
    const auto runs = static_cast<std::int64_t>(durations.size());
    const Value times = durations_to_json(std::move(durations));
    const Value workflow = place.first.is_nil() ? Value() : Value(place.first.to_string());
    list.emplace_back(times["p95"].as_integer(),
                      Value::object({{"workflow_id", workflow}, {"node", place.second}, {"runs", runs}, {"duration_ms", times}}));
  }
  std::ranges::stable_sort(list, std::greater(), &std::pair<std::int64_t, Value>::first);
  std::vector<Value> shown;
  for (std::size_t i = 0; i < std::min(list.size(), slowest_shown); ++i) shown.push_back(list[i].second);
  co_return Value::array(std::move(shown));
}

Task<Result<Value>> failing_now(Api& api, TenantId tenant, const Tally& tally) {
  const auto failing = tally.failing();
  std::vector<WorkflowId> ids;
  for (const auto& entry : failing) ids.push_back(entry.first);
  MBF_CO_TRY(auto names, co_await api.services.store.workflow_names(tenant, std::move(ids)));
  std::vector<Value> list;
  for (std::size_t i = 0; i < failing.size(); ++i) {
    const auto& [workflow, streak] = failing[i];
    if (workflow.is_nil()) continue;
    list.push_back(Value::object({{"workflow_id", workflow.to_string()},
                                  {"workflow_name", names[i]},
                                  {"failed_in_a_row", streak.failed},
                                  {"last_failed_at", format_timestamp(streak.last)}}));
  }
  co_return Value::array(std::move(list));
}

Task<Result<Reply>> answer_stats(Api& api, TenantId tenant, std::optional<WorkflowId> workflow, Duration length) {
  Window window;
  window.until = api.services.env.now();
  window.since = window.until - length;
  MBF_CO_TRY(auto gathered, co_await gather(api, tenant, workflow, window));
  MBF_CO_TRY(auto slowest, co_await slowest_nodes(api, gathered.newest));
  MBF_CO_TRY(auto failing, co_await failing_now(api, tenant, gathered.tally));
  Reply reply;
  reply.body = Value::object({{"since", format_timestamp(window.since)},
                              {"until", format_timestamp(window.until)},
                              {"total", gathered.tally.total()},
                              {"complete", gathered.complete},
                              {"counts", gathered.tally.counts()},
                              {"success_rate", gathered.tally.success_rate()},
                              {"duration_ms", gathered.tally.durations()},
                              {"series", gathered.tally.series()},
                              {"failing_now", failing},
                              {"slowest_nodes", slowest}});
  co_return reply;
}

Result<Duration> window_query(const Call& call) {
  MBF_TRY(auto length, duration_query(call, "window", std::chrono::hours(24), std::chrono::hours(24 * 90)));
  if (length >= std::chrono::seconds(1)) return length;
  return fail(Kind::invalid, "request.query", "'window' must be a duration of at least 1s");
}

}  // namespace

Task<Result<Reply>> execution_stats(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"workflow_id", "window"}));
  MBF_CO_TRY(auto length, window_query(call));
  const std::string text = call.query("workflow_id");
  std::optional<WorkflowId> workflow;
  if (!text.empty()) workflow = WorkflowId::parse(text);
  if (!text.empty() && !workflow) co_return fail(Kind::invalid, "request.query", "'workflow_id' must be an id");
  co_return co_await answer_stats(api, call.who.tenant, workflow, length);
}

Task<Result<Reply>> workflow_stats(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"window"}));
  MBF_CO_TRY(auto length, window_query(call));
  MBF_CO_TRY(auto id, id_param<WorkflowId>(call, 0, "workflow"));
  MBF_CO_CHECK(co_await api.services.store.workflow(call.who.tenant, id, 0));
  co_return co_await answer_stats(api, call.who.tenant, id, length);
}

}  // namespace mbflow::server
