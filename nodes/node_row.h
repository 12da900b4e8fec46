// How a typed node function becomes a row of the node table. Included by the generated table only.
#pragma once

#include "nodes/config_parse.h"

#include <mbflow/node.h>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace mbflow::nodes {

template <class Config, Result<void> (*read)(const Value&, Config&)>
Result<std::shared_ptr<const void>> parse_config(const Value& value) {
  auto config = std::make_shared<Config>();
  MBF_CHECK(read(value, *config));
  return std::shared_ptr<const void>(std::move(config));
}

template <class Config, auto run>
auto run_config(const void* config, Context& context) {
  return run(*static_cast<const Config*>(config), context);
}

template <class Config, std::optional<Result<Output>> (*try_now)(const Config&, Context&)>
std::optional<Result<Output>> try_config(const void* config, Context& context) {
  return try_now(*static_cast<const Config*>(config), context);
}

// The return type of the author's run decides: a Task waits, a Result is there on the spot.
template <class Config, auto run>
void set_run(NodeType& type) {
  using Returned = decltype(run(std::declval<const Config&>(), std::declval<Context&>()));
  if constexpr (std::is_same_v<Returned, Task<Result<Output>>>) {
    type.run_async = run_config<Config, run>;
  } else {
    type.run_now = run_config<Config, run>;
  }
}

}  // namespace mbflow::nodes
