// The command line of the program.
#pragma once

#include <cstdint>
#include <string>

namespace mbflow::sim {

struct Options {
  std::uint64_t from = 1;
  std::uint64_t count = 200;
  int jobs = 1;
  int seconds = 0;       // begins no seed after so long; 0: as long as it takes
  int mutant = 0;        // a planted bug (base/mutant.h), in a build that has them
  bool stop_early = false;  // at the first seed that fails
  bool one = false;
  bool verbose = false;
  bool json = false;
  bool quiet = false;
  std::string kept;      // a file of seeds that failed once
};

// Ends the program when they are wrong.
[[nodiscard]] Options read_options(int count, char** words);

}  // namespace mbflow::sim
