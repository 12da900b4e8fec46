// mbflow triggers: the same as the API's, on the database itself. A running server heeds a switch at once.
#include "app/commands.h"
#include "app/directory.h"
#include "server/live_triggers.h"
#include "trigger/schedule.h"

#include <mbflow/json.h>

#include <algorithm>
#include <cstdio>

namespace mbflow::app {
namespace {

struct Row {
  server::LiveTrigger live;
  std::string workflow;  // its name
};

Task<Result<std::vector<Row>>> list(DirectoryWork work) {
  MBF_CO_TRY(const auto tenant, co_await tenant_named(work.directory, work.words.at(0)));
  MBF_CO_TRY(auto triggers, co_await server::live_triggers(work.store, tenant, std::nullopt));
  std::vector<WorkflowId> ids;
  for (const auto& live : triggers) ids.push_back(live.workflow);
  MBF_CO_TRY(auto names, co_await work.store.workflow_names(tenant, std::move(ids)));
  std::vector<Row> rows;
  for (std::size_t i = 0; i < triggers.size(); ++i) rows.push_back({std::move(triggers[i]), std::move(names[i])});
  co_return rows;
}

// The words: tenant, trigger, "on" or "off".
Task<Result<void>> turn(DirectoryWork work) {
  MBF_CO_TRY(const auto tenant, co_await tenant_named(work.directory, work.words.at(0)));
  MBF_CO_TRY(auto id, server::read_trigger_id(work.words.at(1)));
  MBF_CO_TRY(const auto live, co_await server::find_trigger(work.store, tenant, std::move(id)));
  const bool on = work.words.at(2) == "on";
  MBF_CO_CHECK(co_await work.store.switch_trigger(tenant, live.workflow, live.node, on));
  co_return co_await note(work.directory, tenant, on ? "enable_trigger" : "disable_trigger", live.id());
}

// The words: tenant, trigger, how many.
Task<Result<std::vector<Timestamp>>> next(DirectoryWork work) {
  MBF_CO_TRY(const auto tenant, co_await tenant_named(work.directory, work.words.at(0)));
  MBF_CO_TRY(auto id, server::read_trigger_id(work.words.at(1)));
  MBF_CO_TRY(const auto live, co_await server::find_trigger(work.store, tenant, std::move(id)));
  if (!live.schedule) co_return fail(Kind::invalid, "trigger.no_schedule", "it runs when it is called; only schedules have next runs");
  if (!live.enabled) co_return std::vector<Timestamp>();
  MBF_CO_TRY(const auto record, co_await work.store.workflow(tenant, live.workflow, live.version));
  const auto& nodes = record.document["nodes"].elements();
  const auto node = std::ranges::find_if(nodes, [&](const Value& one) { return one["id"].as_string() == live.node; });
  const Error gone = fail(Kind::not_found, "trigger.unknown", "the published version has no such node");
  if (node == nodes.end()) co_return gone;
  const Value* zone = record.document["settings"].find("timezone");
  MBF_CO_TRY(const auto schedule, trigger::parse_schedule((*node)["config"], std::string(zone ? zone->as_string() : "UTC")));
  co_return trigger::next_runs(schedule, system_env().now(), static_cast<std::size_t>(std::stoi(work.words.at(2))));
}

// The words: tenant, trigger, how many.
Task<Result<server::TriggerRuns>> past(DirectoryWork work) {
  MBF_CO_TRY(const auto tenant, co_await tenant_named(work.directory, work.words.at(0)));
  MBF_CO_TRY(auto id, server::read_trigger_id(work.words.at(1)));
  co_return co_await server::trigger_history(work.store, tenant, std::move(id), std::string(), static_cast<std::size_t>(std::stoi(work.words.at(2))));
}

std::string heard(const server::LiveTrigger& live) { return live.routes.empty() ? live.event : "/webhooks/" + live.routes.front().path; }

Value shown(const Row& row) {
  return Value::object({{"id", row.live.id()},
                        {"type", row.live.type()},
                        {"enabled", row.live.enabled},
                        {"workflow_name", row.workflow},
                        {"version", row.live.version},
                        {"hears", row.live.schedule ? Value() : Value(heard(row.live))}});
}

}  // namespace

int list_triggers(const Settings& settings, const std::string& tenant, bool json) {
  auto rows = with_directory(settings, list, {tenant});
  if (!rows) return failed(rows.error());
  std::vector<Value> items;
  for (const auto& row : *rows) {
    const auto& live = row.live;
    const std::string line = live.id() + "  " + (live.enabled ? "on " : "off") + "  " + std::string(live.type()) + "  " + row.workflow;
    if (!json) std::printf("%s%s\n", line.c_str(), live.schedule ? "" : ("  " + heard(live)).c_str());
    items.push_back(shown(row));
  }
  if (json) std::puts(write_json(Value::array(std::move(items))).c_str());
  return exit_ok;
}

int switch_trigger(const Settings& settings, const std::string& tenant, const std::string& id, bool on) {
  if (auto done = with_directory(settings, turn, {tenant, id, on ? "on" : "off"}); !done) return failed(done.error());
  return exit_ok;
}

int show_next_runs(const Settings& settings, const std::string& tenant, const std::string& id, int count, bool json) {
  auto times = with_directory(settings, next, {tenant, id, std::to_string(count)});
  if (!times) return failed(times.error());
  std::vector<Value> items;
  for (const auto at : *times) {
    if (!json) std::puts(format_timestamp(at).c_str());
    items.emplace_back(format_timestamp(at));
  }
  if (json) std::puts(write_json(Value::array(std::move(items))).c_str());
  return exit_ok;
}

int show_history(const Settings& settings, const std::string& tenant, const std::string& id, int limit, bool json) {
  auto runs = with_directory(settings, past, {tenant, id, std::to_string(limit)});
  if (!runs) return failed(runs.error());
  if (json) return std::puts(write_json(server::to_json(*runs)["items"]).c_str()), exit_ok;
  for (const auto& run : runs->items) {
    const std::string execution = run.execution.is_nil() ? "" : "  " + run.status + "  " + run.execution.to_string();
    std::printf("%s  %s%s\n", format_timestamp(run.at).c_str(), run.outcome.c_str(), execution.c_str());
  }
  return exit_ok;
}

}  // namespace mbflow::app
