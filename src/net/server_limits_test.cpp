// What the server refuses, and how: every refusal is an answer, never just a dropped connection.
#include "net/testing/place.h"

#include <semaphore>
#include <thread>
#include <vector>

namespace mbflow::net::testing {
namespace {

std::string code_of(const Answer& answer) {
  auto at = answer.body.find("\"code\":\"");
  if (at == std::string::npos) return "no code in: " + answer.body;
  at += 8;
  return answer.body.substr(at, answer.body.find('"', at) - at);
}

ServerOptions small_limits() {
  ServerOptions options;
  options.max_body = 1000;
  options.max_header = 2048;
  options.header_timeout = std::chrono::seconds(1);
  options.body_timeout = std::chrono::seconds(1);
  options.write_timeout = std::chrono::seconds(1);
  return options;
}

void expect_refusal(const Answer& answer, int status, std::string_view code, const std::string& what) {
  EXPECT_EQ(answer.status, status) << what;
  EXPECT_EQ(code_of(answer), code) << what;
  EXPECT_EQ(answer.header("content-type"), "application/problem+json") << what;
}

TEST(ServerLimits, RefusesLongBodiesWithAnAnswer) {
  Place place(echo, small_limits());
  expect_refusal(place.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n"), 413, "net.body_too_large",
                 "length");
  expect_refusal(place.ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n300\r\n" +
                           std::string(0x300, 'x') + "\r\n300\r\n"),
                 413, "net.body_too_large", "chunked");
  EXPECT_EQ(place.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x')).status,
            200);
}

// A client that writes its whole body before it reads must still see the answer, not a reset.
TEST(ServerLimits, LetsAClientFinishABodyThatIsTooLong) {
  Place place(echo, small_limits());
  Wire wire(place.port());
  std::string body(4 << 20, 'x');
  EXPECT_TRUE(
      wire.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
  wire.finish_sending();
  expect_refusal(wire.read(), 413, "net.body_too_large", "whole body sent");
  EXPECT_TRUE(wire.ended());
}

TEST(ServerLimits, RefusesLongHeaders) {
  Place place(echo, small_limits());
  std::string long_value(3000, 'v');
  std::string many;
  for (int number = 0; number < 300; ++number) many += "a:\r\n";
  expect_refusal(place.ask("GET / HTTP/1.1\r\nHost: h\r\nX: " + long_value + "\r\n\r\n"), 431, "net.header_too_large",
                 "one field");
  expect_refusal(place.ask("GET / HTTP/1.1\r\nHost: h\r\n" + many + "\r\n"), 431, "net.header_too_large",
                 "many fields");
  expect_refusal(place.ask("GET /" + long_value + " HTTP/1.1\r\nHost: h\r\n\r\n"), 431, "net.header_too_large",
                 "target");
  expect_refusal(place.ask("GET /" + long_value), 431, "net.header_too_large", "unfinished");
}

TEST(ServerLimits, AnswersSlowClientsWith408) {
  Place place(echo, small_limits());
  Wire head(place.port());
  Wire body(place.port());
  Wire chunk(place.port());
  Wire silent(place.port());
  Wire idle(place.port());
  head.send("GET / HTTP/1.1\r\nHost:");
  body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  chunk.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nf");
  idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(idle.read().status, 200);
  expect_refusal(head.read(), 408, "net.slow_request", "head");
  expect_refusal(body.read(), 408, "net.slow_request", "body");
  expect_refusal(chunk.read(), 408, "net.slow_request", "chunk");
  EXPECT_TRUE(silent.ended()) << "nothing was asked, so nothing is answered";
  EXPECT_TRUE(idle.ended());
}

// A line now and then must not keep a request alive for ever.
TEST(ServerLimits, EndsAHeaderThatTrickles) {
  Place place(echo, small_limits());
  Wire wire(place.port());
  wire.send("GET / HTTP/1.1\r\nHost: h\r\n");
  int lines = 0;
  while (!wire.readable(100) && lines < 100 && wire.send("X: y\r\n")) ++lines;
  EXPECT_LT(lines, 100);
  expect_refusal(wire.read(), 408, "net.slow_request", "trickle");
}

TEST(ServerLimits, CutsAClientThatDoesNotRead) {
  std::binary_semaphore gone{0};
  std::optional<std::stop_callback<std::function<void()>>> on_gone;
  Place place(
      [&](Request request) -> Task<Response> {
        on_gone.emplace(request.gone, [&] { gone.release(); });
        co_return text(std::string(64 << 20, 'x'));
      },
      small_limits());
  Wire wire(place.port());
  wire.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(gone.try_acquire_for(std::chrono::seconds(10)));
}

TEST(ServerLimits, RefusesConnectionsOverTheLimitWith503) {
  auto options = small_limits();
  options.max_connections = 4;
  options.header_timeout = std::chrono::seconds(30);
  Place place(echo, options);
  std::vector<std::unique_ptr<Wire>> held;
  for (int number = 0; number < 4; ++number) {
    held.push_back(std::make_unique<Wire>(place.port()));
    held.back()->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(held.back()->read().status, 200);
  }
  Wire over(place.port());
  auto answer = over.read();
  expect_refusal(answer, 503, "net.overloaded", "fifth");
  EXPECT_EQ(answer.header("retry-after"), "1");
  EXPECT_EQ(answer.header("connection"), "close");
  over.close();
  held.clear();
  // The places come back; how soon is the loops' business.
  for (int attempt = 0; attempt < 1000; ++attempt)
    if (place.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status == 200) return;
  ADD_FAILURE() << "no connection was taken after the others ended";
}

Task<Response> hold_until(const std::atomic<bool>& enough, Loop& loop, Request request) {
  while (!enough) (void)co_await sleep_for(loop, std::chrono::milliseconds(1), request.gone);
  co_return text("taken");
}

TEST(ServerLimits, BoundsTheMemoryOfAllBodies) {
  ServerOptions options;
  options.max_body_memory = 1 << 20;
  std::binary_semaphore held{0};
  std::atomic<bool> enough = false;
  Place* here = nullptr;
  Place place(
      [&](Request request) {
        if (request.path != "/hold") return echo(std::move(request));
        held.release();
        return hold_until(enough, *here->loops.current(), std::move(request));
      },
      options);
  here = &place;
  const std::string body(900 << 10, 'x');
  const auto head = " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  Wire first(place.port());
  first.send("POST /hold" + head + body);
  ASSERT_TRUE(held.try_acquire_for(std::chrono::seconds(10)));
  const auto second = place.ask("POST /" + head + body);
  expect_refusal(second, 503, "net.body_memory", "second");
  EXPECT_EQ(second.header("retry-after"), "1");
  enough = true;
  EXPECT_EQ(first.read().status, 200);
  // The memory is given back on the other loop, at some moment after the answer is on its way.
  Answer third;
  for (int attempt = 0; attempt < 1000 && third.status != 200; ++attempt) third = place.ask("POST /" + head + body);
  EXPECT_EQ(third.status, 200) << "given back";
}

TEST(ServerLimits, AdmitsByTheHeadAlone) {
  ServerOptions options;
  options.admit = [](const Request& head) -> Result<void> {
    EXPECT_TRUE(head.body.empty());
    if (head.path == "/limited") return fail(Kind::limited, "test.limited", "too many; come back later");
    if (head.path == "/throws") throw std::runtime_error("x");
    if (head.header("authorization").empty()) return fail(Kind::denied, "test.denied", "say who you are");
    return {};
  };
  Place place(echo, options);
  Wire wire(place.port());
  wire.send(
      "POST /limited HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcPOST /ok HTTP/1.1\r\nHost: h\r\nAuthorization: "
      "x\r\n"
      "Content-Length: 3\r\n\r\nabcGET /no HTTP/1.1\r\nHost: h\r\n\r\n");
  auto limited = wire.read();
  expect_refusal(limited, 429, "test.limited", "limited");
  EXPECT_EQ(limited.header("retry-after"), "1");
  EXPECT_EQ(limited.header("connection"), "") << "a short body is read, so the connection stays";
  EXPECT_EQ(wire.read().body, "POST /ok \nabc");
  EXPECT_EQ(wire.read().status, 403);

  // A long body is not read at all.
  auto long_body = place.ask("POST /limited HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_EQ(long_body.status, 429);
  EXPECT_EQ(long_body.header("connection"), "close");
  auto asking = place.ask("POST /limited HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(asking.status, 429);
  EXPECT_EQ(place.ask("GET /throws HTTP/1.1\r\nHost: h\r\n\r\n").status, 500);
}

struct Bad {
  const char* bytes;
  int status;
  const char* code;
};

// Two servers in a row must never disagree about where a request ends (RFC 9112 §6.3, §11.2), nor about its path.
const Bad bad_requests[] = {
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
     "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400,
     "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, "net.framing"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc", 400, "net.framing"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\nabc", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x3\r\n\r\nabc", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \r\n\r\nabc", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\nabc", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 3\r\n\r\nabc", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400, "net.framing"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n", 400, "net.framing"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400, "net.framing"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400, "net.framing"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400, "net.framing"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
     "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding\r\n: chunked\r\n\r\n0\r\n\r\n", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "net.malformed"},
    {"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "net.framing"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n\r\n", 400, "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n", 400,
     "net.malformed"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;a\rb\r\nabc\r\n0\r\n\r\n", 400,
     "net.malformed"},
    {"GET / HTTP/1.1\n\nHost: h\r\n\r\n", 400, "net.malformed"},
    {"GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400, "net.malformed"},
    {"GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400, "net.malformed"},
    {"GET / HTTP/1.1\r\nHost: h\r\nX\x01: a\r\n\r\n", 400, "net.malformed"},
    {"GET / HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n", 400, "net.malformed"},
    {"GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400, "net.malformed"},
    {"GET / HTTP/1.1\r\nHost: h\r\n: empty\r\n\r\n", 400, "net.malformed"},
    {"GET / HTTP/1.1\r\nHost: h\r\nX: one\r\n two\r\n\r\n", 400, "net.malformed"},
    {"GET / HTTP/1.1\r\n\r\n", 400, "net.host"},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "net.host"},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "net.host"},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "net.host"},
    {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "net.host"},
    {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400, "net.malformed"},
    {"GET / HTTP/0.9\r\nHost: h\r\n\r\n", 400, "net.malformed"},
    {"GET /\r\n\r\n", 400, "net.malformed"},
    {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "net.malformed"},
    {"GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400, "net.malformed"},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "net.malformed"},
    {"\x16\x03\x01\x02", 400, "net.malformed"},
    {"get / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "net.method"},
    {"G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "net.malformed"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "net.method"},
    {"CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400, "net.target"},
    {"GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400, "net.target"},
    {"GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400, "net.target"},
    {"GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, "net.target"},
    {"GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, "net.target"},
    {"GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400, "net.target"},
    {"GET /%2e%2e/x HTTP/1.1\r\nHost: h\r\n\r\n", 400, "net.path"},
};

TEST(ServerLimits, RefusesWhatCanBeReadInTwoWays) {
  Place place(echo);
  for (const auto& [bytes, status, code] : bad_requests) {
    Wire wire(place.port());
    // What follows would be a smuggled request if the first were taken.
    wire.send(std::string(bytes) + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
    wire.finish_sending();
    expect_refusal(wire.read(), status, code, bytes);
    EXPECT_TRUE(wire.ended()) << bytes;
  }
}

TEST(ServerLimits, EndsTheConnectionAfterARefusal) {
  Place place(echo);
  Wire wire(place.port());
  wire.send("GET /a/../b HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  auto answer = wire.read();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.header("connection"), "close");
  wire.finish_sending();
  EXPECT_TRUE(wire.ended()) << "the request behind it is not answered";
}

}  // namespace
}  // namespace mbflow::net::testing
