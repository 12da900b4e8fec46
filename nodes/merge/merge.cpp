#include "join.h"
#include "merge.gen.h"
#include "nodes/items.h"

namespace mbflow::nodes::merge {
namespace {

using Mode = Config::Mode;

Result<Output> choose(const Config& config, Context& context) {
  const auto parts = parts_of(context);
  Output output;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool chosen = config.input ? *config.input == static_cast<std::int64_t>(i + 1) : !parts[i].items.empty();
    if (!chosen) continue;
    for (std::size_t k = 0; k < parts[i].items.size(); ++k) {
      output.add(item_from(parts[i].items[k].json, parts[i].first + k));
    }
    return output;
  }
  if (!config.input) return output;
  return fail(Kind::invalid, "merge.no_input",
              "there is no input " + std::to_string(*config.input) + ": " + std::to_string(parts.size()) +
                  " edges lead here, numbered from 1 in their order")
      .with_at("/input");
}

}  // namespace

std::optional<Result<Output>> try_now(const Config& config, Context& context) {
  if (!context.in_memory()) return std::nullopt;
  Output output;
  switch (config.mode) {
    case Mode::append:
      pass_items(context, output);
      return output;
    case Mode::by_key:
      return join_by_key(config, parts_of(context));
    case Mode::by_position:
      return pair_by_position(config, parts_of(context));
    case Mode::combinations:
      return combine_all(config, parts_of(context));
    case Mode::choose:
      return choose(config, context);
  }
  return output;
}

// One behind the other needs no more than one look at each; the rest looks at all of them at a time.
Task<Result<Output>> run(const Config& config, Context& context) {
  if (config.mode != Mode::append) MBF_CO_CHECK(co_await context.gather());
  if (auto result = try_now(config, context)) co_return *std::move(result);
  MBF_CO_CHECK(co_await stream_items(context));
  co_return Output();
}

}  // namespace mbflow::nodes::merge
