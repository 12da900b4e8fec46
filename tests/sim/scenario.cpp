#include "sim/scenario.h"

#include <array>

namespace mbflow::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration faulty_time = seconds(40);  // then all faults cease

Value make_input(Dice& dice, std::int64_t number) {
  std::vector<Value> items;
  const int count = dice.between(1, 4);
  for (int i = 0; i < count; ++i) items.push_back(Value::object({{"r", number}, {"i", i}}));
  return Value::array(std::move(items));
}

void add_requests(Scenario& scenario, Dice& dice) {
  const int count = dice.between(4, 12);
  for (int n = 0; n < count; ++n) {
    Request request;
    request.number = n;
    request.workflow = dice.between(0, static_cast<int>(scenario.workflows.size()) - 1);
    request.webhook = scenario.triggers[static_cast<std::size_t>(request.workflow)].webhook && dice.one_in(2);
    request.at = dice.between(Duration(0), Duration(seconds(20)));
    request.input = make_input(dice, n);
    if (dice.one_in(10)) request.cancel_after = dice.between(Duration(0), Duration(seconds(15)));
    scenario.requests.push_back(std::move(request));
  }
}

Triggers draw_triggers(Dice& dice) {
  Triggers triggers;
  triggers.webhook = dice.one_in(3);
  triggers.schedule = dice.one_in(4);
  triggers.publish_at = dice.one_in(2) ? Duration(0) : dice.between(Duration(0), Duration(seconds(8)));
  if (dice.one_in(4)) triggers.withdraw_at = dice.between(Duration(seconds(25)), Duration(schedules_until));
  return triggers;
}

Fault draw_fault(const Scenario& scenario, Dice& dice) {
  using Type = Fault::Type;
  static const std::vector<Type> types = {Type::kill, Type::kill, Type::freeze, Type::freeze, Type::cut, Type::restart, Type::jump};
  Fault fault;
  fault.type = dice.pick(types);
  fault.at = dice.between(Duration(0), faulty_time);
  fault.lasts = dice.between(Duration(milliseconds(100)), 2 * scenario.lease);
  // Waits are kept by the wall clock: one that is wrong by so much makes others wait as much longer.
  if (fault.type == Type::jump) fault.lasts = dice.between(Duration(-seconds(40)), Duration(seconds(90)));
  fault.process = dice.between(0, scenario.processes - (scenario.api_only ? 0 : 1));
  return fault;
}

void add_troubles(Scenario& scenario, Dice& dice) {
  Troubles& troubles = scenario.troubles;
  troubles.failing = dice.one_in(2) ? dice.between(10, 60) : 0;
  troubles.slow = dice.one_in(2) ? dice.between(30, 200) : 0;
  troubles.unknown = dice.one_in(2) ? dice.between(10, 60) : 0;
  troubles.stale = dice.one_in(2) ? dice.between(2, 10) : 0;
  const int count = dice.between(0, 6);
  for (int n = 0; n < count; ++n) scenario.faults.push_back(draw_fault(scenario, dice));
}

void add_workflows(Scenario& scenario, Dice& dice, bool killer) {
  const int workflows = dice.between(1, 3);
  for (int n = 0; n < workflows; ++n) {
    scenario.triggers.push_back(draw_triggers(dice));
    const Triggers& triggers = scenario.triggers.back();
    scenario.workflows.push_back(make_workflow(dice, n, killer && n == 0, triggers));
    scenario.is_inline.push_back(!triggers.webhook && !triggers.schedule && dice.one_in(4));
  }
}

// By dice of their own: what a seed played before there were switches it plays still.
void add_switches(Scenario& scenario) {
  Dice dice(mix(scenario.seed));
  for (auto& triggers : scenario.triggers) {
    if (!triggers.schedule || dice.one_in(2)) continue;
    triggers.off_at = dice.between(triggers.publish_at, Duration(seconds(25)));
    if (!dice.one_in(4)) triggers.on_at = *triggers.off_at + dice.between(Duration(0), Duration(seconds(10)));
  }
}

}  // namespace

Scenario make_scenario(std::uint64_t seed) {
  Dice dice(seed);
  Scenario scenario;
  scenario.seed = seed;
  scenario.processes = dice.one_in(3) ? 2 : 3;
  scenario.api_only = dice.one_in(4);
  scenario.lease = dice.one_in(2) ? seconds(6) : seconds(12);
  scenario.sweep_every = milliseconds(dice.one_in(2) ? 500 : 1500);
  scenario.unload_after = dice.one_in(3) ? seconds(1) : seconds(8);
  scenario.retries = dice.one_in(2);
  scenario.expires = dice.one_in(6);
  scenario.skewed = dice.one_in(3);
  scenario.slow = dice.one_in(4);
  const bool killer = dice.one_in(4);
  add_workflows(scenario, dice, killer);
  add_requests(scenario, dice);
  if (killer) {
    scenario.victim = 0;
    scenario.requests[0].workflow = 0;
    scenario.requests[0].webhook = false;
    scenario.requests[0].cancel_after.reset();
  }
  // Half of the killers are the only trouble there is.
  if (!killer || dice.one_in(2)) add_troubles(scenario, dice);
  if (dice.one_in(3)) scenario.segment = dice.one_in(2) ? 1 : 300;
  add_switches(scenario);
  scenario.troubles.usual = dice.one_in(3) ? milliseconds(0) : milliseconds(dice.between(1, 60));
  return scenario;
}

std::string describe(const Scenario& scenario) {
  static constexpr std::array<const char*, 5> names = {"kill", "freeze", "cut", "restart", "jump"};
  const auto after = [](Duration at) { return std::to_string(std::chrono::duration_cast<milliseconds>(at).count()) + " ms"; };
  const Troubles& t = scenario.troubles;
  std::string text = "seed " + std::to_string(scenario.seed) + ": " + std::to_string(scenario.processes) + " processes" +
                     (scenario.api_only ? " and one that drives nothing" : "") + ", lease " + after(scenario.lease) + ", sweeps every " +
                     after(scenario.sweep_every) + (scenario.segment > 0 ? ", lists apart from " + std::to_string(scenario.segment) + " bytes" : "") +
                     "\none in so many: failing " + std::to_string(t.failing) + ", slow " +
                     std::to_string(t.slow) + ", unknown " + std::to_string(t.unknown) + ", stale " + std::to_string(t.stale) + "\n";
  for (const auto& fault : scenario.faults) {
    text += "  " + after(fault.at) + ": " + names[static_cast<std::size_t>(fault.type)] + " process " + std::to_string(fault.process + 1) +
            ", " + after(fault.lasts) + "\n";
  }
  return text;
}

}  // namespace mbflow::sim
