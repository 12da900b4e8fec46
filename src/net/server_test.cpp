// The server over raw sockets: what a client may send, and what it gets back.
#include "net/testing/place.h"

#include <semaphore>
#include <stdexcept>

namespace mbflow::net::testing {
namespace {

TEST(Server, AnswersAndKeepsTheConnection) {
  Place place(echo);
  Wire wire(place.port());
  for (int round = 0; round < 3; ++round) {
    wire.send("GET /a/b?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
    auto answer = wire.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "GET /a/b x=1\n");
    EXPECT_EQ(answer.header("content-length"), "13");
    EXPECT_EQ(answer.header("content-type"), "text/plain");
    EXPECT_EQ(answer.header("connection"), "");
    EXPECT_TRUE(answer.header("date").ends_with(" GMT")) << answer.head;
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  Place place(echo);
  Wire wire(place.port());
  std::string all;
  for (int number = 0; number < 500; ++number)
    all += "POST /" + std::to_string(number) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  wire.send(all);
  for (int number = 0; number < 500; ++number) {
    auto answer = wire.read();
    ASSERT_EQ(answer.status, 200);
    ASSERT_EQ(answer.body, "POST /" + std::to_string(number) + " \nabc");
  }
}

TEST(Server, TakesARequestByteByByte) {
  Place place(echo);
  Wire wire(place.port());
  std::string bytes =
      "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n5\r\npedia\r\n0\r\n\r\n";
  for (char c : bytes) wire.send(std::string_view(&c, 1));
  EXPECT_EQ(wire.read().body, "POST /x \nwikipedia");
}

TEST(Server, TakesChunkedBodiesAndDropsTrailers) {
  Place place([](Request request) -> Task<Response> {
    co_return text(request.body + "|" + std::string(request.header("x-late")));
  });
  auto answer = place.ask(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX-Late: 1\r\nHost: "
      "evil\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "abc|");
}

TEST(Server, AnswersHeadWithoutABody) {
  Place place(echo);
  Wire wire(place.port());
  wire.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\nGET /y HTTP/1.1\r\nHost: h\r\n\r\n");
  auto head = wire.read(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "9");
  EXPECT_EQ(wire.read().body, "GET /y \n");
}

TEST(Server, SendsNoBodyWith204And304) {
  Place place(
      [](Request request) -> Task<Response> { co_return text("not shown", request.path == "/204" ? 204 : 304); });
  Wire wire(place.port());
  wire.send("GET /204 HTTP/1.1\r\nHost: h\r\n\r\nGET /304 HTTP/1.1\r\nHost: h\r\n\r\n");
  auto first = wire.read();
  EXPECT_EQ(first.status, 204);
  EXPECT_EQ(first.header("content-length"), "");
  EXPECT_EQ(wire.read().status, 304);
}

TEST(Server, KnowsHttp10) {
  Place place(echo);
  Wire closing(place.port());
  closing.send("GET /x HTTP/1.0\r\n\r\n");
  auto answer = closing.read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(closing.ended());

  Wire kept(place.port());
  for (int round = 0; round < 2; ++round) {
    kept.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(kept.read().header("connection"), "keep-alive");
  }
}

TEST(Server, ClosesWhenAskedTo) {
  Place place(echo);
  Wire wire(place.port());
  wire.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(wire.read().header("connection"), "close");
  EXPECT_TRUE(wire.ended());
}

TEST(Server, SaysContinueOnlyWhenItWillReadTheBody) {
  Place place(echo);
  Wire wire(place.port());
  wire.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(wire.read().status, 100);
  wire.send("ok");
  EXPECT_EQ(wire.read().body, "POST / \nok");

  Wire large(place.port());
  large.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
  EXPECT_EQ(large.read().status, 413);
  EXPECT_EQ(place.ask("POST / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\nContent-Length: 2\r\n\r\nok").status, 417);
}

TEST(Server, GivesTheHandlerTheWholeRequest) {
  Place place([](Request request) -> Task<Response> {
    EXPECT_EQ(request.method, "PUT");
    EXPECT_EQ(request.target, "/%C3%A4?q=%20");
    EXPECT_EQ(request.path, "/ä");
    EXPECT_EQ(request.query, "q=%20");
    EXPECT_EQ(request.peer, "127.0.0.1");
    EXPECT_EQ(request.header("x-one"), "1");
    EXPECT_EQ(request.header("X-TWO"), "b c");
    EXPECT_EQ(request.header("x-none"), "");
    EXPECT_FALSE(request.gone.stop_requested());
    co_return text("ok");
  });
  EXPECT_EQ(place.ask("PUT /%C3%A4?q=%20 HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nx-two:  b c \r\nContent-Length: 0\r\n\r\n")
                .status,
            200);
}

TEST(Server, TurnsAnExceptionInto500AndStays) {
  std::promise<std::string> heard;
  ServerOptions options;
  options.on_error = [&](std::string_view request, std::string_view what) {
    heard.set_value(std::string(request) + ": " + std::string(what));
  };
  Place place(
      [](Request request) -> Task<Response> {
        if (request.path == "/bad") throw std::runtime_error("secret detail");
        co_return text("fine");
      },
      options);
  Wire wire(place.port());
  wire.send("GET /bad?x HTTP/1.1\r\nHost: h\r\n\r\n");
  auto answer = wire.read();
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.header("content-type"), "application/problem+json");
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  EXPECT_EQ(heard.get_future().get(), "GET /bad?x: secret detail");
  wire.send("GET /good HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(wire.read().body, "fine");
}

TEST(Server, RefusesHeadersThatBreakOutOfTheirLine) {
  Place place([](Request request) -> Task<Response> {
    auto response = text("x");
    if (request.path == "/value") response.headers.emplace_back("x-user", "a\r\nset-cookie: stolen=1");
    if (request.path == "/name") response.headers.emplace_back("x user:", "a");
    if (request.path == "/status") response.status = 99;
    if (request.path == "/framing") {
      response.headers.emplace_back("Content-Length", "100");
      response.headers.emplace_back("transfer-encoding", "chunked");
      response.headers.emplace_back("Date", "never");
    }
    co_return response;
  });
  for (const char* path : {"/value", "/name", "/status"}) {
    auto answer = place.ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(answer.status, 500) << path;
    EXPECT_EQ(answer.header("set-cookie"), "") << path;
  }
  auto framed = place.ask("GET /framing HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(framed.header("content-length"), "1");
  EXPECT_EQ(framed.header("transfer-encoding"), "");
  EXPECT_NE(framed.header("date"), "never");
}

Task<Response> large(std::size_t size) {
  Response response = text(std::string(size, 'x'));
  co_return response;
}

TEST(Server, SendsLargeAnswersToSlowReaders) {
  constexpr std::size_t size = 20 << 20;
  Place place([](Request) { return large(size); });
  Wire wire(place.port());
  for (int round = 0; round < 2; ++round) {
    wire.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(wire.read().body.size(), size);
  }
}

Task<Response> later(Loop& loop, Request request) {
  (void)co_await sleep_for(loop, std::chrono::milliseconds(1), request.gone);
  co_return text(request.path);
}

TEST(Server, AnswersFromALaterTurnInOrder) {
  Place* here = nullptr;
  Place place([&](Request request) { return later(*here->loops.current(), std::move(request)); });
  here = &place;
  Wire wire(place.port());
  std::string all;
  for (int number = 0; number < 50; ++number) all += "GET /" + std::to_string(number) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  wire.send(all);
  for (int number = 0; number < 50; ++number) ASSERT_EQ(wire.read().body, "/" + std::to_string(number));
}

// The stream of an answer: numbered pieces, from later turns of the loop.
struct Pieces {
  Loop* loop;
  int left;
  bool fails = false;
};

Task<std::string> next_piece(std::shared_ptr<Pieces> pieces) {
  co_await yield(*pieces->loop);
  if (pieces->left == 0 && pieces->fails) throw std::runtime_error("no more");
  if (pieces->left == 0) co_return std::string();
  co_return "data: " + std::to_string(pieces->left--) + "\n\n";
}

Response live(Loop& loop, int count, bool fails) {
  Response response = text("");
  auto pieces = std::make_shared<Pieces>(Pieces{&loop, count, fails});
  response.stream = [pieces] { return next_piece(pieces); };
  return response;
}

TEST(Server, StreamsALiveAnswer) {
  Place* here = nullptr;
  Place place([&](Request request) -> Task<Response> {
    auto response = live(*here->loops.current(), 3, request.path == "/fails");
    response.body = "first\n";
    co_return response;
  });
  here = &place;
  Wire wire(place.port());
  wire.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nHEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  auto answer = wire.read();
  EXPECT_EQ(answer.header("transfer-encoding"), "chunked");
  EXPECT_EQ(answer.body, "first\ndata: 3\n\ndata: 2\n\ndata: 1\n\n");
  EXPECT_EQ(wire.read(true).header("transfer-encoding"), "chunked");
  wire.send("GET /again HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(wire.read().status, 200);

  auto old = place.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(old.header("connection"), "close");
  EXPECT_EQ(old.body, "first\ndata: 3\n\ndata: 2\n\ndata: 1\n\n");
  // A failure after the head can only be told by a missing end.
  EXPECT_TRUE(place.ask("GET /fails HTTP/1.1\r\nHost: h\r\n\r\n").body.ends_with("<cut>"));
}

struct Watch {
  std::binary_semaphore entered{0}, gone{0};
};

Task<Response> until_gone(Loop& loop, Request request, Watch& watch) {
  watch.entered.release();
  bool slept = co_await sleep_for(loop, std::chrono::seconds(30), request.gone);
  if (!slept) watch.gone.release();
  co_return text("too late");
}

TEST(Server, TellsTheHandlerThatTheClientHungUp) {
  for (bool hard : {false, true}) {
    Watch watch;
    Place* here = nullptr;
    Place place([&](Request request) { return until_gone(*here->loops.current(), std::move(request), watch); });
    here = &place;
    Wire wire(place.port());
    wire.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_TRUE(watch.entered.try_acquire_for(std::chrono::seconds(10)));
    hard ? wire.reset() : wire.close();
    EXPECT_TRUE(watch.gone.try_acquire_for(std::chrono::seconds(10))) << hard;
  }
}

TEST(Server, AnswersAClientThatOnlyStoppedSending) {
  Place place(echo);
  Wire wire(place.port());
  wire.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  wire.finish_sending();
  EXPECT_EQ(wire.read().body, "GET /1 \n");
  EXPECT_EQ(wire.read().body, "GET /2 \n");
  EXPECT_TRUE(wire.ended());
}

TEST(Server, NamesTheAddressItCannotHave) {
  Place place(echo);
  Loops loops(1);
  ServerOptions options;
  options.port = place.port();
  auto taken = Server::listen(loops, options, echo);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, "net.bind");
  EXPECT_NE(taken.error().message.find(std::to_string(place.port())), std::string::npos);
  options.address = "nowhere";
  EXPECT_EQ(Server::listen(loops, options, echo).error().code, "net.bind");
}

}  // namespace
}  // namespace mbflow::net::testing
