// Messages and who subscribes to them, in SQL. Called on a database thread; the writing ones inside a transaction.
#pragma once

#include "store/postgres/connection.h"
#include "store/store.h"

namespace mbflow::store::postgres {

// Puts these in place of the workflow's subscriptions.
[[nodiscard]] Result<void> replace_subscriptions(Connection& db, TenantId tenant, WorkflowId id, int version,
                                                 const std::vector<Subscription>& subscriptions);
[[nodiscard]] Result<std::vector<Subscription>> list_subscriptions(Connection& db);

// Its columns, in order: tenant_id, name, source, key, data, at. It lives until they are sent.
void add_to(Parameters& parameters, const Message& message);
[[nodiscard]] Result<std::uint64_t> add_message(Connection& db, const Message& message);
[[nodiscard]] Result<std::vector<Message>> list_open_messages(Connection& db, int limit);
[[nodiscard]] Result<void> hand_on(Connection& db, const std::vector<std::uint64_t>& numbers);
[[nodiscard]] Result<std::vector<Message>> list_messages(Connection& db, TenantId tenant, std::uint64_t before, int limit);
[[nodiscard]] Result<int> forget_messages(Connection& db, Timestamp before, int limit);

}  // namespace mbflow::store::postgres
