#include "server/routes/routes.h"

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
    {"GET", "/api/v1/executions/{id}/events/stream", P::read, "stream_events", stream_events},
    {"GET", "/api/v1/executions/{id}/nodes/{node}/output", P::read, "get_node_output", get_node_output},
    {"POST", "/api/v1/executions/{id}/cancel", P::run, "cancel_execution", cancel_execution, true},
    {"POST", "/api/v1/executions/{id}/decide", P::run, "decide_execution", decide_execution, true},
    {"POST", "/api/v1/executions/{id}/retry", P::run, "retry_execution", retry_execution, true},
    {"POST", "/api/v1/executions/{id}/replay", P::run, "replay_execution", replay_execution, true},

    {"GET", "/api/v1/triggers", P::read, "list_triggers", list_triggers},
    {"POST", "/api/v1/triggers/next-runs", P::read, "preview_schedule", preview_schedule, true},
    {"GET", "/api/v1/triggers/{id}", P::read, "get_trigger", get_trigger},
    {"POST", "/api/v1/triggers/{id}", P::run, "fire_trigger", fire_trigger, true},
    {"GET", "/api/v1/triggers/{id}/next-runs", P::read, "trigger_next_runs", trigger_next_runs},
    {"GET", "/api/v1/triggers/{id}/history", P::read, "trigger_history", trigger_history},

    {"GET", "/api/v1/events", P::read, "list_events", list_events},
    {"POST", "/api/v1/events", P::run, "send_events", send_events, true, true},
};

}  // namespace

std::span<const Route> routes() { return table; }

}  // namespace mbflow::server
