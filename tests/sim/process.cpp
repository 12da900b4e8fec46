#include "sim/process.h"

#include "store/memory/memory_store.h"

namespace mbflow::sim {
namespace {

constexpr Duration join_again = std::chrono::milliseconds(500);

Duration skew_of(Common& common) {
  return common.scenario.skewed && !common.calm ? common.dice.between(-largest_skew, largest_skew) : Duration(0);
}

}  // namespace

Common::Common(const Scenario& what, expr::Sandbox& jail, bool undisturbed)
    : world_env(what.seed ^ 0x5eed, world, Duration(0), false),
      dice(mix(what.seed) ^ 0xfa17),
      troubles(undisturbed ? Troubles() : what.troubles),
      store(store::make_memory_store(world_env)),
      witness(world, ledger, dice, undisturbed),
      sandbox(jail),
      scenario(what),
      calm(undisturbed) {}

Process::Process(Common& common, int number, bool drives)
    : loop_(common.clock),
      env_(common.dice.next(), loop_, skew_of(common), common.scenario.slow && !common.calm),
      store_(*common.store, common.world_env, common.world, loop_, common.ledger, common.dice, common.troubles),
      http_(common.witness, loop_, [this] { return standing(); }),
      services_{store_, built_in_nodes(), http_, common.sandbox, env_},
      number_(number) {
  services_.drives = drives;
  services_.lease = common.scenario.lease;
  services_.sweep_every = common.scenario.sweep_every;
  services_.unload_after = common.scenario.unload_after;
  if (common.scenario.segment > 0) services_.limits.segment = common.scenario.segment;
  services_.limits.part = std::chrono::milliseconds(300);
  runtime_ = std::make_unique<runtime::Runtime>(services_, std::vector<Loop*>{&loop_}, [this] { return &loop_; });
  scheduler_ = std::make_unique<server::Scheduler>(services_, *runtime_, loop_, nullptr);
}

Standing Process::standing() const {
  return {number_, store_.has_lease(), loop_.now() == thawed_at_};
}

void Process::start() {
  if (services_.drives) return spawn(loop_, join());
  ready_ = true;
}

Task<void> Process::join() {
  while (!stopping_) {
    const auto joined = co_await runtime_->join();
    ready_ = joined.ok();
    if (ready_) break;
    co_await sleep_for(loop_, join_again, std::stop_token());
  }
  if (!stopping_) spawn(loop_, scheduler_->run(stop_.get_token()));
}

void Process::begin_to_stop() {
  stopping_ = true;
  stop_.request_stop();
  store_.stop();
  runtime_->stop(Duration(0));
}

Task<void> Process::leave() { (void)co_await runtime_->leave(); }

bool Process::die() {
  store_.die();
  http_.die();
  begin_to_stop();
  spawn(loop_, leave());  // which nobody hears
  const bool ended = loop_.drain() && services_.counters.active == 0;
  scheduler_.reset();
  runtime_.reset();
  return ended;
}

void Process::thaw() {
  frozen_ = false;
  thawed_at_ = loop_.now();
}

}  // namespace mbflow::sim
