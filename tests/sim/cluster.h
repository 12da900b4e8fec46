// The cluster: processes, people and faults on one thread. One call plays a scenario from its first request to the time when
// nothing is left to do.
#pragma once

#include "sim/process.h"

namespace mbflow::sim {

using Programs = std::vector<std::shared_ptr<const runtime::Program>>;

[[nodiscard]] TenantId tenant_of(int workflow);

class Cluster {
 public:
  // `programs`: the scenario's workflows, for those that are run inline. `calm`: one process, no faults, no people.
  Cluster(const Scenario& scenario, const Programs& programs, expr::Sandbox& sandbox, bool calm);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  void play();

  [[nodiscard]] Common& common() { return common_; }
  [[nodiscard]] const Ledger& ledger() const { return common_.ledger; }
  [[nodiscard]] std::vector<store::ExecutionRecord> records();
  [[nodiscard]] const std::vector<WorkflowId>& workflows() const { return workflows_; }
  [[nodiscard]] const Programs& programs() const { return programs_; }
  // How each request was answered: the execution it was promised; nothing: it was refused, or nobody answered.
  [[nodiscard]] const std::vector<std::optional<ExecutionId>>& promised() const { return promised_; }
  // Processes that did not come to an end after their death; must be none.
  [[nodiscard]] int left_over() const { return left_over_; }

 private:
  bool step();
  void set_up();
  Process& at(int slot) { return *processes_[static_cast<std::size_t>(slot)]; }
  [[nodiscard]] Process* anyone();
  void start_process(int slot);
  void kill(int slot);
  void afflict(const Fault& fault);
  void restart(int slot, Duration after);
  void go_slowly(int slot);
  [[nodiscard]] Task<void> leave_and_die(int slot);

  void request(std::size_t index, int tries);
  [[nodiscard]] Task<void> ask_start(Process& process, std::size_t index, int tries);
  [[nodiscard]] Task<void> ask_cancel(Process& process, TenantId tenant, ExecutionId id);
  [[nodiscard]] Task<void> ask_retry(Process& process, TenantId tenant, ExecutionId id);
  [[nodiscard]] Task<void> decide_all(Process& process, TenantId tenant, ExecutionId id);
  [[nodiscard]] Task<bool> find_program(Process& process, const Request& request, runtime::StartRequest& start);
  [[nodiscard]] Task<void> expire(Process& process);
  void clean_up();
  void publish(std::size_t workflow, bool live);
  void turn(std::size_t workflow, bool on);
  void look_around();
  [[nodiscard]] bool waits_for_tick();
  [[nodiscard]] bool is_done();
  void watch_for_end();
  void cease_faults();
  void close_down();

  const Programs& programs_;
  Common common_;
  std::vector<WorkflowId> workflows_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::unique_ptr<Process>> graveyard_;  // letters to them may still be under way
  std::vector<std::optional<ExecutionId>> promised_;
  std::map<ExecutionId, Duration> decided_;  // when somebody last looked after it
  std::size_t settled_ = 0;                  // requests that wait for no answer any more
  Duration quiet_since_{};                   // when something was done to a process last
  bool faulty_ = true;
  bool ending_ = false;  // nothing seems left to do
  bool over_ = false;
  int last_process_ = 0;
  int left_over_ = 0;
};

}  // namespace mbflow::sim
