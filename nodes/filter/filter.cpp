#include "filter.gen.h"

namespace mbflow::nodes::filter {

Result<Output> run(const Config& config, Context& context) {
  Output output;
  if (is_truthy(config.condition)) {
    output.add(context.item().json);
  } else if (config.rest == Config::Rest::port) {
    output.add_to("dropped", context.item().json);
  }
  return output;
}

}  // namespace mbflow::nodes::filter
