#include "store/postgres/messages.h"

#include "store/faults.h"
#include "store/filter.h"

#include <mbflow/json.h>

#include <limits>

namespace mbflow::store::postgres {

namespace {

const std::string select = "SELECT number, tenant_id, name, source, key, data, at, handed_on FROM messages ";

Result<std::vector<Message>> messages_of(Rows& rows) {
  std::vector<Message> messages;
  while (rows.next()) {
    Message message;
    message.number = static_cast<std::uint64_t>(rows.integer(0));
    message.tenant = rows.id<TenantId>(1);
    message.name = rows.text(2);
    message.source = rows.text(3);
    message.key = rows.text(4);
    MBF_TRY(message.data, parse_json(rows.text(5)));
    message.at = rows.time(6);
    message.handed_on = rows.integer(7) != 0;
    messages.push_back(std::move(message));
  }
  MBF_CHECK(rows.status());
  return messages;
}

}  // namespace

Result<void> replace_subscriptions(Connection& db, TenantId tenant, WorkflowId id, int version,
                                   const std::vector<Subscription>& subscriptions) {
  MBF_CHECK(db.run("DELETE FROM subscriptions WHERE tenant_id = $1 AND workflow_id = $2", tenant, id));
  for (const auto& one : subscriptions) {
    MBF_CHECK(db.run("INSERT INTO subscriptions(tenant_id, workflow_id, node_id, version, name) VALUES($1, $2, $3, $4, $5)", tenant, id,
                     std::string_view(one.node_id), version, std::string_view(one.name)));
  }
  return {};
}

Result<std::vector<Subscription>> list_subscriptions(Connection& db) {
  std::vector<Subscription> list;
  auto rows = db.query(
      "SELECT tenant_id, workflow_id, version, node_id, name, coalesce(enabled, 1), coalesce(at, 0) FROM subscriptions "
      "LEFT JOIN switches USING (tenant_id, workflow_id, node_id) ORDER BY tenant_id, workflow_id, node_id");
  while (rows.next()) {
    list.push_back({rows.id<TenantId>(0), rows.id<WorkflowId>(1), rows.small(2), std::string(rows.text(3)), std::string(rows.text(4)),
                    rows.integer(5) != 0, rows.time(6)});
  }
  MBF_CHECK(rows.status());
  return list;
}

void add_to(Parameters& parameters, const Message& message) {
  parameters.add(message.tenant);
  parameters.add(message.name);
  parameters.add(message.source);
  parameters.add(message.key);
  parameters.add(write_json(message.data));
  parameters.add(message.at);
}

Result<std::uint64_t> add_message(Connection& db, const Message& message) {
  auto row = db.query(
      "INSERT INTO messages(tenant_id, name, source, key, data, at, handed_on) VALUES($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING RETURNING number",
      message.tenant, message.name, message.source, message.key, write_json(message.data), message.at);
  if (row.next()) return static_cast<std::uint64_t>(row.integer(0));
  MBF_CHECK(row.status());
  return message_exists();
}

Result<std::vector<Message>> list_open_messages(Connection& db, int limit) {
  static const std::string sql = select + "WHERE handed_on = 0 ORDER BY number LIMIT $1";
  auto rows = db.query(sql.c_str(), page_size(limit));
  return messages_of(rows);
}

Result<void> hand_on(Connection& db, const std::vector<std::uint64_t>& numbers) {
  return db.run("UPDATE messages SET handed_on = 1 WHERE number = ANY($1)", numbers);
}

Result<std::vector<Message>> list_messages(Connection& db, TenantId tenant, std::uint64_t before, int limit) {
  static const std::string sql = select + "WHERE tenant_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
  const std::int64_t last = before == 0 ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(before);
  auto rows = db.query(sql.c_str(), tenant, last, page_size(limit));
  return messages_of(rows);
}

Result<int> forget_messages(Connection& db, Timestamp before, int limit) {
  auto gone = db.query(
      "DELETE FROM messages WHERE number IN (SELECT number FROM messages WHERE handed_on = 1 AND at < $1 ORDER BY at LIMIT $2) RETURNING number",
      before, page_size(limit));
  int count = 0;
  while (gone.next()) ++count;
  MBF_CHECK(gone.status());
  return count;
}

}  // namespace mbflow::store::postgres
