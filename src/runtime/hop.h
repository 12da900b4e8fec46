// Runs a task on another loop and comes back with its result.
#pragma once

#include "base/loop.h"

namespace mbflow::runtime {

template <class T>
Task<void> carry(Task<T> task, typename OneShot<T>::Setter setter) {
  setter.set(co_await std::move(task));
}

template <class T>
Task<T> run_on(Loop& there, Loop& here, Task<T> task) {
  if (&there == &here) co_return co_await std::move(task);
  OneShot<T> result(here);
  spawn(there, carry<T>(std::move(task), result.setter()));
  co_return co_await result.wait();
}

}  // namespace mbflow::runtime
