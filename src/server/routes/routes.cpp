#include "server/routes/routes.h"

namespace mbflow::server {
namespace {

using P = Permission;

constexpr Route table[] = {
    {"GET", "/", P::open, get_page},
    {"GET", "/healthz", P::open, get_health},
    {"GET", "/readyz", P::open, get_ready},
    {"GET", "/metrics", P::read, get_metrics},
    {"GET", "/api/v1/node-types", P::read, list_node_types},

    {"GET", "/api/v1/workflows", P::read, list_workflows},
    {"POST", "/api/v1/workflows", P::write, create_workflow, true},
    {"POST", "/api/v1/workflows/validate", P::read, validate_document, true},
    {"GET", "/api/v1/workflows/{id}", P::read, get_workflow},
    {"PUT", "/api/v1/workflows/{id}", P::write, put_workflow, true},
    {"DELETE", "/api/v1/workflows/{id}", P::write, delete_workflow},
    {"POST", "/api/v1/workflows/{id}/validate", P::read, validate_workflow, true},
    {"POST", "/api/v1/workflows/{id}/publish", P::write, publish_workflow, true},
    {"POST", "/api/v1/workflows/{id}/unpublish", P::write, unpublish_workflow, true},
    {"GET", "/api/v1/workflows/{id}/export", P::read, export_workflow},
    {"POST", "/api/v1/workflows/{id}/execute", P::run, execute_workflow, true},
    {"POST", "/api/v1/workflows/{id}/nodes", P::write, add_node, true},
    {"PUT", "/api/v1/workflows/{id}/nodes/{node}", P::write, change_node, true},
    {"DELETE", "/api/v1/workflows/{id}/nodes/{node}", P::write, remove_node},
    {"POST", "/api/v1/workflows/{id}/edges", P::write, add_edge, true},
    {"PUT", "/api/v1/workflows/{id}/edges/{edge}", P::write, change_edge, true},
    {"DELETE", "/api/v1/workflows/{id}/edges/{edge}", P::write, remove_edge},

    {"GET", "/api/v1/executions", P::read, list_executions},
    {"GET", "/api/v1/executions/{id}", P::read, get_execution},
    {"GET", "/api/v1/executions/{id}/result", P::read, get_result},
    {"GET", "/api/v1/executions/{id}/events", P::read, get_events},
    {"POST", "/api/v1/executions/{id}/cancel", P::run, cancel_execution, true},
    {"POST", "/api/v1/executions/{id}/decide", P::run, decide_execution, true},
    {"POST", "/api/v1/executions/{id}/retry", P::run, retry_execution, true},

    {"GET", "/api/v1/events", P::read, list_events},
    {"POST", "/api/v1/events", P::run, send_events, true, true},
};

}  // namespace

std::span<const Route> routes() { return table; }

}  // namespace mbflow::server
