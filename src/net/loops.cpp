#include "net/asio_loop.h"

#include <boost/asio/post.hpp>

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <utility>

namespace mbflow::net {
namespace {

thread_local AsioLoop* this_thread_loop = nullptr;

// Signals are for the main thread; a blocked SIGPIPE also keeps a TLS write to a closed peer from ending the process.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

AsioLoop::AsioLoop(const void* owner, std::size_t index)
    : owner_(owner), index_(index), context_(1), work_(context_.get_executor()), alarm_(context_) {}

// What the callbacks hold may in turn hold sockets, which need the context.
AsioLoop::~AsioLoop() { timers_.clear(); }

AsioLoop* AsioLoop::on_this_thread() { return this_thread_loop; }

void AsioLoop::post(Callback callback) { asio::post(context_, std::move(callback)); }

Loop::TimerId AsioLoop::after(Duration delay, Callback callback) {
  using std::chrono::steady_clock;
  auto now = steady_clock::now();
  auto left = std::chrono::duration_cast<Duration>(TimerHeap::never - now);
  auto at = delay < left ? now + std::max(delay, Duration::zero()) : TimerHeap::never;
  auto id = timers_.add(at, std::move(callback));
  arm();
  return id;
}

// A cancelled earliest timer leaves the alarm as it is: one empty wake-up is cheaper than a system call a cancel.
void AsioLoop::arm() {
  auto next = timers_.earliest();
  if (next >= armed_) return;
  armed_ = next;
  alarm_.expires_at(next);
  alarm_.async_wait([this](boost::system::error_code error) {
    if (!error) fire();
  });
}

void AsioLoop::fire() {
  armed_ = TimerHeap::never;
  auto now = std::chrono::steady_clock::now();
  while (auto callback = timers_.take_due(now)) callback();
  arm();
}

void AsioLoop::start() {
  SignalsBlocked blocked;
  thread_ = std::thread([this] { run(); });
}

void AsioLoop::run() {
  std::string name = "mbflow-loop-" + std::to_string(index_);
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  this_thread_loop = this;
  context_.run();
}

void AsioLoop::stop() {
  asio::post(context_, [this] { context_.stop(); });
}

void AsioLoop::join() {
  if (thread_.joinable()) thread_.join();
}

AsioLoop* Access::current(Loops& loops) {
  auto* loop = AsioLoop::on_this_thread();
  return loop != nullptr && loop->owner() == loops.state_.get() ? loop : nullptr;
}

Loops::Loops(std::size_t threads) : state_(std::make_unique<State>()) {
  for (std::size_t index = 0; index < std::max<std::size_t>(threads, 1); ++index)
    state_->loops.push_back(std::make_unique<AsioLoop>(state_.get(), index));
}

Loops::~Loops() { stop(); }

std::size_t Loops::size() const { return state_->loops.size(); }
Loop& Loops::loop(std::size_t index) { return *state_->loops[index]; }
Loop* Loops::current() { return Access::current(*this); }

void Loops::run() {
  if (state_->running.exchange(true)) return;
  for (auto& loop : state_->loops) loop->start();
}

void Loops::stop() {
  if (state_->running.exchange(false))
    for (auto& loop : state_->loops) loop->stop();
  // A loop that waited for another could wait for itself in the end; the destructor joins in that case.
  if (current() != nullptr) return;
  for (auto& loop : state_->loops) loop->join();
}

}  // namespace mbflow::net
