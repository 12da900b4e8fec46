#include "sim/options.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace mbflow::sim {
namespace {

[[noreturn]] void refuse() {
  std::fprintf(stderr,
               "usage: sim [--seeds N] [--from N] [--seconds S] [--jobs N] [--kept FILE] [--json] [--quiet] [--stop-early]\n"
               "           [--mutant N] | --seed N [--verbose] [--mutant N]\n");
  std::exit(2);
}

std::uint64_t number_of(const char* word) {
  std::uint64_t number = 0;
  const char* end = word ? word + std::strlen(word) : nullptr;
  if (!word || word == end || std::from_chars(word, end, number).ptr != end) refuse();
  return number;
}

}  // namespace

Options read_options(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto next = [&] { return i + 1 < count ? words[++i] : nullptr; };
    if (word == "--verbose") options.verbose = true;
    else if (word == "--json") options.json = true;
    else if (word == "--quiet") options.quiet = true;
    else if (word == "--stop-early") options.stop_early = true;
    else if (word == "--from") options.from = number_of(next());
    else if (word == "--seeds") options.count = number_of(next());
    else if (word == "--seconds") options.seconds = static_cast<int>(number_of(next()));
    else if (word == "--jobs") options.jobs = static_cast<int>(number_of(next()));
    else if (word == "--mutant") options.mutant = static_cast<int>(number_of(next()));
    else if (word == "--kept" && i + 1 < count) options.kept = next();
    else if (word == "--seed") {
      options.from = number_of(next());
      options.one = true;
    } else {
      refuse();
    }
  }
  if (options.one) options.count = 1;
  return options;
}

}  // namespace mbflow::sim
