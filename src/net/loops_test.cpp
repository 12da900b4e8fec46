#include "net/server.h"
#include "net/timer_heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <random>

namespace mbflow::net {
namespace {

using std::chrono::milliseconds;

TEST(TimerHeap, FiresInOrderOfTimeThenOfAdding) {
  TimerHeap heap;
  TimerHeap::Time zero{};
  std::vector<int> fired;
  std::vector<std::pair<int, int>> expected;  // time, order
  std::vector<std::uint64_t> ids;
  std::mt19937 random(7);
  for (int number = 0; number < 2000; ++number) {
    int at = static_cast<int>(random() % 200);
    ids.push_back(heap.add(zero + milliseconds(at), [&fired, number] { fired.push_back(number); }));
    expected.emplace_back(at, number);
  }
  for (int number = 0; number < 2000; number += 3) heap.remove(ids[static_cast<std::size_t>(number)]);
  std::erase_if(expected, [](const auto& timer) { return timer.second % 3 == 0; });
  std::ranges::sort(expected);
  EXPECT_EQ(heap.earliest(), zero + milliseconds(expected.front().first));
  while (auto callback = heap.take_due(zero + milliseconds(100))) callback();
  std::vector<int> due;
  for (const auto& [at, number] : expected)
    if (at <= 100) due.push_back(number);
  EXPECT_EQ(fired, due);
  EXPECT_GT(heap.earliest(), zero + milliseconds(100));
}

TEST(TimerHeap, KnowsAnOldIdFromItsSuccessor) {
  TimerHeap heap;
  auto first = heap.add({}, [] {});
  EXPECT_NE(first, 0u);
  heap.take_due({})();
  int fired = 0;
  auto second = heap.add({}, [&] { ++fired; });
  EXPECT_NE(first, second);
  heap.remove(first);
  heap.remove(0);
  heap.remove(~std::uint64_t{0});
  heap.take_due({})();
  EXPECT_EQ(fired, 1);
}

TEST(TimerHeap, LetsACallbackGoWithItsTimer) {
  TimerHeap heap;
  auto held = std::make_shared<int>(1);
  auto id = heap.add({}, [held] {});
  EXPECT_EQ(held.use_count(), 2);
  heap.remove(id);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Loops, RunCallbacksOnTheirThread) {
  Loops loops(2);
  EXPECT_EQ(loops.current(), nullptr);
  loops.run();
  for (std::size_t index = 0; index < loops.size(); ++index) {
    auto& loop = loops.loop(index);
    std::promise<bool> right;
    loop.post(
        [&] { right.set_value(loops.current() == &loop && loop.is_current() && !loops.loop(1 - index).is_current()); });
    EXPECT_TRUE(right.get_future().get());
    EXPECT_FALSE(loop.is_current());
  }
}

TEST(Loops, FireTimersInOrderAndNotTheCancelledOnes) {
  Loops loops(1);
  loops.run();
  auto& loop = loops.loop(0);
  std::promise<std::string> over;
  std::string order;
  loop.post([&] {
    auto never = loop.after(milliseconds(1), [&] { order += "never "; });
    loop.after(milliseconds(30), [&] { over.set_value(order); });
    loop.after(milliseconds(10), [&] { order += "c "; });
    loop.after(milliseconds(5), [&] { order += "b "; });
    loop.after(Duration::zero(), [&] {
      order += "a ";
      loop.after(Duration(-5), [&] { order += "a2 "; });
    });
    loop.after(Duration::max(), [] {});
    loop.cancel(never);
    loop.cancel(0);
  });
  EXPECT_EQ(over.get_future().get(), "a a2 b c ");
}

TEST(Loops, StopAfterWhatWasPosted) {
  int ran = 0;
  Loops loops(1);
  loops.run();
  for (int number = 0; number < 100; ++number) loops.loop(0).post([&] { ++ran; });
  loops.stop();
  EXPECT_EQ(ran, 100);
  loops.stop();
}

TEST(Loops, StopFromWithin) {
  Loops loops(2);
  loops.run();
  std::promise<void> stopped;
  loops.loop(1).post([&] {
    loops.stop();
    stopped.set_value();
  });
  stopped.get_future().get();
}

Task<int> ping_pong(Loops& loops, int rounds) {
  int hops = 0;
  for (int round = 0; round < rounds; ++round) {
    OneShot<int> shot(*loops.current());
    auto& other = loops.current() == &loops.loop(0) ? loops.loop(1) : loops.loop(0);
    other.post([setter = shot.setter()] { setter.set(1); });
    int one = co_await shot.wait();
    hops += one;
  }
  co_return hops;
}

Task<void> report(Task<int> task, std::promise<int>& result) {
  int value = co_await task;
  result.set_value(value);
}

TEST(Loops, CarryValuesBetweenThreads) {
  Loops loops(2);
  loops.run();
  std::promise<int> result;
  spawn(loops.loop(0), report(ping_pong(loops, 1000), result));
  EXPECT_EQ(result.get_future().get(), 1000);
}

}  // namespace
}  // namespace mbflow::net
