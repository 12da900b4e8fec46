#include "runtime/endings.h"

#include "trigger/event.h"

#include <algorithm>

namespace mbflow::runtime {
namespace {

Value error_to_json(const Run& run) {
  if (!run.state.error) return {};
  const Error& error = *run.state.error;
  const bool of_node = run.state.failed_node != no_node;
  return Value::object({{"code", error.code}, {"message", error.message}, {"node", of_node ? Value(run.plan().ids[run.state.failed_node]) : Value()}});
}

bool is_heard(const Run& run, std::string_view name) {
  return std::ranges::any_of(run.worker.listeners, [&](const store::Subscription& one) {
    return one.tenant == run.record.tenant && one.workflow != run.record.workflow && trigger::hears(one.name, name);
  });
}

}  // namespace

Task<Result<void>> learn_listeners(Worker& worker) {
  const auto version = worker.services.store.catalog_version();
  if (worker.listeners_of == version) co_return {};
  MBF_CO_TRY(auto all, co_await worker.services.store.subscriptions());
  std::erase_if(all, [](const store::Subscription& one) { return !one.enabled || !trigger::is_end(one.name); });
  worker.listeners = std::move(all);
  worker.listeners_of = version;
  co_return {};
}

std::shared_ptr<const store::Message> message_of_end(const Run& run) {
  const auto& workflow = run.plan().workflow;
  const std::string_view status = to_string(run.state.status);
  std::string name = std::string(trigger::ends) + std::string(status);
  const bool has_handler = run.state.status == ExecutionStatus::failed && !workflow.settings.on_failure.empty();
  const auto depth = run.state.start["depth"].as_integer();
  if (depth >= most_ends_in_a_row || (!has_handler && !is_heard(run, name))) return nullptr;
  ObjectBuilder data;
  data.append("execution_id", run.record.id.to_string());
  data.append("workflow_id", run.record.workflow.is_nil() ? Value() : Value(run.record.workflow.to_string()));
  data.append("workflow", workflow.name);
  data.append("version", run.record.version);
  data.append("status", status);
  data.append("trigger", run.record.trigger);
  data.append("started_at", format_timestamp(run.state.started_at));
  data.append("finished_at", format_timestamp(run.state.finished_at));
  data.append("error", error_to_json(run));
  data.append("depth", depth + 1);
  if (has_handler) data.append("on_failure", workflow.settings.on_failure);
  auto message = std::make_shared<store::Message>();
  message->tenant = run.record.tenant;
  message->name = std::move(name);
  message->source = "mbflow";
  message->at = run.state.finished_at;
  message->data = data.build();
  return message;
}

}  // namespace mbflow::runtime
