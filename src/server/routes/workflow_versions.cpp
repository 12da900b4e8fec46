// A workflow's past, and what is made from it: versions, their differences, an old one again, a copy, a small change.
#include "server/difference.h"
#include "server/routes/routes.h"

namespace mbflow::server {
namespace {

Result<WorkflowId> workflow_id(const Call& call) { return id_param<WorkflowId>(call, 0, "workflow"); }

Result<int> version_in(const Value& body, std::string_view name) {
  const Value& version = body[name];
  if (version.is_integer() && version.as_integer() > 0 && version.as_integer() < 1'000'000'000) return static_cast<int>(version.as_integer());
  return fail(Kind::invalid, "request.body", "\"" + std::string(name) + "\" must be the number of a version").with_at("/" + std::string(name));
}

// RFC 7396.
Value merge_patch(const Value& target, const Value& patch, int depth = 0) {
  if (!patch.is_object() || depth > Value::max_depth) return patch;
  Value merged = target.is_object() ? target : Value::object();
  for (const auto& member : patch.members()) {
    const auto key = member.key.as_string();
    merged = member.value.is_null() ? merged.without(key) : merged.with(key, merge_patch(merged[key], member.value, depth + 1));
  }
  return merged;
}

}  // namespace

Task<Result<Reply>> list_versions(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"limit", "cursor"}));
  MBF_CO_TRY(auto id, workflow_id(call));
  MBF_CO_TRY(const auto limit, int_query(call, "limit", 50, 1, 200));
  MBF_CO_TRY(const auto before, int_query(call, "cursor", 0, 1, 1'000'000'000));
  MBF_CO_TRY(auto record, co_await api.services.store.workflow(call.who.tenant, id, 0));
  MBF_CO_TRY(auto versions, co_await api.services.store.versions(call.who.tenant, id, before, limit + 1));
  const bool more = versions.size() > static_cast<std::size_t>(limit);
  if (more) versions.pop_back();
  std::vector<Value> items;
  for (const auto& version : versions) {
    items.push_back(Value::object({{"version", version.version},
                                   {"created_at", format_timestamp(version.created_at)},
                                   {"published", version.version == record.published_version}}));
  }
  Reply reply;
  const Value next = more ? Value(std::to_string(versions.back().version)) : Value();
  reply.body = Value::object({{"items", Value::array(std::move(items))}, {"next_cursor", next}});
  co_return reply;
}

Task<Result<Reply>> get_version(Api& api, Call call) {
  MBF_CO_TRY(auto id, workflow_id(call));
  call.request.query = "version=" + call.params[1];
  MBF_CO_TRY(const auto version, int_query(call, "version", 0, 1, 1'000'000'000));
  MBF_CO_TRY(auto record, co_await api.services.store.workflow(call.who.tenant, id, version));
  record.version = version;
  Reply reply;
  reply.body = workflow_to_json(record);
  reply.headers = etag(version);
  co_return reply;
}

Task<Result<Reply>> compare_versions(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"from", "to"}));
  MBF_CO_TRY(auto id, workflow_id(call));
  MBF_CO_TRY(auto newest, co_await api.services.store.workflow(call.who.tenant, id, 0));
  MBF_CO_TRY(const auto to, int_query(call, "to", newest.version, 1, 1'000'000'000));
  MBF_CO_TRY(const auto from, int_query(call, "from", std::max(1, to - 1), 1, 1'000'000'000));
  MBF_CO_TRY(auto before, co_await api.services.store.workflow(call.who.tenant, id, from));
  MBF_CO_TRY(auto after, co_await api.services.store.workflow(call.who.tenant, id, to));
  const Value found = document_difference(before.document, after.document);
  Reply reply;
  reply.body = Value::object({{"from", from}, {"to", to}, {"nodes", found["nodes"]}, {"edges", found["edges"]}, {"rest", found["rest"]}});
  co_return reply;
}

Task<Result<Reply>> restore_version(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"version"}));
  MBF_CO_TRY(auto id, workflow_id(call));
  MBF_CO_TRY(const auto version, version_in(call.body, "version"));
  MBF_CO_TRY(auto expected, if_match(call));
  MBF_CO_TRY(auto record, co_await api.services.store.workflow(call.who.tenant, id, 0));
  MBF_CO_TRY(auto old, co_await api.services.store.workflow(call.who.tenant, id, version));
  // Nobody's change in between is overwritten, also when the client did not ask for that.
  const int base = expected.value_or(record.version);
  co_return co_await save_document(api, std::move(record), std::move(old.document), base, 200);
}

Task<Result<Reply>> duplicate_workflow(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"version"}));
  MBF_CO_CHECK(only_fields(call.body, {"name"}));
  const std::string name(call.body["name"].as_string());
  store::WorkflowRecord record;
  record.tenant = call.who.tenant;
  record.id = WorkflowId(call.subject);
  MBF_CO_TRY(auto original, co_await find_version(api, std::move(call)));
  Value document = original.document.with("name", name.empty() ? original.name + " (copy)" : name);
  co_return co_await create_once(api, std::move(record), std::move(document));
}

Task<Result<Reply>> patch_workflow(Api& api, Call call) {
  if (!call.body.is_object()) co_return fail(Kind::invalid, "request.body", "the body must be a JSON object with what is to change");
  MBF_CO_TRY(auto id, workflow_id(call));
  MBF_CO_TRY(auto expected, if_match(call));
  MBF_CO_TRY(auto record, co_await api.services.store.workflow(call.who.tenant, id, 0));
  const int base = expected.value_or(record.version);
  Value document = merge_patch(record.document, without_record_fields(call.body));
  co_return co_await save_document(api, std::move(record), std::move(document), base, 200);
}

}  // namespace mbflow::server
