// Planted bugs, to test the tests: `if (mutant(Mutant::…))` does what a mistake of ours would. Only a build with MBFLOW_MUTANTS
// can choose one (./dev mutants); in every other this is false when it is compiled, and costs nothing.
#pragma once

#include <cstdint>

namespace mbflow {

// tests/sim/mutants.py reads names and meanings from here.
enum class Mutant : std::uint8_t {
  none,
  early_answer,         // a start is acknowledged before its commit
  no_epoch_check,       // the store takes a commit of a stale worker
  late_attempt,         // a node's start is saved after it has run, not before
  new_key,              // another Idempotency-Key for each attempt
  tick_apart,           // the occurrence of a schedule is not saved with its start
  signal_lost,          // a signal is removed before what it leads to is saved
  own_lease_ignored,    // a worker that was not heard of goes on all the same
  silent_end,           // the record becomes final and the event that says so is not saved
  wake_lost,            // a sleeping execution is let go of without the time it wants to wake
  dead_branch,          // the edges of a skipped node are not resolved
  claim_from_living,    // a claim takes what a living worker holds
  no_deaths,            // a burial does not count as a death
  sleepers_forgotten,   // what waited when its process died gets no timer again
  effect_first,         // commands are performed before their events are saved
  result_twice,         // the result of a node is handed in twice
  items_again,          // a retry runs the items that were done already
  unknown_retried,      // a cut-off node is run again whatever it says of that
  retry_unlimited,      // failures are not counted against the policy
  give_up_on_error,     // a result is not offered again when the store fails
  switch_ignored,       // the store starts what was due while its trigger was switched off
  cancel_ignored,       // a cancel that comes while a node runs is dropped
};

#ifdef MBFLOW_MUTANTS
inline Mutant planted = Mutant::none;  // set once, before anything runs
[[nodiscard]] inline bool mutant(Mutant which) { return planted == which; }
#else
[[nodiscard]] constexpr bool mutant(Mutant) { return false; }
#endif

}  // namespace mbflow
