// Keeps the jailed processes: starts them, hands out jobs, counts their time, replaces those that misbehave. Runs on a
// thread of its own, because it must never wait for what a loop does; others talk to it through messages.
#pragma once

#include "expr/jail/process.h"
#include "expr/sandbox.h"

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>

namespace mbflow::expr {

struct JailJob {
  std::uint64_t id = 0;
  std::string frame;  // empty: only what the walls are is asked for
  std::chrono::milliseconds limit{0};
  std::move_only_function<void(Result<Value>)> done;  // called once, on the keeper's thread
};

class Keeper {
 public:
  explicit Keeper(SandboxOptions options);
  ~Keeper();  // ends every process; jobs that are left fail
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // From any thread. False: too many are waiting; nothing of the job was taken.
  [[nodiscard]] bool submit(std::unique_ptr<JailJob>& job);
  void cancel(std::uint64_t id);

 private:
  using Clock = std::chrono::steady_clock;
  struct Cell {
    JailProcess process;
    bool ready = false;
    Clock::time_point deadline;  // of the start or of the job
    int runs = 0;
    std::unique_ptr<JailJob> job;  // null: idle
  };
  using Cells = std::list<Cell>;
  struct Message {
    std::unique_ptr<JailJob> job;  // null: cancel `id`
    std::uint64_t id = 0;
  };

  [[nodiscard]] bool post(std::unique_ptr<Message>& message);
  void run();
  [[nodiscard]] bool take_messages();  // false: the end
  void poll_cells();
  void serve(Cells::iterator cell, short events);
  void hear(Cells::iterator cell);
  void answered(Cells::iterator cell, Answer answer);
  void check_deadlines();
  void hand_out();
  void begin(Cell& cell);
  void cell_failed(Cells::iterator cell);
  void fail_waiting(const Error& error);
  [[nodiscard]] int wait_ms() const;
  static void finish(std::unique_ptr<JailJob> job, Result<Value> result);

  SandboxOptions options_;
  int mailbox_read_ = -1;
  int mailbox_write_ = -1;
  // The rest belongs to the keeper's thread.
  Cells cells_;
  std::deque<std::unique_ptr<JailJob>> waiting_;
  Value layers_;
  std::thread thread_;
};

}  // namespace mbflow::expr
