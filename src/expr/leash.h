// The hard end of an evaluation. QuickJS asks now and then whether to stop, but not inside its native functions: a
// search in a huge string or a product of huge integers would hold a thread for minutes. A watchdog thread sees that;
// it interrupts the thread with a signal, whose handler leaves the engine by a long jump. Everything that the engine
// held lies in its Heap, which is then freed as a whole; it takes no locks and calls nothing that does (see
// mbflow_date_local). What counts is time of the processor, so that a busy machine fails nobody.
//
// One Leash is used by one thread at a time. The signal is SIGURG; a handler that was there before is still called.
#pragma once

#include <csetjmp>
#include <csignal>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace mbflow::expr {

// Of the calling thread.
[[nodiscard]] std::chrono::nanoseconds thread_cpu_time();

class Leash {
 public:
  explicit Leash(std::chrono::milliseconds limit);
  ~Leash();
  Leash(const Leash&) = delete;
  Leash& operator=(const Leash&) = delete;

  // Runs `body`: calls of the engine only, no object with a destructor in its own frame. False: it was cut off, and
  // nothing of the engine may be used any more. Not to be nested.
  template <class Body>
  [[nodiscard]] bool run(const Body& body) {
    if (sigsetjmp(jump_, 0) != 0) {
      leave();
      return false;
    }
    enter();
    body();
    leave();
    return true;
  }

  // Around code of ours that the engine calls: it may hold locks and memory, so it is never left by a jump.
  void hold() { held_ = held_ + 1; }
  void release() {
    held_ = held_ - 1;
    if (held_ == 0 && cut_later_ != 0) jump();
  }

 private:
  struct Watch;
  friend class Watchdog;
  static void on_signal(int signal, siginfo_t* info, void* context);
  void enter();
  void leave();
  [[noreturn]] void jump();

  Watch* watch_;  // null: too many engines; only the polite way remains
  sigjmp_buf jump_{};
  volatile std::sig_atomic_t running_ = 0;
  volatile std::sig_atomic_t held_ = 0;
  volatile std::sig_atomic_t cut_later_ = 0;
};

}  // namespace mbflow::expr
