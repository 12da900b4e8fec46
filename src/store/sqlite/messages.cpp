#include "store/sqlite/messages.h"

#include "store/faults.h"
#include "store/filter.h"

#include <mbflow/json.h>

#include <limits>

namespace mbflow::store::sqlite {

namespace {

const std::string select = "SELECT number, tenant_id, name, source, key, data, at, handed_on FROM messages ";

Result<std::vector<Message>> messages_of(Query& rows) {
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
  MBF_CHECK(db.run("DELETE FROM subscriptions WHERE tenant_id = ? AND workflow_id = ?", tenant, id));
  for (const auto& one : subscriptions) {
    MBF_CHECK(db.run("INSERT INTO subscriptions(tenant_id, workflow_id, node_id, version, name) VALUES(?, ?, ?, ?, ?)", tenant, id,
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

Result<std::uint64_t> add_message(Connection& db, const Message& message) {
  MBF_CHECK(db.run("INSERT INTO messages(tenant_id, name, source, key, data, at) VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", message.tenant,
                   std::string_view(message.name), std::string_view(message.source), std::string_view(message.key), write_json(message.data),
                   message.at));
  if (db.changes() == 0) return message_exists();
  return static_cast<std::uint64_t>(db.last_rowid());
}

Result<std::vector<Message>> list_open_messages(Connection& db, int limit) {
  static const std::string sql = select + "INDEXED BY messages_open WHERE handed_on = 0 ORDER BY number LIMIT ?";
  auto rows = db.query(sql.c_str(), page_size(limit));
  return messages_of(rows);
}

Result<void> hand_on(Connection& db, const std::vector<std::uint64_t>& numbers) {
  for (const auto number : numbers) {
    MBF_CHECK(db.run("UPDATE messages SET handed_on = 1 WHERE number = ?", static_cast<std::int64_t>(number)));
  }
  return {};
}

Result<std::vector<Message>> list_messages(Connection& db, TenantId tenant, std::uint64_t before, int limit) {
  static const std::string sql = select + "INDEXED BY messages_by_tenant WHERE tenant_id = ? AND number < ? ORDER BY number DESC LIMIT ?";
  const std::int64_t last = before == 0 ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(before);
  auto rows = db.query(sql.c_str(), tenant, last, page_size(limit));
  return messages_of(rows);
}

Result<int> forget_messages(Connection& db, Timestamp before, int limit) {
  MBF_CHECK(db.run("DELETE FROM messages WHERE number IN (SELECT number FROM messages WHERE handed_on = 1 AND at < ? ORDER BY at LIMIT ?)", before,
                   page_size(limit)));
  return static_cast<int>(db.changes());
}

}  // namespace mbflow::store::sqlite
