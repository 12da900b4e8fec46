// What $vars shows.
#pragma once

#include "runtime/program.h"
#include "runtime/worker.h"

namespace mbflow::runtime {

// The workflow's own variables above those of its tenant.
[[nodiscard]] Task<Result<Value>> variables_of(Services& services, TenantId tenant, std::shared_ptr<const Program> program);

}  // namespace mbflow::runtime
