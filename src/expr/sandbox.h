// The jail: short programs (jq now) run in a separate process without network, files, environment or secrets, under
// seccomp and limits of time and memory. The engine talks to it over a socket pair; whatever the jailed process sends
// back is data.
#pragma once

#include "base/loop.h"

#include <mbflow/node.h>

#include <memory>

namespace mbflow::expr {

struct SandboxOptions {
  std::string
      program;  // path of the executable that calls jail_main(N) when called as `program jail N`; empty: our own
  std::size_t processes = 2;
  std::size_t memory = 128 << 20;  // a process
  int runs_per_process = 100;      // then it is replaced
};

// Safe to use from any loop. Processes start on first need and die with the engine.
class Sandbox {
 public:
  explicit Sandbox(SandboxOptions options);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  // All outputs of the program, as an array. Errors: see Context::sandbox.
  [[nodiscard]] Task<Result<Value>> run(Loop& loop, SandboxJob job, std::stop_token stop);
  // Which walls stand on this machine: {"seccomp": …, "landlock": …, "namespaces": …}. Error: sandbox.unavailable
  [[nodiscard]] Task<Result<Value>> layers(Loop& loop);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// What the jailed process does: reads jobs from `fd` until it is closed. Called by main() for the hidden `jail`
// command, before anything else: no thread may run, no file need be open. Returns the exit code, or ends the process.
[[nodiscard]] int jail_main(int fd);

// Exit codes of a jailed process.
constexpr int jail_exit_memory = 3;
constexpr int jail_exit_no_seccomp = 4;
constexpr int jail_exit_protocol = 5;
constexpr const char* jail_memory_variable = "MBFLOW_JAIL_MEMORY";

}  // namespace mbflow::expr
