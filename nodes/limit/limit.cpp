#include "limit.gen.h"
#include "nodes/items.h"

#include <algorithm>

namespace mbflow::nodes::limit {
namespace {

// Positions among all items.
struct Range {
  std::size_t first;
  std::size_t end;
};

Range range_of(const Config& config, std::size_t all) {
  const std::size_t count = std::min(all, static_cast<std::size_t>(config.count));
  const std::size_t first = config.from == Config::From::first ? 0 : all - count;
  return {first, first + count};
}

Output within(const Range& range, std::span<const Item> items, std::size_t position) {
  Output output;
  for (const Item& item : items) {
    if (position >= range.first && position < range.end) output.add(item_from(item.json, position));
    ++position;
  }
  return output;
}

}  // namespace

std::optional<Result<Output>> try_now(const Config& config, Context& context) {
  if (!context.in_memory()) return std::nullopt;
  return within(range_of(config, context.count()), context.items(), 0);
}

Task<Result<Output>> run(const Config& config, Context& context) {
  const Range range = range_of(config, context.count());
  std::size_t position = 0;
  while (position < range.end) {
    MBF_CO_TRY(const auto items, co_await context.next_items());
    if (items.empty()) break;
    Output part = within(range, items, position);
    position += items.size();
    MBF_CO_CHECK(co_await context.give(std::move(part)));
  }
  co_return Output();
}

}  // namespace mbflow::nodes::limit
