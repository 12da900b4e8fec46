// What is done to processes.
#include "sim/cluster.h"

namespace mbflow::sim {
namespace {

using std::chrono::seconds;

constexpr Duration drain = seconds(3);  // between the wish that a process ends and its end

}  // namespace

void Cluster::start_process(int slot) {
  auto& place = processes_[static_cast<std::size_t>(slot)];
  const bool drives = slot < common_.scenario.processes;
  graveyard_.push_back(std::move(place));
  place = std::make_unique<Process>(common_, ++last_process_, drives);
  place->start();
  quiet_since_ = common_.clock.now;
}

void Cluster::kill(int slot) {
  if (!at(slot).alive()) return;
  ++common_.ledger.deaths;
  if (!at(slot).die()) ++left_over_;
}

void Cluster::restart(int slot, Duration after) {
  common_.world.after(after, [this, slot] {
    if (!at(slot).alive()) start_process(slot);
  });
}

void Cluster::afflict(const Fault& fault) {
  Process& process = at(fault.process);
  if (!process.alive() || process.frozen() || process.stopping()) return;
  switch (fault.type) {
    case Fault::Type::kill:
      kill(fault.process);
      return restart(fault.process, fault.lasts);
    case Fault::Type::freeze:
      ++common_.ledger.freezes;
      process.freeze();
      common_.world.after(fault.lasts, [this, &process] {
        if (process.alive() && !process.store().has_lease()) ++common_.ledger.zombies;
        process.thaw();
        quiet_since_ = common_.clock.now;
      });
      return;
    case Fault::Type::cut:
      ++common_.ledger.cuts;
      process.store().cut(true);
      common_.world.after(fault.lasts, [this, &process] {
        process.store().cut(false);
        quiet_since_ = common_.clock.now;
      });
      return;
    case Fault::Type::jump:
      ++common_.ledger.jumps;
      return process.env().jump(fault.lasts);
    case Fault::Type::restart:
      ++common_.ledger.restarts;
      go_slowly(fault.process);
      return restart(fault.process, drain + fault.lasts);
  }
}

// SIGTERM: it may finish what it is at for a while, then gives the rest back.
void Cluster::go_slowly(int slot) {
  if (!at(slot).alive()) return;
  at(slot).begin_to_stop();
  common_.world.after(drain, [this, slot, process = &at(slot)] {
    if (process != &at(slot) || !process->alive()) return;
    spawn(process->loop(), leave_and_die(slot));
  });
}

Task<void> Cluster::leave_and_die(int slot) {
  co_await at(slot).leave();
  if (!at(slot).alive()) co_return;
  // Not from its own callback: it would end itself.
  common_.world.post([this, slot, process = &at(slot)] {
    if (process == &at(slot) && process->alive() && !process->die()) ++left_over_;
  });
}

void Cluster::cease_faults() {
  faulty_ = false;
  common_.troubles.failing = 0;
  common_.troubles.slow = 0;
  common_.troubles.unknown = 0;
  common_.troubles.stale = 0;
  quiet_since_ = common_.clock.now;
}

}  // namespace mbflow::sim
