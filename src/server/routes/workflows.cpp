#include "base/yaml.h"
#include "model/document.h"
#include "runtime/rules.h"
#include "server/routes/routes.h"
#include "trigger/event.h"
#include "trigger/schedule.h"

namespace mbflow::server {
namespace {

using store::WorkflowRecord;

// {"workflow": {…}} or the document itself.
const Value& unwrapped(const Value& body) {
  const Value* inner = body.find("workflow");
  return inner && inner->is_object() ? *inner : body;
}

Result<WorkflowId> workflow_id(const Call& call) { return id_param<WorkflowId>(call, 0, "workflow"); }

}  // namespace

Headers etag(int version) { return {{"etag", "\"" + std::to_string(version) + "\""}}; }

Value without_record_fields(Value document) {
  for (auto key : {"id", "version", "status", "published_version", "created_at", "updated_at", "warnings"}) document = document.without(key);
  return document;
}

Task<Result<WorkflowRecord>> find_version(Api& api, Call call) {
  MBF_CO_TRY(auto id, workflow_id(call));
  const std::string wanted = call.query("version");
  int version = 0;
  if (wanted == "published") {
    MBF_CO_TRY(auto newest, co_await api.services.store.workflow(call.who.tenant, id, 0));
    version = newest.published_version;
    if (version == 0) co_return fail(Kind::conflict, "workflow.not_published", "this workflow is not published; publish it first");
  } else if (!wanted.empty() && wanted != "newest") {
    MBF_CO_TRY(version, int_query(call, "version", 0, 1, 1'000'000'000));
  }
  MBF_CO_TRY(auto record, co_await api.services.store.workflow(call.who.tenant, id, version));
  if (version > 0) record.version = version;
  co_return record;
}

Value workflow_to_json(const WorkflowRecord& record) {
  ObjectBuilder json;
  json.append("id", record.id.to_string());
  json.append("version", record.version);
  json.append("status", record.published_version > 0 ? "published" : "draft");
  json.append("published_version", record.published_version > 0 ? Value(record.published_version) : Value());
  json.append("created_at", format_timestamp(record.created_at));
  json.append("updated_at", format_timestamp(record.updated_at));
  if (record.document.is_object()) {
    for (const auto& member : record.document.members()) json.append(member.key, member.value);
    return json.build();
  }
  json.append("name", record.name);
  json.append("tags", Value::array(std::vector<Value>(record.tags.begin(), record.tags.end())));
  return json.build();
}

Result<std::optional<int>> if_match(const Call& call) {
  std::string_view text = call.request.header("if-match");
  if (text.empty() || text == "*") return std::optional<int>();
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  int version = 0;
  for (char c : text) {
    if (c < '0' || c > '9' || version > 100'000'000) return fail(Kind::invalid, "request.if_match", "If-Match must be the ETag of a version");
    version = version * 10 + (c - '0');
  }
  return std::optional<int>(version);
}

Task<Result<Reply>> save_document(Api& api, WorkflowRecord record, Value document, std::optional<int> expected, int status) {
  auto reading = read_document(document, runtime::document_rules(api.services.nodes));
  if (!reading.valid()) co_return invalid_document(reading.faults);
  record.name = reading.workflow.name;
  record.tags = reading.workflow.tags;
  record.document = reading.document;
  // What validation does not see (a constant that cannot be parsed) must not be saved either.
  MBF_CO_CHECK(runtime::prepare(std::move(reading.workflow), api.services.nodes));
  auto saved = co_await api.services.store.save_workflow(std::move(record), expected);
  if (!saved && expected && saved.error().code == "store.conflict") {
    Reply stale;
    const auto response = problem(saved.error(), 412);
    stale.status = 412;
    stale.content_type = response.headers.front().second;
    stale.text = response.body;
    co_return stale;
  }
  if (!saved) co_return std::move(saved).error();
  Reply reply;
  reply.status = status;
  reply.body = workflow_to_json(*saved);
  const Value warnings = faults_to_json(reading.faults, true);
  if (warnings.size() > 0) reply.body = reply.body.with("warnings", warnings);
  reply.headers = etag(saved->version);
  if (status == 201) reply.headers.emplace_back("location", "/api/v1/workflows/" + saved->id.to_string());
  co_return reply;
}

// With an id given by an earlier attempt of the same call: that made it, or this one does.
Task<Result<Reply>> create_once(Api& api, WorkflowRecord record, Value document) {
  const TenantId tenant = record.tenant;
  const WorkflowId id = record.id;
  if (!id.is_nil()) {
    auto made = co_await api.services.store.workflow(tenant, id, 1);
    if (made) {
      Reply reply;
      reply.status = 201;
      reply.body = workflow_to_json(*made);
      reply.headers = etag(1);
      co_return reply;
    }
  }
  const std::optional<int> expected = id.is_nil() ? std::nullopt : std::optional(0);
  co_return co_await save_document(api, std::move(record), std::move(document), expected, 201);
}

Task<Result<Reply>> create_workflow(Api& api, Call call) {
  WorkflowRecord record;
  record.tenant = call.who.tenant;
  record.id = WorkflowId(call.subject);
  Value document = unwrapped(call.body);
  co_return co_await create_once(api, std::move(record), std::move(document));
}

Task<Result<Reply>> list_workflows(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"limit", "cursor", "name", "tag", "status"}));
  store::WorkflowFilter filter;
  MBF_CO_TRY(filter.limit, int_query(call, "limit", 50, 1, 200));
  filter.name_contains = call.query("name");
  filter.tag = call.query("tag");
  const std::string status = call.query("status");
  if (!status.empty() && status != "published" && status != "draft") {
    co_return fail(Kind::invalid, "request.query", "'status' must be draft or published");
  }
  if (!status.empty()) filter.published = status == "published";
  const std::string cursor = call.query("cursor");
  if (!cursor.empty()) filter.before = WorkflowId::parse(cursor);
  if (!cursor.empty() && !filter.before) co_return fail(Kind::invalid, "request.query", "'cursor' must be a next_cursor of this list");
  const auto limit = static_cast<std::size_t>(filter.limit++);  // one more, to know whether there is a next page
  MBF_CO_TRY(auto records, co_await api.services.store.workflows(call.who.tenant, std::move(filter)));
  const bool more = records.size() > limit;
  if (more) records.resize(limit);
  std::vector<Value> items;
  for (const auto& record : records) items.push_back(workflow_to_json(record));
  Reply reply;
  const Value next = more ? Value(records.back().id.to_string()) : Value();
  reply.body = Value::object({{"items", Value::array(std::move(items))}, {"next_cursor", next}});
  co_return reply;
}

Task<Result<Reply>> get_workflow(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"version"}));
  MBF_CO_TRY(auto record, co_await find_version(api, std::move(call)));
  Reply reply;
  reply.body = workflow_to_json(record);
  reply.headers = etag(record.version);
  co_return reply;
}

Task<Result<Reply>> put_workflow(Api& api, Call call) {
  MBF_CO_TRY(auto id, workflow_id(call));
  MBF_CO_TRY(auto expected, if_match(call));
  MBF_CO_TRY(auto record, co_await api.services.store.workflow(call.who.tenant, id, 0));
  co_return co_await save_document(api, std::move(record), without_record_fields(unwrapped(call.body)), expected, 200);
}

Task<Result<Reply>> delete_workflow(Api& api, Call call) {
  MBF_CO_TRY(auto id, workflow_id(call));
  MBF_CO_CHECK(co_await api.services.store.delete_workflow(call.who.tenant, id));
  Reply reply;
  reply.status = 204;
  co_return reply;
}

namespace {

Reply validation(const Reading& reading) {
  Reply reply;
  reply.body = Value::object({{"valid", reading.valid()},
                              {"errors", faults_to_json(reading.faults, false)},
                              {"warnings", faults_to_json(reading.faults, true)}});
  return reply;
}

}  // namespace

namespace {

// One whose node says the same as the one that is live goes on counting where that one is; any other begins now.
Task<Result<std::vector<store::Schedule>>> schedules_of(Api& api, const store::WorkflowRecord& record, const Workflow& workflow) {
  std::vector<store::Schedule> schedules;
  std::shared_ptr<const runtime::Program> live;
  if (record.published_version > 0) {
    MBF_CO_TRY(live, co_await api.runtime.program(record.tenant, record.id, record.published_version));
  }
  for (const Node* node : trigger::schedule_nodes(workflow)) {
    MBF_CO_CHECK(trigger::parse_schedule(node->config, workflow.settings.timezone));
    const NodeIndex before = live ? live->plan->find(node->id) : no_node;
    const bool same = before != no_node && live->plan->workflow.nodes[before].config == node->config &&
                      live->plan->workflow.settings.timezone == workflow.settings.timezone;
    store::Schedule schedule;
    schedule.node_id = node->id;
    if (!same) schedule.since = api.services.env.now();
    schedules.push_back(std::move(schedule));
  }
  co_return schedules;
}

}  // namespace

Task<Result<Reply>> validate_document(Api& api, Call call) {
  co_return validation(read_document(unwrapped(call.body), runtime::document_rules(api.services.nodes)));
}

Task<Result<Reply>> validate_workflow(Api& api, Call call) {
  MBF_CO_TRY(auto record, co_await find_version(api, std::move(call)));
  co_return validation(read_document(record.document, runtime::document_rules(api.services.nodes)));
}

Task<Result<Reply>> publish_workflow(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {}));
  const TenantId tenant = call.who.tenant;
  MBF_CO_TRY(auto record, co_await find_version(api, std::move(call)));
  MBF_CO_TRY(auto program, co_await api.runtime.program(tenant, record.id, record.version));
  store::LiveTriggers triggers;
  for (auto& route : trigger::routes_of(program->plan->workflow)) {
    triggers.routes.push_back({route.path, route.method, tenant, record.id, record.version, route.node_id});
  }
  MBF_CO_TRY(triggers.schedules, co_await schedules_of(api, record, program->plan->workflow));
  for (const Node* node : trigger::event_nodes(program->plan->workflow)) {
    triggers.subscriptions.push_back({tenant, record.id, record.version, node->id, std::string(node->config["name"].as_string())});
  }
  MBF_CO_CHECK(co_await api.services.store.publish(tenant, record.id, record.version, std::move(triggers)));
  record.published_version = record.version;
  Reply reply;
  reply.body = workflow_to_json(record);
  co_return reply;
}

Task<Result<Reply>> unpublish_workflow(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {}));
  const TenantId tenant = call.who.tenant;
  MBF_CO_TRY(auto record, co_await find_version(api, std::move(call)));
  MBF_CO_CHECK(co_await api.services.store.publish(tenant, record.id, 0, store::LiveTriggers()));
  record.published_version = 0;
  Reply reply;
  reply.body = workflow_to_json(record);
  co_return reply;
}

Task<Result<Reply>> export_workflow(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"format", "version"}));
  const std::string format = call.query("format");
  MBF_CO_TRY(auto record, co_await find_version(api, std::move(call)));
  Reply reply;
  if (format.empty() || format == "json") {
    reply.body = record.document;
  } else if (format == "yaml") {
    reply.content_type = "application/yaml";
    reply.text = write_yaml(record.document);
  } else if (format == "mermaid") {
    reply.content_type = "text/plain; charset=utf-8";
    reply.text = write_mermaid(read_document(record.document, runtime::document_rules(api.services.nodes)).workflow);
  } else {
    co_return fail(Kind::invalid, "request.query", "'format' must be json, yaml or mermaid");
  }
  co_return reply;
}

}  // namespace mbflow::server
