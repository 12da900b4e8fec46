// Runs a task on a loop and waits for it: for main(), which lives on no loop.
#pragma once

#include "base/loop.h"

#include <future>

namespace mbflow::app {

template <class T>
Task<void> fulfil(Task<T> task, std::promise<T>& promise) {
  promise.set_value(co_await std::move(task));
}

template <class T>
T block_on(Loop& loop, Task<T> task) {
  std::promise<T> promise;
  auto future = promise.get_future();
  spawn(loop, fulfil<T>(std::move(task), promise));
  return future.get();
}

}  // namespace mbflow::app
