// The handlers, one group a resource. Each is a row of the table in routes.cpp.
#pragma once

#include "server/api.h"
#include "server/problem.h"
#include "server/router.h"

namespace mbflow::server {

// workflows.cpp
Task<Result<Reply>> create_workflow(Api& api, Call call);
Task<Result<Reply>> list_workflows(Api& api, Call call);
Task<Result<Reply>> get_workflow(Api& api, Call call);
Task<Result<Reply>> put_workflow(Api& api, Call call);
Task<Result<Reply>> delete_workflow(Api& api, Call call);
Task<Result<Reply>> validate_document(Api& api, Call call);
Task<Result<Reply>> validate_workflow(Api& api, Call call);
Task<Result<Reply>> publish_workflow(Api& api, Call call);
Task<Result<Reply>> unpublish_workflow(Api& api, Call call);
Task<Result<Reply>> export_workflow(Api& api, Call call);

// workflow_versions.cpp
Task<Result<Reply>> list_versions(Api& api, Call call);
Task<Result<Reply>> get_version(Api& api, Call call);
Task<Result<Reply>> compare_versions(Api& api, Call call);
Task<Result<Reply>> restore_version(Api& api, Call call);
Task<Result<Reply>> duplicate_workflow(Api& api, Call call);
Task<Result<Reply>> patch_workflow(Api& api, Call call);

// runs.cpp
// Starts it and, when asked to, waits for its end. The same start again (by its id) is answered as it stands now.
Task<Result<Reply>> run_once(Api& api, runtime::StartRequest start, Duration wait);
Task<Result<Reply>> execute_workflow(Api& api, Call call);
Task<Result<Reply>> run_inline(Api& api, Call call);
Task<Result<Reply>> test_workflow(Api& api, Call call);
Task<Result<Reply>> replay_execution(Api& api, Call call);

// workflow_parts.cpp
Task<Result<Reply>> add_node(Api& api, Call call);
Task<Result<Reply>> change_node(Api& api, Call call);
Task<Result<Reply>> remove_node(Api& api, Call call);
Task<Result<Reply>> add_edge(Api& api, Call call);
Task<Result<Reply>> change_edge(Api& api, Call call);
Task<Result<Reply>> remove_edge(Api& api, Call call);

// execution_lists.cpp, execution_stats.cpp, execution_data.cpp, execution_logs.cpp
Task<Result<Reply>> list_executions(Api& api, Call call);
Task<Result<Reply>> cancel_executions(Api& api, Call call);
Task<Result<Reply>> retry_executions(Api& api, Call call);
Task<Result<Reply>> execution_stats(Api& api, Call call);
Task<Result<Reply>> workflow_stats(Api& api, Call call);
Task<Result<Reply>> get_node_output(Api& api, Call call);
Task<Result<Reply>> compare_executions(Api& api, Call call);
Task<Result<Reply>> get_logs(Api& api, Call call);

// executions.cpp
Task<Result<Reply>> get_execution(Api& api, Call call);
Task<Result<Reply>> get_result(Api& api, Call call);
Task<Result<Reply>> get_events(Api& api, Call call);
Task<Result<Reply>> cancel_execution(Api& api, Call call);
Task<Result<Reply>> decide_execution(Api& api, Call call);
Task<Result<Reply>> retry_execution(Api& api, Call call);
Task<Result<Reply>> delete_execution(Api& api, Call call);

// live/
Task<Result<Reply>> open_live(Api& api, Call call);
Task<Result<Reply>> stream_events(Api& api, Call call);

// triggers.cpp
Task<Result<Reply>> list_triggers(Api& api, Call call);
Task<Result<Reply>> get_trigger(Api& api, Call call);
Task<Result<Reply>> enable_trigger(Api& api, Call call);
Task<Result<Reply>> disable_trigger(Api& api, Call call);
Task<Result<Reply>> trigger_next_runs(Api& api, Call call);
Task<Result<Reply>> trigger_history(Api& api, Call call);
Task<Result<Reply>> trigger_stats(Api& api, Call call);
Task<Result<Reply>> fire_trigger(Api& api, Call call);
Task<Result<Reply>> preview_schedule(Api& api, Call call);

// expressions.cpp
Task<Result<Reply>> evaluate_expression(Api& api, Call call);
Task<Result<Reply>> complete_expression(Api& api, Call call);

// openapi.cpp
Task<Result<Reply>> get_openapi(Api& api, Call call);
Task<Result<Reply>> get_docs(Api& api, Call call);

// events.cpp
Task<Result<Reply>> send_events(Api& api, Call call);
Task<Result<Reply>> list_events(Api& api, Call call);

// system.cpp
Task<Result<Reply>> list_node_types(Api& api, Call call);
Task<Result<Reply>> get_health(Api& api, Call call);
Task<Result<Reply>> get_ready(Api& api, Call call);
Task<Result<Reply>> get_metrics(Api& api, Call call);
Task<Result<Reply>> get_page(Api& api, Call call);

// credentials.cpp
Task<Result<Reply>> list_credential_types(Api& api, Call call);
Task<Result<Reply>> list_credentials(Api& api, Call call);
Task<Result<Reply>> create_credential(Api& api, Call call);
Task<Result<Reply>> get_credential(Api& api, Call call);
Task<Result<Reply>> put_credential(Api& api, Call call);
Task<Result<Reply>> delete_credential(Api& api, Call call);
Task<Result<Reply>> test_credential(Api& api, Call call);
Task<Result<Reply>> authorize_credential(Api& api, Call call);
Task<Result<Reply>> finish_credential(Api& api, Call call);
Task<Result<Reply>> list_master_keys(Api& api, Call call);
Task<Result<Reply>> rotate_master_key(Api& api, Call call);

// credential_uses.cpp
Task<Result<Reply>> credential_uses(Api& api, Call call);

// variables.cpp
Task<Result<Reply>> list_variables(Api& api, Call call);
Task<Result<Reply>> create_variable(Api& api, Call call);
Task<Result<Reply>> get_variable(Api& api, Call call);
Task<Result<Reply>> put_variable(Api& api, Call call);
Task<Result<Reply>> delete_variable(Api& api, Call call);

// ── shared by them
// The record as clients see it: {"id", "version", "status", "published_version", times, …document}.
[[nodiscard]] Value workflow_to_json(const store::WorkflowRecord& record);
[[nodiscard]] Headers etag(int version);
// What a client got from us it may send back: our own fields are not part of the document.
[[nodiscard]] Value without_record_fields(Value document);
// The workflow of the address, in the version that the query asks for: 3, newest, published; the newest when nothing is said.
[[nodiscard]] Task<Result<store::WorkflowRecord>> find_version(Api& api, Call call);
// A new workflow; with an id, the one that an earlier attempt of the same call may have made.
[[nodiscard]] Task<Result<Reply>> create_once(Api& api, store::WorkflowRecord record, Value document);
// Reads a document, and saves it as a new version when nothing is wrong with it. `record` tells which workflow (nil id: a new
// one); `expected` as of Store::save_workflow.
[[nodiscard]] Task<Result<Reply>> save_document(Api& api, store::WorkflowRecord record, Value document, std::optional<int> expected,
                                                int status);
// The version that If-Match names; nothing when the header is absent. Error request.if_match.
[[nodiscard]] Result<std::optional<int>> if_match(const Call& call);
// JSON that seldom changes: 304 for whoever has it.
[[nodiscard]] Reply with_etag(const Call& call, const std::string& json);
// {"id", "status", "output", "error"}
[[nodiscard]] Value ending_to_json(const ExecutionId& id, const runtime::Ending& ending);
[[nodiscard]] Value error_to_json(const Error* error, std::string_view node);

// auth.cpp
Task<Result<Reply>> sign_in(Api& api, Call call);
Task<Result<Reply>> sign_out(Api& api, Call call);
Task<Result<Reply>> first_start(Api& api, Call call);
Task<Result<Reply>> get_session(Api& api, Call call);
Task<Result<Reply>> change_password(Api& api, Call call);

// oidc.cpp
Task<Result<Reply>> get_sign_in_ways(Api& api, Call call);
Task<Result<Reply>> begin_oidc(Api& api, Call call);
Task<Result<Reply>> finish_oidc(Api& api, Call call);
Task<Result<Reply>> begin_oidc_link(Api& api, Call call);
Task<Result<Reply>> unlink_oidc(Api& api, Call call);

// people.cpp
Task<Result<Reply>> list_users(Api& api, Call call);
Task<Result<Reply>> create_user(Api& api, Call call);
Task<Result<Reply>> get_user(Api& api, Call call);
Task<Result<Reply>> patch_user(Api& api, Call call);
Task<Result<Reply>> list_members(Api& api, Call call);
Task<Result<Reply>> add_member(Api& api, Call call);
Task<Result<Reply>> put_member(Api& api, Call call);
Task<Result<Reply>> remove_member(Api& api, Call call);

// api_keys.cpp
Task<Result<Reply>> list_api_keys(Api& api, Call call);
Task<Result<Reply>> create_api_key(Api& api, Call call);
Task<Result<Reply>> revoke_api_key(Api& api, Call call);
Task<Result<Reply>> list_tenants(Api& api, Call call);
Task<Result<Reply>> create_tenant(Api& api, Call call);
Task<Result<Reply>> list_audit(Api& api, Call call);
Task<Result<Reply>> verify_audit(Api& api, Call call);

}  // namespace mbflow::server
