#include "store/memory/memory_store.h"

#include "store/suite/suite.h"

namespace mbflow::store {

INSTANTIATE_TEST_SUITE_P(memory, SharedStoreSuite, testing::Values(Backend{"memory", [](Env& env) { return make_memory_store(env); }}),
                         backend_name);
INSTANTIATE_TEST_SUITE_P(memory, StoreSuite, testing::Values(Backend{"memory", [](Env& env) { return make_memory_store(env); }}),
                         backend_name);

}  // namespace mbflow::store
