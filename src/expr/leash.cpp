#include "expr/leash.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <thread>

namespace mbflow::expr {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::size_t max_watches = 512;
constexpr milliseconds look_every{10};
constexpr int looks_before_rest = 100;
constexpr milliseconds grace{30};  // for the polite way
constexpr int cut_signal = SIGURG;

nanoseconds read_clock(clockid_t clock) {
  timespec at{};
  if (clock_gettime(clock, &at) != 0) return nanoseconds(0);
  return std::chrono::seconds(at.tv_sec) + nanoseconds(at.tv_nsec);
}

// The kernel's name for the processor clock of a thread: safe to ask of one that is gone, unlike pthread_getcpuclockid.
clockid_t clock_of(int thread) { return static_cast<clockid_t>((~static_cast<unsigned>(thread) << 3U) | 6U); }

int this_thread() {
  thread_local const int id = static_cast<int>(syscall(SYS_gettid));
  return id;
}

// Whose evaluation runs on this thread; read by the signal handler.
thread_local std::atomic<Leash*> active{nullptr};

using SignalAction = struct sigaction;
SignalAction previous_action{};

}  // namespace

struct Leash::Watch {
  std::atomic<bool> taken{false};
  std::atomic<int> thread{0};
  std::atomic<std::uint64_t> turn{0};      // odd: an evaluation runs
  std::atomic<std::uint64_t> cut_turn{0};  // the one to be cut off
  std::atomic<std::int64_t> limit_ms{0};
  // The watchdog's own.
  std::uint64_t seen = 0;
  nanoseconds since{0};
};

// One for the process, never ended: evaluations may run until the process ends.
class Watchdog {
 public:
  static Watchdog& get() {
    static Watchdog* const watchdog = new Watchdog;
    return *watchdog;
  }

  Leash::Watch* take(milliseconds limit) {
    for (Leash::Watch& watch : watches_) {
      bool free = false;
      if (!watch.taken.compare_exchange_strong(free, true)) continue;
      watch.limit_ms = limit.count();
      return &watch;
    }
    return nullptr;
  }

  void wake() {
    if (!resting_.load(std::memory_order_relaxed)) return;
    resting_ = false;
    resting_.notify_one();
  }

 private:
  Watchdog() {
    SignalAction action{};
    action.sa_sigaction = &Leash::on_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER;  // the handler may be left by a jump
    sigaction(cut_signal, &action, &previous_action);
    std::thread([this] { watch(); }).detach();
  }

  [[noreturn]] void watch() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    for (int quiet = 0;;) {
      std::this_thread::sleep_for(look_every);
      quiet = look() ? 0 : quiet + 1;
      if (quiet < looks_before_rest) continue;
      resting_ = true;
      if (!look()) resting_.wait(true);
      resting_ = false;
      quiet = 0;
    }
  }

  // True: something runs.
  bool look() {
    bool any = false;
    for (Leash::Watch& watch : watches_) {
      const std::uint64_t turn = watch.turn.load();
      if (turn % 2 == 0) continue;
      any = true;
      const nanoseconds used = read_clock(clock_of(watch.thread.load()));
      if (turn != watch.seen) {
        watch.seen = turn;
        watch.since = used;
      } else if (used - watch.since > milliseconds(watch.limit_ms.load()) + grace) {
        watch.cut_turn = turn;
        syscall(SYS_tgkill, getpid(), watch.thread.load(), cut_signal);
      }
    }
    return any;
  }

  std::array<Leash::Watch, max_watches> watches_{};
  std::atomic<bool> resting_{false};
};

nanoseconds thread_cpu_time() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

Leash::Leash(milliseconds limit) : watch_(Watchdog::get().take(limit)) {}

Leash::~Leash() {
  if (watch_ != nullptr) watch_->taken = false;
}

void Leash::enter() {
  if (watch_ == nullptr) return;
  cut_later_ = 0;
  held_ = 0;
  active.store(this, std::memory_order_relaxed);
  watch_->thread.store(this_thread(), std::memory_order_relaxed);
  watch_->turn.fetch_add(1);
  running_ = 1;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  Watchdog::get().wake();
}

void Leash::leave() {
  if (watch_ == nullptr) return;
  running_ = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  watch_->turn.fetch_add(1);
  active.store(nullptr, std::memory_order_relaxed);
}

void Leash::jump() {
  running_ = 0;
  siglongjmp(jump_, 1);
}

void Leash::on_signal(int signal, siginfo_t* info, void* context) {
  Leash* leash = active.load(std::memory_order_relaxed);
  if (leash != nullptr && leash->running_ != 0) {
    if (leash->watch_->cut_turn.load(std::memory_order_relaxed) != leash->watch_->turn.load(std::memory_order_relaxed))
      return;
    if (leash->held_ == 0) leash->jump();
    leash->cut_later_ = 1;
    return;
  }
  // Not for us.
  if ((previous_action.sa_flags & SA_SIGINFO) != 0) return previous_action.sa_sigaction(signal, info, context);
  if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN)
    previous_action.sa_handler(signal);
}

}  // namespace mbflow::expr

// What QuickJS calls for its local time (see CMakeLists.txt): always UTC, so that an expression means the same on every
// server, and without the C library's lock on zone files.
extern "C" struct tm* mbflow_date_local(const time_t*, struct tm* out) {
  *out = {};  // only the offset is read, and it is 0
  return out;
}
