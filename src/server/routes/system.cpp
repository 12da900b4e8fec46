#include "server/page.h"
#include "server/routes/routes.h"

#include <mbflow/json.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace mbflow::server {
namespace {

// Resident memory, from the second field of /proc/self/statm (proc_pid_statm(5)); 0 where there is none.
std::int64_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (!file) return 0;
  long size = 0;
  long resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &size, &resident);
  std::fclose(file);
  return read == 2 ? std::int64_t{resident} * sysconf(_SC_PAGESIZE) : 0;
}

// Prometheus text format 0.0.4.
class Metrics {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " + std::string(name) + " " + std::string(type) + "\n";
  }
  void sample(std::int64_t value, const std::string& labels = {}) {
    text += name_ + (labels.empty() ? "" : "{" + labels + "}") + " " + std::to_string(value) + "\n";
  }
  std::string text;

 private:
  std::string name_;
};

}  // namespace

// Each type's own definition, as its folder says it.
Task<Result<Reply>> list_node_types(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  std::string json = "{\"items\":[";
  for (const auto& type : api.services.nodes.all()) {
    if (json.back() != '[') json += ',';
    json += type.definition;
  }
  co_return with_etag(call, json + "]}");
}

Task<Result<Reply>> get_health(Api& api, Call) {
  Reply reply;
  reply.body = Value::object({{"status", "ok"}, {"version", api.options.version}});
  co_return reply;
}

// Ready: the store answers, and what an earlier stop left behind has been taken up.
Task<Result<Reply>> get_ready(Api& api, Call) {
  const bool starting = !api.ready || (api.services.drives && !api.runtime.caught_up());
  if (starting) co_return fail(Kind::unavailable, "server.starting", "the server is starting; try again in a moment");
  MBF_CO_CHECK(api.services.store.health());
  if (api.services.disk_low) co_return fail(Kind::unavailable, "runtime.disk_low", "the disk of the database is nearly full; free some space");
  MBF_CO_CHECK(co_await api.services.store.schedules());
  Reply reply;
  reply.body = Value::object({{"status", "ready"}});
  co_return reply;
}

Task<Result<Reply>> get_metrics(Api& api, Call) {
  const auto& c = api.services.counters;
  const auto count = [](const auto& counter) { return static_cast<std::int64_t>(counter.load(std::memory_order_relaxed)); };
  Metrics metrics;
  metrics.family("mbflow_executions_started_total", "counter", "Executions started.");
  metrics.sample(count(c.started));
  metrics.family("mbflow_executions_resumed_total", "counter", "Executions taken up again: after a stop, a sleep or a retry.");
  metrics.sample(count(c.resumed));
  metrics.family("mbflow_executions_finished_total", "counter", "Executions that ended, by status.");
  metrics.sample(count(c.succeeded), "status=\"succeeded\"");
  metrics.sample(count(c.failed), "status=\"failed\"");
  metrics.sample(count(c.cancelled), "status=\"cancelled\"");
  metrics.family("mbflow_executions_queued", "gauge", "Executions that wait for room, as last counted.");
  metrics.sample(std::max<std::int64_t>(0, count(c.queued)));
  metrics.family("mbflow_executions_active", "gauge", "Executions in memory now.");
  metrics.sample(count(c.active));
  metrics.family("mbflow_node_runs_total", "counter", "Node runs, by outcome.");
  metrics.sample(count(c.nodes_run), "outcome=\"succeeded\"");
  metrics.sample(count(c.nodes_failed), "outcome=\"failed\"");
  metrics.sample(count(c.nodes_retried), "outcome=\"retried\"");
  metrics.family("mbflow_executions_expired_total", "counter", "Executions deleted by retention.");
  metrics.sample(count(c.expired));
  metrics.family("mbflow_leases_lost_total", "counter", "Times this process lost touch with the store for too long and stopped what it drove.");
  metrics.sample(count(c.leases_lost));
  metrics.family("mbflow_commits_fenced_total", "counter", "Commits that the store refused because another process had taken over.");
  metrics.sample(count(c.commits_fenced));
  metrics.family("process_resident_memory_bytes", "gauge", "Resident memory of the process.");
  metrics.sample(resident_bytes());
  Reply reply;
  reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
  reply.text = std::move(metrics.text);
  co_return reply;
}

Task<Result<Reply>> get_page(Api& api, Call) {
  Reply reply;
  reply.content_type = "text/html; charset=utf-8";
  reply.text = start_page(api.options.version);
  reply.headers.emplace_back("content-security-policy",
                             "default-src 'none'; style-src 'sha256-" + start_page_style_hash() +
                                 "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  co_return reply;
}

}  // namespace mbflow::server
