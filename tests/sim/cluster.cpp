#include "sim/cluster.h"

#include <algorithm>
#include <array>

namespace mbflow::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration faults_until = seconds(45);
constexpr Duration longest = seconds(900);  // of a play: what has not ended by then never will
constexpr Duration look_every = seconds(2);
constexpr int most_last_steps = 50'000;  // of the end

}  // namespace

TenantId tenant_of(int workflow) {
  TenantId tenant;
  tenant.bytes[15] = static_cast<std::uint8_t>(1 + workflow % 2);
  return tenant;
}

Cluster::Cluster(const Scenario& scenario, const Programs& programs, expr::Sandbox& sandbox, bool calm)
    : programs_(programs), common_(scenario, sandbox, calm), promised_(scenario.requests.size()) {
  if (!calm) {
    common_.witness.victim = scenario.victim;
    common_.witness.kill = [this](int number) {
      const auto guilty = std::ranges::find_if(processes_, [&](const auto& process) { return process->number() == number; });
      if (guilty == processes_.end() || !(*guilty)->alive()) return;  // it called out before it died of something else
      ++common_.ledger.killed_by_node;
      kill(static_cast<int>(guilty - processes_.begin()));
      restart(static_cast<int>(guilty - processes_.begin()), milliseconds(300));
    };
  }
}

Cluster::~Cluster() {
  for (auto& process : processes_) {
    if (process->alive()) (void)process->die();
  }
}

// One callback of one machine; when nobody has anything to do now, time moves on.
bool Cluster::step() {
  constexpr std::size_t most = 8;
  std::array<MachineLoop*, most> ready{};
  std::size_t count = 0;
  std::optional<Duration> next = common_.world.next_timer();
  if (common_.world.is_ready()) ready[count++] = &common_.world;
  for (auto& process : processes_) {
    if (!process->alive() || process->frozen()) continue;
    if (process->loop().is_ready()) ready[count++] = &process->loop();
    const auto timer = process->loop().next_timer();
    if (timer && (!next || *timer < *next)) next = timer;
  }
  if (count > 0) {
    ready[count == 1 ? 0 : common_.dice.next() % count]->run_one();
    return true;
  }
  if (!next) return false;
  common_.clock.now = *next;
  return true;
}

void Cluster::set_up() {
  const Scenario& scenario = common_.scenario;
  for (std::size_t n = 0; n < scenario.workflows.size(); ++n) {
    store::WorkflowRecord record;
    record.tenant = tenant_of(static_cast<int>(n));
    record.name = scenario.workflows[n]["name"].as_string();
    record.document = scenario.workflows[n];
    workflows_.push_back(run_now(common_.store->save_workflow(std::move(record), std::nullopt))->id);
    const Triggers& triggers = scenario.triggers[n];
    if (!triggers.webhook && !triggers.schedule) continue;
    common_.world.after(triggers.publish_at, [this, n] { publish(n, true); });
    if (triggers.off_at && !common_.calm) common_.world.after(*triggers.off_at, [this, n] { turn(n, false); });
    if (triggers.on_at && !common_.calm) common_.world.after(*triggers.on_at, [this, n] { turn(n, true); });
    if (triggers.withdraw_at && !triggers.webhook) common_.world.after(*triggers.withdraw_at, [this, n] { publish(n, false); });
  }
  const int drivers = common_.calm ? 1 : scenario.processes;
  const int all = drivers + (scenario.api_only && !common_.calm ? 1 : 0);
  for (int slot = 0; slot < all; ++slot) {
    processes_.push_back(std::make_unique<Process>(common_, ++last_process_, slot < drivers));
    at(slot).start();
  }
  for (std::size_t n = 0; n < scenario.requests.size(); ++n) {
    common_.world.after(scenario.requests[n].at, [this, n] { request(n, 0); });
  }
  if (common_.calm) faulty_ = false;
  for (const Fault& fault : scenario.faults) {
    if (!common_.calm) common_.world.after(fault.at, [this, &fault] { afflict(fault); });
  }
  if (!common_.calm) common_.world.after(faults_until, [this] { cease_faults(); });
  if (!common_.calm) common_.world.after(look_every, [this] { look_around(); });
  if (!common_.calm && scenario.expires) clean_up();
  common_.world.after(look_every, [this] { watch_for_end(); });
}

void Cluster::play() {
  set_up();
  constexpr int most_steps = 200'000;  // twenty times what the longest play takes
  int steps = 0;
  while (!over_ && steps < most_steps && step()) ++steps;
  if (steps == most_steps) common_.ledger.broken.emplace_back("it does not come to rest");
  close_down();
}

// In the end every process goes as it should, so that only what the store says is left.
void Cluster::close_down() {
  for (std::size_t slot = 0; slot < processes_.size(); ++slot) go_slowly(static_cast<int>(slot));
  const Duration until = common_.clock.now + seconds(20);
  for (int steps = 0; steps < most_last_steps && common_.clock.now < until && step();) ++steps;
}

Process* Cluster::anyone() {
  std::vector<Process*> open;
  for (auto& process : processes_) {
    if (process->takes_calls()) open.push_back(process.get());
  }
  return open.empty() ? nullptr : common_.dice.pick(open);
}

std::vector<store::ExecutionRecord> Cluster::records() {
  std::vector<store::ExecutionRecord> all;
  for (int tenant = 0; tenant < 2; ++tenant) {
    store::ExecutionFilter filter;
    filter.limit = 200;
    auto list = run_now(common_.store->executions(tenant_of(tenant), filter));
    all.insert(all.end(), list->begin(), list->end());
  }
  return all;
}

bool Cluster::is_done() {
  constexpr Duration settling = seconds(6);  // until whoever came last has seen to the schedules
  if (common_.clock.now > longest) return true;
  if (faulty_ || settled_ < common_.scenario.requests.size() || (!common_.calm && common_.clock.now - quiet_since_ < settling)) return false;
  if (waits_for_tick() || common_.ledger.on_the_way > 0) return false;
  return std::ranges::all_of(records(), [](const auto& record) { return is_final(record.status); });
}

// What was told to something that is over is still to be heard, and may make it go on: done is what is done twice.
void Cluster::watch_for_end() {
  const bool done = is_done();
  over_ = done && ending_;
  ending_ = done;
  common_.world.after(done ? 4 * common_.scenario.sweep_every + seconds(1) : look_every, [this] { watch_for_end(); });
}

}  // namespace mbflow::sim
