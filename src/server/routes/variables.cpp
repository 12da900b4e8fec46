// Variables over HTTP: texts that workflows see as $vars, and secret ones whose value never comes out.
#include "server/routes/vault.h"

namespace mbflow::server {

namespace {

Value to_json(const store::Entry& entry) {
  const bool secret = entry.open["kind"].as_string() == "secret";
  return Value::object({{"id", entry.id.to_string()},
                        {"version", entry.version},
                        {"environment", entry.scope},
                        {"name", entry.name},
                        {"kind", entry.open["kind"]},
                        {"value", secret ? Value() : entry.open["value"]},
                        {"created_at", format_timestamp(entry.created_at)},
                        {"updated_at", format_timestamp(entry.updated_at)}});
}

Task<Result<Reply>> save_variable(Api& api, Call call, std::optional<EntryId> id) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_CHECK(only_fields(call.body, {"name", "environment", "kind", "value"}));
  MBF_CO_TRY(auto* vault, vault_of(api));
  MBF_CO_TRY(const auto expected, if_match(call));
  auto saved = co_await vault->save_variable(call.who.tenant, id, std::move(call.body), expected);
  if (!saved) co_return not_saved(std::move(saved).error(), expected.has_value());
  co_return entry_reply(to_json(*saved), id ? 200 : 201);
}

}  // namespace

Task<Result<Reply>> list_variables(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"environment"}));
  MBF_CO_TRY(const auto entries, co_await api.services.store.entries(call.who.tenant, "variable"));
  const std::string environment = call.query("environment");
  std::vector<Value> items;
  for (const auto& entry : entries) {
    if (environment.empty() || entry.scope == environment) items.push_back(to_json(entry));
  }
  Reply reply;
  reply.body = Value::object({{"items", Value::array(std::move(items))}, {"next_cursor", Value()}});
  co_return reply;
}

Task<Result<Reply>> create_variable(Api& api, Call call) { return save_variable(api, std::move(call), std::nullopt); }

Task<Result<Reply>> get_variable(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_TRY(const auto id, id_param<EntryId>(call, 0, "variable"));
  MBF_CO_TRY(const auto entry, co_await entry_of_kind(api, call.who.tenant, id, "variable"));
  co_return entry_reply(to_json(entry), 200);
}

Task<Result<Reply>> put_variable(Api& api, Call call) {
  MBF_CO_TRY(const auto id, id_param<EntryId>(call, 0, "variable"));
  MBF_CO_CHECK(co_await entry_of_kind(api, call.who.tenant, id, "variable"));
  co_return co_await save_variable(api, std::move(call), id);
}

Task<Result<Reply>> delete_variable(Api& api, Call call) { return delete_entry(api, std::move(call), "variable"); }

}  // namespace mbflow::server
