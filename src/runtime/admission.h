// Which lane an execution queues in, by its workflow's settings.concurrency.
#pragma once

#include "runtime/program.h"
#include "runtime/worker.h"

namespace mbflow::runtime {

struct StartRequest;

struct Lane {
  std::int64_t number = 0;  // never 0
  int limit = 0;            // 0: none; it queues only when the process has no room
};

// What an expression says of the first item of a start. On the worker's loop.
[[nodiscard]] Result<Value> evaluate_start(Worker& worker, const StartRequest& request, const expr::Template& expression);

// On the worker's loop. Errors: those of the key's expression, with `at`.
[[nodiscard]] Result<Lane> lane_of(Worker& worker, const StartRequest& request);

}  // namespace mbflow::runtime
