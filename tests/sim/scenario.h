// What happens in a simulation, as far as the seed alone decides it: workflows, requests to run them, what people do, and
// which faults there are. The same scenario is played with faults and without.
#pragma once

#include "sim/dice.h"
#include "sim/faulty_store.h"

#include <mbflow/value.h>

#include <vector>

namespace mbflow::sim {

struct Request {
  std::int64_t number = 0;
  int workflow = 0;
  Duration at{};
  Value input;
  std::optional<Duration> cancel_after;  // after its start
};

// Something done to a process.
struct Fault {
  enum class Type : std::uint8_t { kill, freeze, cut, restart };
  Type type{};
  Duration at{};
  Duration lasts{};  // freeze and cut; of the others: until it is started anew
  int process = 0;
};

struct Scenario {
  std::uint64_t seed = 0;
  std::vector<Value> workflows;  // canonical documents
  std::vector<bool> is_inline;   // by workflow: run from its document, not from a saved version
  std::vector<Request> requests;
  std::vector<Fault> faults;
  Troubles troubles;
  int processes = 2;
  bool api_only = false;         // one more process, that drives nothing
  std::int64_t victim = -1;      // this request's kill nodes kill
  bool retries = false;          // a person retries what failed
  bool skewed = false, slow = false;
  Duration sweep_every{};
  Duration lease{};
  Duration unload_after{};
};

[[nodiscard]] Scenario make_scenario(std::uint64_t seed);
// A random acyclic workflow; `killer`: with a node of mode kill.
[[nodiscard]] Value make_workflow(Dice& dice, int number, bool killer);

}  // namespace mbflow::sim
