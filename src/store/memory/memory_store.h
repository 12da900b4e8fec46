// A Store in memory: for one-shot runs and tests. Nothing survives the process.
#pragma once

#include "store/store.h"

namespace mbflow::store {

[[nodiscard]] std::unique_ptr<Store> make_memory_store(Env& env);  // calls complete at once, without a loop

}  // namespace mbflow::store
