#include "switch.gen.h"

namespace mbflow::nodes::switch_ {

Result<Output> run(const Config& config, Context& context) {
  Output output;
  bool taken = false;
  for (const Config::Rule& rule : config.rules) {
    if (!is_truthy(rule.when)) continue;
    output.add_to(rule.port, context.item().json);
    taken = true;
    if (!config.all_matching) break;
  }
  if (!taken && config.fallback == Config::Fallback::default_) output.add_to("default", context.item().json);
  return output;
}

}  // namespace mbflow::nodes::switch_
