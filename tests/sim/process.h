// One mbflow process: a real Runtime with all that belongs to it, on a machine of its own.
//
// Death is modelled by what outsiders see: from that instant on nothing it does reaches the store or the witness, and no answer
// reaches it. What its coroutines were at is then run to its end in a time of its own, so that nothing leaks: any effect it had
// on the world would be a bug of the simulation, not seen by the checker.
#pragma once

#include "runtime/runtime.h"
#include "server/scheduler.h"
#include "sim/scenario.h"
#include "sim/witness.h"

namespace mbflow::sim {

inline constexpr Duration largest_skew = std::chrono::milliseconds(600);  // of a process's wall clock

// What all processes have in common.
struct Common {
  Clock clock;
  MachineLoop world{clock};  // the network, the witness, people
  MachineEnv world_env;      // the store's clock
  Ledger ledger;
  Dice dice;                 // of everything that the scenario leaves open
  Troubles troubles;         // until faults cease
  std::unique_ptr<store::Store> store;
  Witness witness;
  expr::Sandbox& sandbox;
  const Scenario& scenario;
  bool calm;

  Common(const Scenario& what, expr::Sandbox& jail, bool undisturbed);
};

class Process {
 public:
  Process(Common& common, int number, bool drives);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void start();  // joins, and tries again until the store lets it
  // False: something of it did not come to an end.
  [[nodiscard]] bool die();
  void freeze() { frozen_ = true; }
  void thaw();
  // As on SIGTERM: starts nothing more; what it holds is given back when it leaves.
  void begin_to_stop();
  [[nodiscard]] Task<void> leave();

  [[nodiscard]] int number() const { return number_; }  // each given once
  [[nodiscard]] bool alive() const { return runtime_ != nullptr; }
  [[nodiscard]] bool frozen() const { return frozen_; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] bool takes_calls() const { return alive() && ready_ && !frozen_ && !stopping_; }
  [[nodiscard]] runtime::Runtime& runtime() { return *runtime_; }
  [[nodiscard]] FaultyStore& store() { return store_; }
  [[nodiscard]] MachineLoop& loop() { return loop_; }
  [[nodiscard]] MachineEnv& env() { return env_; }

 private:
  [[nodiscard]] Task<void> join();
  [[nodiscard]] Standing standing() const;

  MachineLoop loop_;
  MachineEnv env_;
  FaultyStore store_;
  WitnessLine http_;
  runtime::Services services_;
  std::unique_ptr<runtime::Runtime> runtime_;
  std::unique_ptr<server::Scheduler> scheduler_;
  std::stop_source stop_;
  int number_;
  bool ready_ = false;
  bool frozen_ = false;
  bool stopping_ = false;
  Duration thawed_at_{-1};
};

}  // namespace mbflow::sim
