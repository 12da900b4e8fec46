#include "nodes/config_parse.h"
#include "nodes/items.h"
#include "wait.gen.h"

#include <mbflow/text.h>

namespace mbflow::nodes::wait {
namespace {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;

Result<Instant> wake_at(const Config& config, Instant now) {
  if (config.duration) return now + *config.duration;
  if (!config.until) {
    return fail(Kind::invalid, "config.required", "say how long to wait: give \"duration\" or \"until\"")
        .with_at("/duration");
  }
  const auto until = parse_timestamp(*config.until);
  if (until) return *until;
  return fail(Kind::invalid, "config.type",
              "\"" + *config.until +
                  "\" is not an instant: write it with its offset, like 2026-12-31T09:00:00+03:00 or …Z")
      .with_at("/until");
}

}  // namespace

Result<Output> run(const Config& config, Context& context) {
  if (!context.resumed()) {
    MBF_TRY(const Instant wake, wake_at(config, context.now()));
    if (wake > context.now()) return Output::sleep_until(wake);
  }
  Output output;
  pass_items(context, output);
  return output;
}

}  // namespace mbflow::nodes::wait
