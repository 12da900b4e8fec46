#include "sim/scenario.h"

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
  const int count = dice.between(10, 24);
  for (int n = 0; n < count; ++n) {
    Request request;
    request.number = n;
    request.workflow = dice.between(0, static_cast<int>(scenario.workflows.size()) - 1);
    request.at = dice.between(Duration(0), Duration(seconds(20)));
    request.input = make_input(dice, n);
    if (dice.one_in(10)) request.cancel_after = dice.between(Duration(0), Duration(seconds(15)));
    scenario.requests.push_back(std::move(request));
  }
}

void add_faults(Scenario& scenario, Dice& dice) {
  using Type = Fault::Type;
  static const std::vector<Type> types = {Type::kill, Type::kill, Type::freeze, Type::freeze, Type::cut, Type::restart};
  const int count = dice.between(0, 6);
  for (int n = 0; n < count; ++n) {
    Fault fault;
    fault.type = dice.pick(types);
    fault.at = dice.between(Duration(0), faulty_time);
    fault.lasts = dice.between(Duration(milliseconds(100)), 2 * scenario.lease);
    fault.process = dice.between(0, scenario.processes - (scenario.api_only ? 0 : 1));
    scenario.faults.push_back(fault);
  }
}

}  // namespace

Scenario make_scenario(std::uint64_t seed) {
  Dice dice(seed);
  Scenario scenario;
  scenario.seed = seed;
  scenario.processes = dice.between(2, 3);
  scenario.api_only = dice.one_in(4);
  scenario.lease = dice.one_in(2) ? seconds(6) : seconds(12);
  scenario.sweep_every = milliseconds(dice.one_in(2) ? 500 : 1500);
  scenario.unload_after = dice.one_in(3) ? seconds(1) : seconds(8);
  scenario.retries = dice.one_in(2);
  scenario.skewed = dice.one_in(3);
  scenario.slow = dice.one_in(4);
  const bool killer = dice.one_in(4);
  const int workflows = dice.between(1, 3);
  for (int n = 0; n < workflows; ++n) {
    scenario.workflows.push_back(make_workflow(dice, n, killer && n == 0));
    scenario.is_inline.push_back(dice.one_in(5));
  }
  add_requests(scenario, dice);
  if (killer) {
    // Nothing else kills: whom the engine convicts must be the one that did it.
    scenario.victim = 0;
    scenario.requests[0].workflow = 0;
    scenario.requests[0].cancel_after.reset();
  } else {
    scenario.troubles.failing = dice.one_in(2) ? dice.between(10, 60) : 0;
    scenario.troubles.slow = dice.one_in(2) ? dice.between(30, 200) : 0;
    add_faults(scenario, dice);
  }
  scenario.troubles.usual = dice.one_in(3) ? milliseconds(0) : milliseconds(dice.between(1, 60));
  return scenario;
}

}  // namespace mbflow::sim
