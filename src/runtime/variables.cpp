#include "runtime/variables.h"

namespace mbflow::runtime {

Task<Result<Value>> variables_of(Services& services, TenantId tenant, std::shared_ptr<const Program> program) {
  if (services.vault == nullptr) co_return program->variables;
  MBF_CO_TRY(const auto known, co_await services.vault->variables(tenant));
  if (known->open.size() == 0) co_return program->variables;
  Value variables = known->open;
  for (const auto& [name, value] : program->variables.members()) variables = variables.with(name.as_string(), value);
  co_return variables;
}

}  // namespace mbflow::runtime
