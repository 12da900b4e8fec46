// Where a credential is named: before it is deleted, one wants to know.
#include "model/schema_place.h"
#include "model/type_facts.h"
#include "server/routes/vault.h"

namespace mbflow::server {
namespace {

constexpr int page_size = 200;

struct Named {
  std::string id, name;
  [[nodiscard]] bool is(std::string_view reference) const { return reference == id || reference == name; }
};

// Whether a field of the format `credential` names it. Without recursion: how deep a config goes is its author's choice.
bool names(const Value& config, const Value& schema, const Named& credential) {
  std::vector<std::pair<const Value*, SchemaPlace>> open{{&config, SchemaPlace(schema)}};
  while (!open.empty()) {
    const auto [value, place] = std::move(open.back());
    open.pop_back();
    if (value->is_string() && place.has_format("credential") && credential.is(value->as_string())) return true;
    for (const auto& [key, member] : value->members()) open.emplace_back(&member, place.member(key.as_string()));
    for (std::size_t i = 0; i < value->elements().size(); ++i) open.emplace_back(&(*value)[i], place.element(i));
  }
  return false;
}

void add_uses(const store::WorkflowRecord& record, int version, const Named& credential, const NodeTable& types, std::vector<Value>& uses) {
  for (const Value& node : record.document["nodes"].elements()) {
    const NodeType* type = types.find(node["type"].as_string());
    if (!type || !names(node["config"], facts_of(*type)->config, credential)) continue;
    const Value& name = node["name"];
    uses.push_back(Value::object({{"workflow_id", record.id.to_string()},
                                  {"workflow_name", record.name},
                                  {"version", version},
                                  {"published", version == record.published_version},
                                  {"node", node["id"]},
                                  {"node_name", name.is_string() ? name : node["id"]}}));
  }
}

Task<Result<void>> add_uses_of(Api& api, TenantId tenant, store::WorkflowRecord listed, Named credential, std::vector<Value>& uses) {
  std::vector<int> versions{listed.version};
  if (listed.published_version != 0 && listed.published_version != listed.version) versions.push_back(listed.published_version);
  for (const int version : versions) {
    auto record = co_await api.services.store.workflow(tenant, listed.id, version);
    if (!record && record.error().code == "store.not_found") continue;  // deleted in the meantime
    if (!record) co_return std::move(record).error();
    add_uses(*record, version, credential, api.services.nodes, uses);
  }
  co_return Result<void>();
}

}  // namespace

Task<Result<Reply>> credential_uses(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_TRY(const auto id, id_param<EntryId>(call, 0, "credential"));
  MBF_CO_TRY(const auto entry, co_await entry_of_kind(api, call.who.tenant, id, "credential"));
  const Named credential{id.to_string(), entry.name};
  std::vector<Value> uses;
  store::WorkflowFilter filter;
  filter.limit = page_size;
  while (true) {
    MBF_CO_TRY(auto page, co_await api.services.store.workflows(call.who.tenant, filter));
    for (const auto& record : page) MBF_CO_CHECK(co_await add_uses_of(api, call.who.tenant, record, credential, uses));
    if (page.size() < static_cast<std::size_t>(page_size)) break;
    filter.before = page.back().id;
  }
  Reply reply;
  reply.body = Value::object({{"items", Value::array(std::move(uses))}});
  co_return reply;
}

}  // namespace mbflow::server
