// The peer that http nodes call, and the line of one process to it. It notes every delivery and answers by rule: what it says in
// the end is a function of who asks, so that outputs can be compared, but when, and how often it fails before, is not.
#pragma once

#include "sim/ledger.h"
#include "sim/machine.h"

#include <mbflow/http.h>

#include <functional>
#include <map>

namespace mbflow::sim {

// By the path of the URL:
//   ok      answers                           bad    says 404 to some items, for good
//   flaky   fails up to twice a key, then ok  down   says 503, always
//   kill    as ok, but the process that asks for `victim` dies of it
class Witness {
 public:
  Witness(MachineLoop& world, Ledger& ledger, Dice& dice, bool calm) : world_(world), ledger_(ledger), dice_(dice), calm_(calm) {}

  std::int64_t victim = -1;                // the request whose kill nodes kill
  std::function<void(int)> kill;           // ends that process
  using Answer = std::optional<Result<HttpResponse>>;  // nothing: silence
  [[nodiscard]] Answer hear(const HttpRequest& request, Delivery delivery);
  [[nodiscard]] Duration way() { return calm_ ? Duration(1000) : dice_.between(Duration(0), std::chrono::milliseconds(300)); }
  [[nodiscard]] bool survives() { return dice_.one_in(2); }
  [[nodiscard]] MachineLoop& world() { return world_; }
  [[nodiscard]] Ledger& ledger() { return ledger_; }

 private:
  MachineLoop& world_;
  Ledger& ledger_;
  Dice& dice_;
  bool calm_;
  std::map<std::string, int> heard_;  // deliveries by key
};

// Where the sender of a call stands; asked when it sends.
struct Standing {
  int process = 0;
  bool has_lease = true;
  bool just_thawed = false;
};

class WitnessLine final : public HttpClient {
 public:
  WitnessLine(Witness& witness, MachineLoop& own, std::function<Standing()> standing)
      : witness_(witness), own_(own), standing_(std::move(standing)) {}
  void die();
  [[nodiscard]] Task<Result<HttpResponse>> send(HttpRequest request, std::stop_token stop) override;

 private:
  Witness& witness_;
  MachineLoop& own_;
  std::function<Standing()> standing_;
  bool dead_ = false;
  std::uint64_t last_call_ = 0;
  std::map<std::uint64_t, std::function<void()>> waiting_;
};

}  // namespace mbflow::sim
