// Loop on one Asio io_context, run by one thread. Internal to net/: the only way from Loops to the network library.
#pragma once

#include "net/server.h"
#include "net/timer_heap.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <thread>

namespace mbflow::net {

namespace asio = boost::asio;

class AsioLoop final : public Loop {
 public:
  AsioLoop(const void* owner, std::size_t index);
  ~AsioLoop() override;

  AsioLoop(const AsioLoop&) = delete;
  AsioLoop& operator=(const AsioLoop&) = delete;

  void post(Callback callback) override;
  TimerId after(Duration delay, Callback callback) override;
  void cancel(TimerId timer) override { timers_.remove(timer); }
  [[nodiscard]] bool is_current() const override { return on_this_thread() == this; }

  [[nodiscard]] asio::io_context& context() { return context_; }
  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] const void* owner() const { return owner_; }
  [[nodiscard]] static AsioLoop* on_this_thread();

  void start();
  void stop();  // any thread; what was posted before still runs
  void join();  // not on the loop's own thread

 private:
  void run();
  void arm();
  void fire();

  const void* owner_;
  std::size_t index_;
  TimerHeap timers_;  // outlives context_: what is destroyed with its queue may still cancel a timer
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer alarm_;
  TimerHeap::Time armed_ = TimerHeap::never;  // when alarm_ goes off
  std::thread thread_;
};

struct Loops::State {
  std::vector<std::unique_ptr<AsioLoop>> loops;
  std::atomic<bool> running = false;
};

struct Access {
  [[nodiscard]] static AsioLoop& loop(Loops& loops, std::size_t index) { return *loops.state_->loops[index]; }
  [[nodiscard]] static AsioLoop* current(Loops& loops);
  [[nodiscard]] static bool running(const Loops& loops) { return loops.state_->running.load(); }
};

}  // namespace mbflow::net
