#include "base/loop.h"

#include "base/manual_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace mbflow {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ManualLoop, RunsWhatIsPostedInOrder) {
  ManualLoop loop;
  std::vector<int> order;
  loop.post([&] {
    order.push_back(1);
    loop.post([&] { order.push_back(3); });
  });
  loop.post([&] { order.push_back(2); });
  EXPECT_EQ(loop.run_ready(), 3u);
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
  EXPECT_TRUE(loop.is_current());
  std::jthread([&] { EXPECT_FALSE(loop.is_current()); }).join();
}

TEST(ManualLoop, FiresTimersInOrderOfTime) {
  ManualLoop loop;
  std::vector<int> order;
  loop.after(seconds(2), [&] { order.push_back(2); });
  loop.after(seconds(1), [&] {
    order.push_back(1);
    loop.after(milliseconds(500), [&] { order.push_back(15); });
  });
  loop.after(seconds(2), [&] { order.push_back(3); });
  const auto cancelled = loop.after(seconds(1), [&] { order.push_back(99); });
  loop.cancel(cancelled);
  loop.cancel(cancelled);
  loop.cancel(12345);
  loop.run_ready();
  EXPECT_TRUE(order.empty());
  loop.advance(milliseconds(1999));
  EXPECT_EQ(order, (std::vector{1, 15}));
  EXPECT_EQ(loop.now(), milliseconds(1999));
  loop.run_until_idle();
  EXPECT_EQ(order, (std::vector{1, 15, 2, 3}));
  EXPECT_EQ(loop.now(), seconds(2));
  EXPECT_EQ(loop.timers(), 0u);
}

TEST(ManualEnv, MovesWithItsLoop) {
  ManualLoop loop;
  ManualEnv env(1, &loop);
  const Timestamp start = env.now();
  loop.advance(hours(1));
  EXPECT_EQ(env.now() - start, hours(1));
  env.set_now(start);
  EXPECT_EQ(env.now(), start);
  loop.advance(seconds(1));
  env.advance(seconds(1));
  EXPECT_EQ(env.now() - start, seconds(2));
}

Task<int> seven() { co_return 7; }
Task<int> failing() {
  throw std::runtime_error("as planned");
  co_return 0;
}
Task<void> sum_into(int& out) {
  const int first = co_await seven();
  try {
    out = co_await failing();
  } catch (const std::runtime_error&) {
    out = first * 2;
  }
}

TEST(Task, ReturnsValuesAndExceptions) {
  ManualLoop loop;
  int out = 0;
  spawn(loop, sum_into(out));
  EXPECT_EQ(out, 0);
  loop.run_ready();
  EXPECT_EQ(out, 14);
}

Task<void> count_in_a_row(int turns, int& out) {
  for (int i = 0; i < turns; ++i) out += co_await seven();
}

TEST(Task, AwaitsInALoop) {
  ManualLoop loop;
  int out = 0;
  spawn(loop, count_in_a_row(300000, out));
  loop.run_ready();
  EXPECT_EQ(out, 2100000);
}

Task<int> levels(Loop& loop, int depth) {
  if (depth == 0) {
    co_await yield(loop);
    co_return 0;
  }
  const int below = co_await levels(loop, depth - 1);
  co_return below + 1;
}
Task<void> level_into(Loop& loop, int& out) { out = co_await levels(loop, 1000); }

TEST(Task, ComesBackThroughManyLevels) {
  ManualLoop loop;
  int out = 0;
  spawn(loop, level_into(loop, out));
  EXPECT_EQ(loop.run_ready(), 2u);
  EXPECT_EQ(out, 1000);
}

// Against the rules, but it must not hang: what a task waits for comes on another thread.
Task<int> on_a_thread(std::jthread& thread) {
  struct Hop {
    std::jthread& thread;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) const {
      std::jthread& place = thread;  // this awaiter may be gone as soon as the thread runs
      place = std::jthread([handle] { handle.resume(); });
    }
    void await_resume() const noexcept {}
  };
  Hop hop{thread};
  co_await hop;
  co_return 5;
}
Task<void> five_into(std::jthread& thread, std::atomic<int>& out) { out = co_await on_a_thread(thread); }

TEST(Task, IsNotLostWhenResumedOnAnotherThread) {
  for (int round = 0; round < 100; ++round) {
    ManualLoop loop;
    std::jthread thread;
    std::atomic<int> out = 0;
    spawn(loop, five_into(thread, out));
    loop.run_ready();
    while (out == 0) std::this_thread::yield();
    EXPECT_EQ(out, 5);
  }
}

TEST(Spawn, DropsATaskThatNeverStarted) {
  auto witness = std::make_shared<int>(1);
  {
    ManualLoop loop;
    auto hold = [](std::shared_ptr<int> held) -> Task<void> {
      co_await std::suspend_never();
      held.reset();
    };
    spawn(loop, hold(witness));
    EXPECT_EQ(witness.use_count(), 2);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

Task<void> nap(Loop& loop, Duration delay, std::stop_token stop, std::optional<bool>& out) {
  out = co_await sleep_for(loop, delay, stop);
}

TEST(SleepFor, SleepsItsTime) {
  ManualLoop loop;
  std::optional<bool> out;
  spawn(loop, nap(loop, seconds(5), {}, out));
  loop.advance(milliseconds(4999));
  EXPECT_FALSE(out);
  loop.advance(milliseconds(1));
  EXPECT_EQ(out, true);
  EXPECT_EQ(loop.timers(), 0u);
}

TEST(SleepFor, EndsEarlyWhenStopped) {
  ManualLoop loop;
  std::stop_source stop;
  std::optional<bool> out;
  spawn(loop, nap(loop, hours(1), stop.get_token(), out));
  loop.run_ready();
  EXPECT_EQ(loop.timers(), 1u);
  stop.request_stop();
  EXPECT_FALSE(out);
  loop.run_ready();
  EXPECT_EQ(out, false);
  EXPECT_EQ(loop.timers(), 0u);
  out.reset();
  spawn(loop, nap(loop, hours(1), stop.get_token(), out));
  loop.run_ready();
  EXPECT_EQ(out, false);
}

TEST(SleepFor, StopAtTheMomentOfWakingResumesOnce) {
  ManualLoop loop;
  std::stop_source stop;
  std::optional<bool> out;
  // The timer for the stop was set first, so both are due in one turn.
  loop.after(seconds(1), [&] { stop.request_stop(); });
  spawn(loop, nap(loop, seconds(1), stop.get_token(), out));
  loop.run_until_idle();
  EXPECT_TRUE(out.has_value());
}

// A coroutine frame that owns a started task: destroying it drops the task at whatever it awaits.
struct Owner {
  struct promise_type {
    Owner get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};
Owner own(Task<void> task) { co_await std::move(task); }

TEST(SleepFor, MayBeDroppedWhileAsleep) {
  ManualLoop loop;
  std::stop_source stop;
  std::optional<bool> out;
  const Owner owner = own(nap(loop, hours(1), stop.get_token(), out));
  EXPECT_EQ(loop.timers(), 1u);
  owner.handle.destroy();
  EXPECT_EQ(loop.timers(), 0u);
  stop.request_stop();
  loop.run_until_idle();
  EXPECT_FALSE(out);
}

TEST(SleepFor, MayBeDroppedAfterTheStopIsPosted) {
  ManualLoop loop;
  std::stop_source stop;
  std::optional<bool> out;
  const Owner owner = own(nap(loop, hours(1), stop.get_token(), out));
  stop.request_stop();
  owner.handle.destroy();
  loop.run_until_idle();
  EXPECT_FALSE(out);
}

TEST(SleepFor, IsStoppedFromAnotherThread) {
  for (int round = 0; round < 100; ++round) {
    ManualLoop loop;
    std::stop_source stop;
    std::optional<bool> out;
    spawn(loop, nap(loop, seconds(1), stop.get_token(), out));
    loop.run_ready();
    std::jthread other([&] { stop.request_stop(); });
    if (round % 3 == 0) loop.advance(seconds(1));  // a race of the timer and the stop
    while (!out) {
      if (loop.run_ready() == 0) std::this_thread::yield();
    }
    other.join();
    loop.run_ready();
    EXPECT_EQ(loop.timers(), 0u);
  }
}

Task<void> take_turns(Loop& loop, int id, std::vector<int>& order) {
  for (int i = 0; i < 3; ++i) {
    order.push_back(id);
    co_await yield(loop);
  }
}

TEST(Yield, LetsOthersRun) {
  ManualLoop loop;
  std::vector<int> order;
  spawn(loop, take_turns(loop, 1, order));
  spawn(loop, take_turns(loop, 2, order));
  loop.run_ready();
  EXPECT_EQ(order, (std::vector{1, 2, 1, 2, 1, 2}));
}

Task<void> receive(OneShot<std::unique_ptr<int>>& shot, int& out) {
  const std::unique_ptr<int> value = co_await shot.wait();
  out = *value;
}

TEST(OneShot, ArrivesBeforeOrAfterTheWait) {
  ManualLoop loop;
  int before = 0;
  int after = 0;
  OneShot<std::unique_ptr<int>> first(loop);
  first.setter().set(std::make_unique<int>(1));
  first.setter().set(std::make_unique<int>(2));
  spawn(loop, receive(first, before));
  OneShot<std::unique_ptr<int>> second(loop);
  spawn(loop, receive(second, after));
  loop.run_ready();
  EXPECT_EQ(before, 1);
  EXPECT_EQ(after, 0);
  second.setter().set(std::make_unique<int>(3));
  EXPECT_EQ(after, 0);
  loop.run_ready();
  EXPECT_EQ(after, 3);
}

TEST(OneShot, WaiterMayBeDroppedAtAnyMoment) {
  ManualLoop loop;
  int out = 0;
  OneShot<std::unique_ptr<int>> never(loop);
  own(receive(never, out)).handle.destroy();
  never.setter().set(std::make_unique<int>(1));
  OneShot<std::unique_ptr<int>> posted(loop);
  const Owner owner = own(receive(posted, out));
  posted.setter().set(std::make_unique<int>(2));
  owner.handle.destroy();
  loop.run_ready();
  EXPECT_EQ(out, 0);
}

TEST(OneShot, IsSetFromAnotherThread) {
  for (int round = 0; round < 200; ++round) {
    ManualLoop loop;
    int out = 0;
    OneShot<std::unique_ptr<int>> shot(loop);
    std::jthread other([setter = shot.setter()] { setter.set(std::make_unique<int>(5)); });
    spawn(loop, receive(shot, out));
    while (out == 0) {
      if (loop.run_ready() == 0) std::this_thread::yield();
    }
    EXPECT_EQ(out, 5);
  }
}

TEST(OneShot, IsDroppedWhileAnotherThreadSets) {
  for (int round = 0; round < 200; ++round) {
    ManualLoop loop;
    int out = 0;
    auto shot = std::make_unique<OneShot<std::unique_ptr<int>>>(loop);
    const Owner owner = own(receive(*shot, out));
    std::jthread other([setter = shot->setter()] { setter.set(std::make_unique<int>(5)); });
    if (round % 2 == 0) std::this_thread::yield();
    owner.handle.destroy();
    shot.reset();
    loop.run_ready();
    other.join();
    loop.run_ready();
    EXPECT_EQ(out, 0);
  }
}

}  // namespace
}  // namespace mbflow
