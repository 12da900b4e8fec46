#include "nodes/items.h"
#include "noop.gen.h"

namespace mbflow::nodes::noop {

std::optional<Result<Output>> try_now(const Config&, Context& context) {
  if (!context.in_memory()) return std::nullopt;
  Output output;
  pass_items(context, output);
  return output;
}

Task<Result<Output>> run(const Config& config, Context& context) {
  if (auto result = try_now(config, context)) co_return *std::move(result);
  MBF_CO_CHECK(co_await stream_items(context));
  co_return Output();
}

}  // namespace mbflow::nodes::noop
