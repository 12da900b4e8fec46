// How a server ends: what is under way is finished, what is idle goes, nothing new comes, and nobody waits for ever.
#include "net/testing/place.h"

#include <fcntl.h>
#include <unistd.h>

#include <list>
#include <semaphore>
#include <thread>
#include <vector>

namespace mbflow::net::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A handler that waits for the test, or for the end.
struct Gate {
  std::counting_semaphore<> entered{0};
  std::atomic<Loop*> loop = nullptr;
  std::optional<OneShot<bool>::Setter> open;
  std::atomic<bool> saw_gone = false;
};

Task<Response> pass(Loop& loop, Gate& gate) {
  OneShot<bool> wait(loop);
  gate.open.emplace(wait.setter());
  gate.entered.release();
  co_await wait.wait();
  co_return text("finished");
}

Task<Response> until_gone(Loop& loop, Request request, Gate& gate) {
  gate.entered.release();
  bool slept = co_await sleep_for(loop, seconds(60), request.gone);
  gate.saw_gone = !slept;
  co_return text("never seen");
}

struct Scene {
  Gate gate;
  Place place{[this](Request request) -> Task<Response> {
                auto& loop = *place.loops.current();
                if (request.path == "/wait") return pass(loop, gate);
                if (request.path == "/long") return until_gone(loop, std::move(request), gate);
                return echo(std::move(request));
              },
              {},
              2};
};

TEST(ServerDrain, FinishesWhatIsUnderWay) {
  Scene scene;
  Wire idle(scene.place.port());
  Wire fresh(scene.place.port());
  Wire busy(scene.place.port());
  idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(idle.read().status, 200);
  busy.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(scene.gate.entered.try_acquire_for(seconds(10)));

  auto port = scene.place.port();
  std::thread drain([&] { scene.place.server->drain(seconds(30)); });
  EXPECT_TRUE(idle.ended());
  EXPECT_TRUE(fresh.ended());
  bool listens = true;  // the other loop may be a moment later
  for (const auto until = std::chrono::steady_clock::now() + seconds(30); listens && std::chrono::steady_clock::now() < until;) listens = Wire(port).connected();
  EXPECT_FALSE(listens);
  scene.gate.open->set(true);
  auto answer = busy.read();
  EXPECT_EQ(answer.body, "finished");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(busy.ended());
  drain.join();
}

TEST(ServerDrain, CutsWhatDoesNotFinish) {
  Scene scene;
  Wire busy(scene.place.port());
  busy.send("GET /long HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(scene.gate.entered.try_acquire_for(seconds(10)));
  scene.place.server->drain(milliseconds(1));
  EXPECT_TRUE(scene.gate.saw_gone) << "the handler has ended by the time that drain returns";
  EXPECT_TRUE(busy.ended());
}

TEST(ServerDrain, AnswersWhatTheKernelTookAlready) {
  for (int round = 0; round < 20; ++round) {
    Scene scene;
    std::vector<std::unique_ptr<Wire>> wires;
    for (int number = 0; number < 16; ++number) {
      wires.push_back(std::make_unique<Wire>(scene.place.port()));
      ASSERT_TRUE(wires.back()->connected());
      wires.back()->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    scene.place.server->drain(seconds(10));
    for (auto& wire : wires) ASSERT_EQ(wire->read().status, 200);
  }
}

TEST(ServerDrain, EndsWithTheObject) {
  Scene scene;
  Wire busy(scene.place.port());
  busy.send("GET /long HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(scene.gate.entered.try_acquire_for(seconds(10)));
  scene.place.server.reset();
  EXPECT_TRUE(scene.gate.saw_gone);
}

TEST(ServerDrain, TakesLoopsThatStoppedFirst) {
  Scene scene;
  Wire busy(scene.place.port());
  Wire idle(scene.place.port());
  idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(idle.read().status, 200);
  busy.send("GET /long HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(scene.gate.entered.try_acquire_for(seconds(10)));
  scene.place.loops.stop();
  scene.place.server.reset();
  EXPECT_TRUE(idle.ended());
}

TEST(ServerDrain, NeverRan) {
  Loops loops(2);
  ServerOptions options;
  options.port = 0;
  auto server = Server::listen(loops, options, echo);
  ASSERT_TRUE(server);
  EXPECT_NE((*server)->port(), 0);
  (*server)->drain(seconds(1));
}

// The first stops; what connects meanwhile waits in the sockets for the second, with more loops or fewer.
void hand_over_to(std::size_t loops_of_second) {
  ServerOptions options;
  options.port = 0;
  Loops loops(2);
  auto first = Server::listen(loops, options, echo);
  ASSERT_TRUE(first);
  loops.run();
  const auto port = (*first)->port();
  Wire kept(port);
  kept.send("GET /before HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(kept.read().status, 200);
  ServerOptions inherited;
  for (const int socket : (*first)->sockets()) inherited.inherited.push_back(dup(socket));
  (*first)->expect_successor();
  std::thread drain([&] { (*first)->drain(seconds(10)); });
  kept.send("GET /last HTTP/1.1\r\nHost: h\r\n\r\n");
  auto last = kept.read();
  EXPECT_EQ(last.status, 200);
  drain.join();
  std::list<Wire> wires;
  for (int i = 0; i < 20; ++i) wires.emplace_back(port).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  Loops others(loops_of_second);
  auto second = Server::listen(others, inherited, echo);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ((*second)->port(), port);
  others.run();
  for (auto& wire : wires) EXPECT_EQ(wire.read().status, 200);
}

TEST(ServerDrain, ASuccessorGetsWhatQueues) { hand_over_to(2); }
TEST(ServerDrain, ASuccessorWithMoreLoops) { hand_over_to(3); }
TEST(ServerDrain, ASuccessorWithFewerLoops) { hand_over_to(1); }

TEST(ServerDrain, WhatIsNoListeningSocketIsRefused) {
  ServerOptions options;
  options.inherited.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  Loops loops(1);
  auto server = Server::listen(loops, options, echo);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, "net.inherited");
}

// Clients that come and go at random moments, a drain in their midst: nothing hangs and every answer is whole.
TEST(ServerDrain, UnderLoad) {
  Scene scene;
  std::atomic<int> whole = 0;
  std::atomic<bool> torn = false;
  std::counting_semaphore<> first{0};
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client)
    clients.emplace_back([&, port = scene.place.port()] {
      for (;;) {
        Wire wire(port);
        if (!wire.connected()) return;
        for (;;) {
          if (!wire.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n")) break;
          auto answer = wire.read();
          if (answer.status == 0) break;
          if (answer.status != 200 || answer.body != "GET /x \n") torn = true;
          if (++whole == 200) first.release();
          if (answer.header("connection") == "close") break;
        }
      }
    });
  EXPECT_TRUE(first.try_acquire_for(seconds(20)));
  scene.place.server->drain(seconds(10));
  for (auto& client : clients) client.join();
  EXPECT_FALSE(torn);
  EXPECT_GE(whole, 200);
}

}  // namespace
}  // namespace mbflow::net::testing
