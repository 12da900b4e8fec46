// The main of every gtest program. Tests find the files of the tree through the environment variable MBFLOW_SOURCE_DIR:
// a compile-time path would make each clone compile all tests anew.
#include <gtest/gtest.h>

#include <cstdlib>

#ifdef __SANITIZE_THREAD__
// Tests of two processes on one file fork, and the child uses threads of its own.
extern "C" const char* __tsan_default_options() { return "die_after_fork=0"; }
#endif

int main(int argc, char** argv) {
  constexpr int keep_existing = 0;
  setenv("MBFLOW_SOURCE_DIR", MBFLOW_SOURCE_DIR, keep_existing);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
