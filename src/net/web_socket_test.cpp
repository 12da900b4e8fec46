// WebSockets over raw sockets: the handshake, and clients that are slow, silent, wrong or gone.
#include "net/testing/place.h"
#include "net/web_socket.h"

#include <semaphore>

namespace mbflow::net::testing {
namespace {

constexpr std::string_view hello =
    "GET /live HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

// A message as a client sends it; the mask is zero, so its text stands as it is.
std::string masked(std::string_view text) {
  std::string frame("\x81");
  frame += static_cast<char>(0x80 | text.size());
  return frame + std::string(4, '\0') + std::string(text);
}

using Talk = std::function<Task<void>(WebSocket&)>;

Handler talking(Talk talk, WebSocketOptions options = {}) {
  return [talk = std::move(talk), options = std::move(options)](Request request) -> Task<Response> {
    auto response = accept_socket(request, options, talk);
    co_return response ? *std::move(response) : text(response.error().code, 400);
  };
}

Task<void> say_back(WebSocket& socket) {
  while (true) {
    auto heard = co_await socket.receive();
    if (!heard) co_return;
    const bool sent = co_await socket.send(*std::move(heard));
    if (!sent) co_return;
  }
}

TEST(WebSocket, ShakesHandsAndTalks) {
  WebSocketOptions options;
  options.protocol = "chat";
  Place place(talking(say_back, options));
  Wire wire(place.port());
  wire.send(hello);
  const auto answer = wire.read();
  EXPECT_EQ(answer.status, 101);
  EXPECT_NE(answer.head.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos) << answer.head;  // RFC 6455, 1.3
  EXPECT_NE(answer.head.find("Sec-WebSocket-Protocol: chat\r\n"), std::string::npos) << answer.head;
  wire.send(masked("one") + masked("two"));
  wire.send(std::string("\x88\x82\0\0\0\0\x0f\xa1", 8));  // a close with the code 4001
  EXPECT_EQ(wire.rest(), "\x81\x03one\x81\x03two\x88\x02\x0f\xa1");
}

TEST(WebSocket, IsNotWhatAnOrdinaryRequestGets) {
  Place place(talking(say_back));
  Wire wire(place.port());
  wire.send("GET /live HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(wire.read().body, "net.no_websocket");
  wire.send("POST /live HTTP/1.1\r\nContent-Length: 0\r\n" + std::string(hello.substr(hello.find("Host"))));
  EXPECT_EQ(wire.read().body, "net.no_websocket");
  wire.send(hello);  // the connection is as good as before
  EXPECT_EQ(wire.read().status, 101);
}

TEST(WebSocket, EndsForOneWhoSpeaksBeforeTheAnswer) {
  Place place(talking(say_back));
  Wire wire(place.port());
  wire.send(std::string(hello) + masked("early"));
  EXPECT_EQ(wire.rest(), "");
}

TEST(WebSocket, CutsAClientThatTakesNothing) {
  std::binary_semaphore cut{0};
  WebSocketOptions options;
  options.write_timeout = std::chrono::seconds(1);
  Talk flood = [&cut](WebSocket& socket) -> Task<void> {
    bool sent = true;
    while (sent) sent = co_await socket.send(std::string(1 << 20, 'x'));
    const auto heard = co_await socket.receive();
    if (!heard) cut.release();
  };
  Place place(talking(flood, options));
  Wire wire(place.port());
  wire.send(hello);
  EXPECT_EQ(wire.read().status, 101);
  EXPECT_TRUE(cut.try_acquire_for(std::chrono::minutes(1)));
}

TEST(WebSocket, PingsASilentClientAndLetsADeadOneGo) {
  std::binary_semaphore gone{0};
  WebSocketOptions options;
  options.idle_timeout = std::chrono::seconds(2);
  Talk listen = [&gone](WebSocket& socket) -> Task<void> {
    const auto heard = co_await socket.receive();
    if (!heard) gone.release();
  };
  Place place(talking(listen, options));
  Wire wire(place.port());
  wire.send(hello);
  EXPECT_EQ(wire.read().status, 101);
  EXPECT_EQ(wire.rest().substr(0, 1), "\x89");  // a ping, and as nothing answers it the end
  EXPECT_TRUE(gone.try_acquire_for(std::chrono::minutes(1)));
}

TEST(WebSocket, ClosesWithACodeAndAReason) {
  Talk leave = [](WebSocket& socket) -> Task<void> { co_await socket.close(4401, "why"); };
  Place place(talking(leave));
  Wire wire(place.port());
  wire.send(hello);
  EXPECT_EQ(wire.read().status, 101);
  wire.send(std::string("\x88\x80", 2) + std::string(4, '\0'));
  EXPECT_EQ(wire.rest(), std::string("\x88\x05\x11\x31why", 7));
}

TEST(WebSocket, IsCutWhenTheServerMustEnd) {
  std::binary_semaphore gone{0};
  Talk listen = [&gone](WebSocket& socket) -> Task<void> {
    const auto heard = co_await socket.receive();
    if (!heard) gone.release();
  };
  Place place(talking(listen));
  Wire wire(place.port());
  wire.send(hello);
  EXPECT_EQ(wire.read().status, 101);
  place.server->drain(std::chrono::milliseconds(50));
  EXPECT_TRUE(gone.try_acquire_for(std::chrono::minutes(1)));
  EXPECT_TRUE(wire.ended());
}

TEST(WebSocket, SurvivesAHandlerThatThrows) {
  Talk fail = [](WebSocket&) -> Task<void> {
    throw std::runtime_error("no");
    co_return;
  };
  std::atomic<int> reported = 0;
  ServerOptions options;
  options.on_error = [&reported](std::string_view, std::string_view what) { reported += what == "no" ? 1 : 100; };
  Place place(talking(fail), std::move(options));
  Wire wire(place.port());
  wire.send(hello);
  EXPECT_EQ(wire.read().status, 101);
  EXPECT_TRUE(wire.ended());
  EXPECT_EQ(reported, 1);
}

}  // namespace
}  // namespace mbflow::net::testing
