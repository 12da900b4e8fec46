// What happens in a simulation, as far as the seed alone decides it: workflows, requests to run them, what people do, and
// which faults there are. The same scenario is played with faults and without.
#pragma once

#include "sim/dice.h"
#include "sim/faulty_store.h"

#include <mbflow/value.h>

#include <optional>
#include <vector>

namespace mbflow::sim {

struct Request {
  std::int64_t number = 0;
  int workflow = 0;
  bool webhook = false;  // by its address, not by its name
  Duration at{};
  Value input;
  std::optional<Duration> cancel_after;  // after its start
};

// What is live of a workflow besides being started by name.
struct Triggers {
  bool webhook = false, schedule = false;
  Duration publish_at{};
  std::optional<Duration> withdraw_at;
  std::optional<Duration> off_at, on_at;  // of the schedule's switch
};

// Something done to a process.
struct Fault {
  enum class Type : std::uint8_t { kill, freeze, cut, restart, jump };
  Type type{};
  Duration at{};
  Duration lasts{};  // freeze and cut; by how much the clock jumps; of the others: until it is started anew
  int process = 0;
};

struct Scenario {
  std::uint64_t seed = 0;
  std::vector<Value> workflows;  // canonical documents
  std::vector<bool> is_inline;   // by workflow: run from its document, not from a saved version
  std::vector<Triggers> triggers;  // by workflow
  std::vector<Request> requests;
  std::vector<Fault> faults;
  Troubles troubles;
  int processes = 2;
  bool api_only = false;         // one more process, that drives nothing
  std::int64_t victim = -1;      // this request's kill nodes kill
  bool retries = false;          // a person retries what failed
  bool expires = false;          // history is kept for a short time only
  bool skewed = false, slow = false;
  Duration sweep_every{};
  Duration lease{};
  Duration unload_after{};
  std::uint64_t segment = 0;  // lists of more bytes are kept apart, in parts; 0: as usual
};

[[nodiscard]] Scenario make_scenario(std::uint64_t seed);
// For people: all but the workflows.
[[nodiscard]] std::string describe(const Scenario& scenario);
// A random acyclic workflow; `killer`: with a node of mode kill.
[[nodiscard]] Value make_workflow(Dice& dice, int number, bool killer, const Triggers& triggers);

// When the simulation begins, and how long its schedules go on.
constexpr Timestamp beginning = std::chrono::sys_days(std::chrono::year(2030) / 1 / 1);
constexpr Duration schedules_until = std::chrono::seconds(38);

}  // namespace mbflow::sim
