// The jail: short programs (jq now) run in a separate process without network, files, environment or secrets, under seccomp
// and limits of time and memory. The engine talks to it over a socket pair; whatever the jailed process sends back is data.
#pragma once

#include "base/loop.h"

#include <mbflow/node.h>

#include <memory>

namespace mbflow::expr {

struct SandboxOptions {
  std::string program;  // path of the executable that enters the jail when called with `args`; /proc/self/exe by default
  std::size_t processes = 2;
  std::size_t memory = 128 << 20;  // a process
  int runs_per_process = 100;      // then it is replaced
};

// Safe to use from any loop. Processes start on first need and die with the engine.
class Sandbox {
 public:
  explicit Sandbox(SandboxOptions options);
  ~Sandbox();
  [[nodiscard]] Task<Result<Value>> run(Loop& loop, SandboxJob job, std::stop_token stop);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// What the jailed process does: reads jobs from `fd` until it is closed. Called by main() for the hidden `jail` command.
// Returns the exit code.
[[nodiscard]] int jail_main(int fd);

}  // namespace mbflow::expr
