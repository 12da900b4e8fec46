#include "store/suite/suite.h"

namespace mbflow::store {

ExecutionRecord execution_of(TenantId tenant, ExecutionId id, ExecutionStatus status) {
  ExecutionRecord record;
  record.id = id;
  record.tenant = tenant;
  record.status = status;
  record.trigger = "manual";
  record.created_at = Timestamp(std::chrono::seconds(1'700'000'000));
  return record;
}

Commit first_commit(ExecutionRecord record, std::string chunk, std::uint32_t last_seq) {
  record.last_seq = last_seq;
  return Commit{.record = std::move(record), .create = true, .first_seq = 1, .chunk = std::move(chunk)};
}

Commit next_commit(const ExecutionRecord& record, std::string chunk, std::uint32_t events) {
  Commit commit{.record = record, .create = false, .first_seq = record.last_seq + 1, .chunk = std::move(chunk)};
  commit.record.last_seq += events;
  return commit;
}

WorkflowRecord workflow_of(TenantId tenant, std::string name) {
  WorkflowRecord record;
  record.tenant = tenant;
  record.document = Value::object({{"name", Value(name)}, {"nodes", Value::array()}});
  record.name = std::move(name);
  return record;
}

WebhookRoute route_of(std::string path, std::string method, std::string node) {
  return WebhookRoute{.path = std::move(path), .method = std::move(method), .node_id = std::move(node)};
}

Schedule schedule_of(std::string node, Timestamp since) { return Schedule{.node_id = std::move(node), .since = since}; }

LiveTriggers live(std::vector<WebhookRoute> routes, std::vector<Schedule> schedules, std::vector<Subscription> subscriptions) {
  return LiveTriggers{.routes = std::move(routes), .schedules = std::move(schedules), .subscriptions = std::move(subscriptions)};
}

std::vector<ExecutionId> ids_of(const std::vector<ExecutionRecord>& records) {
  std::vector<ExecutionId> ids;
  for (const auto& record : records) ids.push_back(record.id);
  return ids;
}

ExecutionId nth_execution(std::uint64_t n) {
  ExecutionId id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[7 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  id.bytes[15] = 7;
  return id;
}

}  // namespace mbflow::store
