// Gives away, for good, everything a jailed process does not need. Called once, before it sees anything of an author's.
#pragma once

#include <cstddef>
#include <string>

namespace mbflow::expr {

struct Lockdown {
  bool seccomp = false;     // without it the process must not go on
  bool landlock = false;    // no file can be opened, should seccomp have a hole
  bool namespaces = false;  // a user, network and IPC namespace of its own, with nothing in it
  [[nodiscard]] std::string to_json() const;
};

// Keeps `fd` and standard memory management. `memory` bounds the address space.
[[nodiscard]] Lockdown lock_down(int fd, std::size_t memory);

}  // namespace mbflow::expr
