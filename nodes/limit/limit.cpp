#include "limit.gen.h"
#include "nodes/items.h"

#include <algorithm>

namespace mbflow::nodes::limit {

Result<Output> run(const Config& config, Context& context) {
  const auto items = context.items();
  const std::size_t count = std::min(items.size(), static_cast<std::size_t>(config.count));
  const std::size_t first = config.from == Config::From::first ? 0 : items.size() - count;
  Output output;
  for (std::size_t i = first; i < first + count; ++i) output.add(item_from(items[i].json, i));
  return output;
}

}  // namespace mbflow::nodes::limit
