#include "conditional.gen.h"

namespace mbflow::nodes::conditional {

Result<Output> run(const Config& config, Context& context) {
  Output output;
  output.add_to(is_truthy(config.condition) ? "true" : "false", context.item().json);
  return output;
}

}  // namespace mbflow::nodes::conditional
