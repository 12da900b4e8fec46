#include "access.gen.h"
#include "server/routes/routes.h"

#include <algorithm>

namespace mbflow::server {
namespace {

using P = Permission;

constexpr Route table[] = {
    {"GET", "/", P::open, "get_page", get_page},
    {"GET", "/healthz", P::open, "get_health", get_health},
    {"GET", "/readyz", P::open, "get_ready", get_ready},
    {"GET", "/metrics", P::read, "get_metrics", get_metrics},
    {"GET", "/api/openapi.json", P::open, "get_openapi", get_openapi},
    {"GET", "/api/docs", P::open, "get_docs", get_docs},
    {"GET", "/api/v1/node-types", P::read, "list_node_types", list_node_types},
    {"POST", "/api/v1/expressions/evaluate", P::read, "evaluate_expression", evaluate_expression, true},
    {"POST", "/api/v1/expressions/complete", P::read, "complete_expression", complete_expression, true},

    {"GET", "/api/v1/workflows", P::read, "list_workflows", list_workflows},
    {"POST", "/api/v1/workflows", P::write, "create_workflow", create_workflow, true},
    {"POST", "/api/v1/workflows/validate", P::read, "validate_document", validate_document, true},
    {"GET", "/api/v1/workflows/{id}", P::read, "get_workflow", get_workflow},
    {"PUT", "/api/v1/workflows/{id}", P::write, "put_workflow", put_workflow, true},
    {"PATCH", "/api/v1/workflows/{id}", P::write, "patch_workflow", patch_workflow, true},
    {"DELETE", "/api/v1/workflows/{id}", P::write, "delete_workflow", delete_workflow},
    {"POST", "/api/v1/workflows/{id}/validate", P::read, "validate_workflow", validate_workflow, true},
    {"POST", "/api/v1/workflows/{id}/publish", P::write, "publish_workflow", publish_workflow, true},
    {"POST", "/api/v1/workflows/{id}/unpublish", P::write, "unpublish_workflow", unpublish_workflow, true},
    {"GET", "/api/v1/workflows/{id}/versions", P::read, "list_versions", list_versions},
    {"GET", "/api/v1/workflows/{id}/versions/{version}", P::read, "get_version", get_version},
    {"GET", "/api/v1/workflows/{id}/diff", P::read, "compare_versions", compare_versions},
    {"POST", "/api/v1/workflows/{id}/restore", P::write, "restore_version", restore_version, true},
    {"POST", "/api/v1/workflows/{id}/duplicate", P::write, "duplicate_workflow", duplicate_workflow, true},
    {"GET", "/api/v1/workflows/{id}/export", P::read, "export_workflow", export_workflow},
    {"GET", "/api/v1/workflows/{id}/stats", P::read, "workflow_stats", workflow_stats},
    {"POST", "/api/v1/workflows/{id}/execute", P::run, "execute_workflow", execute_workflow, true},
    {"POST", "/api/v1/workflows/{id}/test", P::write, "test_workflow", test_workflow, true},
    {"POST", "/api/v1/workflows/{id}/nodes", P::write, "add_node", add_node, true},
    {"PUT", "/api/v1/workflows/{id}/nodes/{node}", P::write, "change_node", change_node, true},
    {"DELETE", "/api/v1/workflows/{id}/nodes/{node}", P::write, "remove_node", remove_node},
    {"POST", "/api/v1/workflows/{id}/edges", P::write, "add_edge", add_edge, true},
    {"PUT", "/api/v1/workflows/{id}/edges/{edge}", P::write, "change_edge", change_edge, true},
    {"DELETE", "/api/v1/workflows/{id}/edges/{edge}", P::write, "remove_edge", remove_edge},

    {"GET", "/api/v1/executions", P::read, "list_executions", list_executions},
    {"POST", "/api/v1/executions", P::write, "run_inline", run_inline, true},
    {"GET", "/api/v1/executions/stats", P::read, "execution_stats", execution_stats},
    {"GET", "/api/v1/executions/compare", P::read, "compare_executions", compare_executions},
    {"POST", "/api/v1/executions/cancel", P::run, "cancel_executions", cancel_executions, true},
    {"POST", "/api/v1/executions/retry", P::run, "retry_executions", retry_executions, true},
    {"GET", "/api/v1/executions/{id}", P::read, "get_execution", get_execution},
    {"DELETE", "/api/v1/executions/{id}", P::write, "delete_execution", delete_execution},
    {"GET", "/api/v1/executions/{id}/result", P::read, "get_result", get_result},
    {"GET", "/api/v1/executions/{id}/events", P::read, "get_events", get_events},
    {"GET", "/api/v1/executions/{id}/logs", P::read, "get_logs", get_logs},
    {"GET", "/api/v1/live", P::self, "open_live", open_live},
    {"GET", "/api/v1/executions/{id}/events/stream", P::read, "stream_events", stream_events},
    {"GET", "/api/v1/executions/{id}/nodes/{node}/output", P::read, "get_node_output", get_node_output},
    {"POST", "/api/v1/executions/{id}/cancel", P::run, "cancel_execution", cancel_execution, true},
    {"POST", "/api/v1/executions/{id}/decide", P::run, "decide_execution", decide_execution, true},
    {"POST", "/api/v1/executions/{id}/retry", P::run, "retry_execution", retry_execution, true},
    {"POST", "/api/v1/executions/{id}/replay", P::run, "replay_execution", replay_execution, true},

    {"GET", "/api/v1/triggers", P::read, "list_triggers", list_triggers},
    {"POST", "/api/v1/triggers/next-runs", P::read, "preview_schedule", preview_schedule, true},
    {"GET", "/api/v1/triggers/stats", P::read, "trigger_stats", trigger_stats},
    {"GET", "/api/v1/triggers/{id}", P::read, "get_trigger", get_trigger},
    {"POST", "/api/v1/triggers/{id}", P::run, "fire_trigger", fire_trigger, true},
    {"POST", "/api/v1/triggers/{id}/enable", P::run, "enable_trigger", enable_trigger, true, false, false, true},
    {"POST", "/api/v1/triggers/{id}/disable", P::run, "disable_trigger", disable_trigger, true, false, false, true},
    {"GET", "/api/v1/triggers/{id}/next-runs", P::read, "trigger_next_runs", trigger_next_runs},
    {"GET", "/api/v1/triggers/{id}/history", P::read, "trigger_history", trigger_history},

    {"GET", "/api/v1/events", P::read, "list_events", list_events},
    {"POST", "/api/v1/events", P::run, "send_events", send_events, true, true},

    {"GET", "/api/v1/credential-types", P::read, "list_credential_types", list_credential_types},
    {"GET", "/api/v1/credentials", P::read, "list_credentials", list_credentials},
    {"POST", "/api/v1/credentials", P::write, "create_credential", create_credential, true},
    {"POST", "/api/v1/credentials/callback", P::write, "finish_credential", finish_credential, true},
    {"GET", "/api/v1/credentials/{id}", P::read, "get_credential", get_credential},
    {"GET", "/api/v1/credentials/{id}/uses", P::read, "credential_uses", credential_uses},
    {"PUT", "/api/v1/credentials/{id}", P::write, "put_credential", put_credential, true},
    {"DELETE", "/api/v1/credentials/{id}", P::write, "delete_credential", delete_credential},
    {"POST", "/api/v1/credentials/{id}/test", P::write, "test_credential", test_credential, true},
    {"POST", "/api/v1/credentials/{id}/authorize", P::write, "authorize_credential", authorize_credential, true},
    {"GET", "/api/v1/variables", P::read, "list_variables", list_variables},
    {"POST", "/api/v1/variables", P::write, "create_variable", create_variable, true},
    {"GET", "/api/v1/variables/{id}", P::read, "get_variable", get_variable},
    {"PUT", "/api/v1/variables/{id}", P::write, "put_variable", put_variable, true},
    {"DELETE", "/api/v1/variables/{id}", P::write, "delete_variable", delete_variable},
    {"GET", "/api/v1/keys", P::house, "list_master_keys", list_master_keys},
    {"POST", "/api/v1/keys/rotate", P::house, "rotate_master_key", rotate_master_key},

    {"POST", "/api/v1/auth/sign-in", P::open, "sign_in", sign_in, true},
    {"POST", "/api/v1/auth/first-start", P::open, "first_start", first_start, true},
    {"POST", "/api/v1/auth/sign-out", P::self, "sign_out", sign_out, true},
    {"GET", "/api/v1/auth/session", P::self, "get_session", get_session},
    {"POST", "/api/v1/auth/password", P::self, "change_password", change_password, true, false, true},
    {"GET", "/api/v1/auth/ways", P::open, "get_sign_in_ways", get_sign_in_ways},
    {"GET", "/api/v1/auth/oidc", P::open, "begin_oidc", begin_oidc},
    {"GET", "/api/v1/auth/oidc/callback", P::open, "finish_oidc", finish_oidc},
    {"POST", "/api/v1/auth/oidc/link", P::self, "begin_oidc_link", begin_oidc_link, true, false, true},
    {"DELETE", "/api/v1/auth/oidc/link", P::self, "unlink_oidc", unlink_oidc},
    {"GET", "/api/v1/users", P::house, "list_users", list_users},
    {"POST", "/api/v1/users", P::house, "create_user", create_user, true},
    {"GET", "/api/v1/users/{id}", P::house, "get_user", get_user},
    {"PATCH", "/api/v1/users/{id}", P::house, "patch_user", patch_user, true},
    {"GET", "/api/v1/tenants", P::house, "list_tenants", list_tenants},
    {"POST", "/api/v1/tenants", P::house, "create_tenant", create_tenant, true},
    {"GET", "/api/v1/members", P::own, "list_members", list_members},
    {"POST", "/api/v1/members", P::own, "add_member", add_member, true},
    {"PUT", "/api/v1/members/{id}", P::own, "put_member", put_member, true},
    {"DELETE", "/api/v1/members/{id}", P::own, "remove_member", remove_member},
    {"GET", "/api/v1/api-keys", P::own, "list_api_keys", list_api_keys},
    {"POST", "/api/v1/api-keys", P::own, "create_api_key", create_api_key, true, false, true},
    {"DELETE", "/api/v1/api-keys/{id}", P::own, "revoke_api_key", revoke_api_key},
    {"GET", "/api/v1/audit", P::own, "list_audit", list_audit},
    {"GET", "/api/v1/audit/verify", P::house, "verify_audit", verify_audit},
};

// An entry of the reviewed list for each route, saying the same, and a route for each entry.
consteval bool is_reviewed() {
  for (const auto& route : table) {
    const auto* entry = std::ranges::find(reviewed, route.operation, &Reviewed::operation);
    if (entry == std::ranges::end(reviewed) || entry->permission != route.permission || route.permission == P::unsaid) return false;
  }
  return std::size(table) == std::size(reviewed);
}
static_assert(is_reviewed(), "a route is not in api/access.json, or who may call it is another there; have the change reviewed");

}  // namespace

std::span<const Route> routes() { return table; }

}  // namespace mbflow::server
