// The client against our own server and against servers that misbehave.
#include "net/testing/caller.h"
#include "net/testing/canned.h"

#include <semaphore>

namespace mbflow::net::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What the server saw, in the body.
Task<Response> mirror(Request request) {
  std::string seen = request.method + " " + request.target + "\n";
  for (const auto& [name, value] : request.headers) seen += name + ": " + value + "\n";
  co_return text(seen + "\n" + request.body);
}

struct Scene {
  Place place{mirror};
  Caller caller{place.loops, allow("127.0.0.1")};

  std::string seen(HttpRequest request) {
    if (request.url.empty()) request.url = place.url();
    auto answer = caller.call(std::move(request));
    return answer ? answer->body : answer.error().code;
  }
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Client, SendsAndReceives) {
  Scene scene;
  HttpRequest request;
  request.method = "POST";
  request.url = scene.place.url("/a?b=c#fragment");
  request.headers = {{"X-One", "1"}, {"Empty", ""}, {"Content-Type", "text/x"}};
  request.body = std::string("a\0b", 3);
  auto answer = scene.caller.call(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->url, scene.place.url("/a?b=c"));
  EXPECT_EQ(*find_header(answer->headers, "CONTENT-TYPE"), "text/plain");
  EXPECT_TRUE(has(answer->body, "POST /a?b=c\n"));
  EXPECT_TRUE(has(answer->body, "X-One: 1\n"));
  EXPECT_TRUE(has(answer->body, "Empty: \n"));
  EXPECT_TRUE(has(answer->body, "Content-Length: 3\n"));
  EXPECT_TRUE(answer->body.ends_with(std::string("\n\na\0b", 5)));
}

TEST(Client, KnowsEveryMethod) {
  Scene scene;
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT"})
    for (const char* body : {"", "body"}) {
      HttpRequest request;
      request.method = method;
      request.body = body;
      auto seen = scene.seen(request);
      EXPECT_TRUE(seen.starts_with(std::string(method) + " /\n")) << seen;
      EXPECT_TRUE(seen.ends_with(std::string("\n\n") + body)) << seen;
      bool length = *body != '\0' || method == std::string("POST") || method == std::string("PUT") || method == std::string("PATCH");
      EXPECT_EQ(has(seen, "Content-Length: "), length) << seen;
      // Nothing that the caller did not say.
      EXPECT_FALSE(has(seen, "Expect:")) << seen;
      EXPECT_FALSE(has(seen, "Content-Type:")) << seen;
      EXPECT_FALSE(has(seen, "Transfer-Encoding:")) << seen;
    }
  HttpRequest head;
  head.method = "HEAD";
  head.url = scene.place.url();
  auto answer = scene.caller.call(head);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "");
  EXPECT_NE(find_header(answer->headers, "content-length"), nullptr);
}

TEST(Client, GivesEveryStatusAsAnAnswer) {
  Place place([](Request request) -> Task<Response> { co_return text("x", std::atoi(request.path.c_str() + 1)); });
  Caller caller(place.loops, allow("127.0.0.1"));
  for (int status : {200, 201, 204, 301, 304, 400, 401, 404, 407, 418, 429, 500, 503, 599}) {
    auto answer = caller.get(place.url("/" + std::to_string(status)));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, status);
  }
}

TEST(Client, RefusesWhatWouldBreakTheRequest) {
  Scene scene;
  auto code = [&](auto change) {
    HttpRequest request;
    change(request);
    return scene.seen(request);
  };
  EXPECT_EQ(code([](auto& r) { r.headers = {{"X", "a\r\nInjected: 1"}}; }), "http.header");
  EXPECT_EQ(code([](auto& r) { r.headers = {{"X", std::string("a\0b", 3)}}; }), "http.header");
  EXPECT_EQ(code([](auto& r) { r.headers = {{"X Y", "a"}}; }), "http.header");
  EXPECT_EQ(code([](auto& r) { r.headers = {{"", "a"}}; }), "http.header");
  EXPECT_EQ(code([](auto& r) { r.headers = {{"X:", "a"}}; }), "http.header");
  EXPECT_EQ(code([](auto& r) { r.method = "GET / HTTP/1.1\r\nX: y"; }), "http.method");
  EXPECT_EQ(code([](auto& r) { r.method = ""; }), "http.method");
  EXPECT_EQ(code([](auto& r) { r.method = "CONNECT"; }), "http.method");
  EXPECT_EQ(code([](auto& r) { r.parts = {{.name = "a", .filename = "", .content_type = "x\r\ny", .data = ""}}; }), "http.header");
  auto framing = code([](auto& r) {
    r.headers = {{"Content-Length", "99"}, {"Transfer-Encoding", "chunked"}, {"Connection", "upgrade"}, {"Upgrade", "h2c"}};
    r.method = "POST";
    r.body = "ok";
  });
  EXPECT_TRUE(has(framing, "Content-Length: 2\n")) << framing;
  EXPECT_FALSE(has(framing, "chunked") || has(framing, "h2c")) << framing;
}

TEST(Client, SendsMultipart) {
  Scene scene;
  HttpRequest request;
  request.method = "POST";
  request.headers = {{"Content-Type", "text/wrong"}};
  request.parts = {{.name = "field", .filename = "", .content_type = "", .data = "value"},
                   {.name = "fi\"le", .filename = "a\"b\r\n.txt", .content_type = "text/csv", .data = std::string("x\0y", 3)}};
  auto seen = scene.seen(request);
  auto at = seen.find("boundary=");
  ASSERT_NE(at, std::string::npos) << seen;
  auto boundary = seen.substr(at + 9, seen.find('\n', at) - at - 9);
  EXPECT_TRUE(has(seen, "Content-Type: multipart/form-data; "));
  EXPECT_FALSE(has(seen, "text/wrong"));
  EXPECT_TRUE(has(seen, "--" + boundary + "\r\nContent-Disposition: form-data; name=\"field\"\r\n\r\nvalue\r\n")) << seen;
  EXPECT_TRUE(has(seen, "name=\"fi%22le\"; filename=\"a%22b%0D%0A.txt\"\r\nContent-Type: text/csv\r\n\r\n")) << seen;
  EXPECT_TRUE(has(seen, std::string("x\0y\r\n--", 7) + boundary + "--")) << seen;
}

TEST(Client, ReusesConnections) {
  std::vector<std::stop_token> connections;  // one loop, so one thread
  Place place(
      [&](Request request) -> Task<Response> {
        if (std::ranges::find(connections, request.gone) == connections.end()) connections.push_back(request.gone);
        co_return text("ok");
      },
      {}, 1);
  Caller caller(place.loops, allow("127.0.0.1"));
  for (int round = 0; round < 20; ++round) EXPECT_EQ(code_of(caller.get(place.url())), "answer 200");
  EXPECT_EQ(connections.size(), 1u);
}

TEST(Client, FindsOutThatAPooledConnectionEnded) {
  ServerOptions options;
  options.header_timeout = seconds(1);
  std::vector<std::stop_token> connections;
  std::binary_semaphore ended{0};
  std::optional<std::stop_callback<std::function<void()>>> on_end;
  Place place(
      [&](Request request) -> Task<Response> {
        connections.push_back(request.gone);
        auto response = text("ok");
        if (connections.size() == 1) on_end.emplace(request.gone, [&] { ended.release(); });
        co_return response;
      },
      options, 1);
  Caller caller(place.loops, allow("127.0.0.1"));
  EXPECT_EQ(code_of(caller.get(place.url())), "answer 200");
  place.server->drain(seconds(5));
  EXPECT_EQ(code_of(caller.get(place.url())), "http.no_answer") << "the old connection is not used, and a new one not taken";
}

TEST(Client, SendsManyAtOnce) {
  Place* here = nullptr;
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  Place place([&](Request request) { return [](Loop& loop, Request asked, std::atomic<int>& now, std::atomic<int>& peak) -> Task<Response> {
    peak = std::max(peak.load(), ++now);
    (void)co_await sleep_for(loop, milliseconds(50), asked.gone);
    --now;
    co_return text(asked.path);
  }(*here->loops.current(), std::move(request), at_once, most); });
  here = &place;
  Caller caller(place.loops, allow("127.0.0.1"));
  struct Line {
    static Task<void> run(HttpClient& client, std::string url, std::string path, std::atomic<int>& good, std::counting_semaphore<>& done) {
      HttpRequest request;
      request.url = url + path;
      auto answer = co_await client.send(std::move(request), {});
      if (answer && answer->body == path) ++good;
      done.release();
    }
  };
  std::atomic<int> good = 0;
  std::counting_semaphore<> done{0};
  auto base = place.url("");
  for (std::size_t number = 0; number < 200; ++number)
    spawn(place.loops.loop(number % 2), Line::run(*caller.client, base, "/" + std::to_string(number), good, done));
  for (int number = 0; number < 200; ++number) ASSERT_TRUE(done.try_acquire_for(seconds(30)));
  EXPECT_EQ(good, 200);
  EXPECT_GT(most, 20);
}

TEST(Client, KeepsToItsNumberOfConnections) {
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  Place* here = nullptr;
  Place place([&](Request request) { return [](Loop& loop, Request asked, std::atomic<int>& now, std::atomic<int>& peak) -> Task<Response> {
    peak = std::max(peak.load(), ++now);
    (void)co_await sleep_for(loop, milliseconds(5), asked.gone);
    --now;
    co_return text("ok");
  }(*here->loops.current(), std::move(request), at_once, most); }, {}, 1);
  here = &place;
  auto options = allow("127.0.0.1");
  options.max_connections_per_host = 3;
  Caller caller(place.loops, options);
  std::counting_semaphore<> done{0};
  struct Line {
    static Task<void> run(HttpClient& client, std::string url, std::counting_semaphore<>& over) {
      HttpRequest request;
      request.url = url;
      auto answer = co_await client.send(std::move(request), {});
      EXPECT_EQ(testing::code_of(answer), "answer 200");
      over.release();
    }
  };
  for (int number = 0; number < 30; ++number) spawn(place.loops.loop(0), Line::run(*caller.client, place.url(), done));
  for (int number = 0; number < 30; ++number) ASSERT_TRUE(done.try_acquire_for(seconds(30)));
  EXPECT_LE(most, 3);
}

// --- time, cancelling ----------------------------------------------------------------------------------------------------

struct Stuck {
  std::binary_semaphore entered{0}, gone{0};
  Place place{[this](Request request) { return wait(*place.loops.current(), std::move(request), *this); }};
  static Task<Response> wait(Loop& loop, Request request, Stuck& self) {
    self.entered.release();
    bool slept = co_await sleep_for(loop, seconds(60), request.gone);  // g++ 12 breaks a co_await in a condition
    if (!slept) self.gone.release();
    co_return text("late");
  }
};

TEST(Client, TimesOut) {
  Stuck stuck;
  Caller caller(stuck.place.loops, allow("127.0.0.1"));
  HttpRequest request;
  request.url = stuck.place.url();
  request.timeout = milliseconds(100);
  auto answer = caller.call(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "http.timeout");
  EXPECT_EQ(answer.error().kind, Kind::timeout);
  EXPECT_TRUE(has(answer.error().message, "127.0.0.1") && has(answer.error().message, "100 ms")) << answer.error().message;
  EXPECT_TRUE(stuck.gone.try_acquire_for(seconds(10))) << "the connection is given up";
  request.timeout = milliseconds(0);
  EXPECT_EQ(code_of(caller.call(request)), "http.timeout");
}

TEST(Client, IsCancelled) {
  Stuck stuck;
  Caller caller(stuck.place.loops, allow("127.0.0.1"));
  std::stop_source stop;
  std::thread stopper([&] {
    ASSERT_TRUE(stuck.entered.try_acquire_for(seconds(10)));
    stop.request_stop();
  });
  HttpRequest request;
  request.url = stuck.place.url();
  auto answer = caller.call(request, stop.get_token());
  stopper.join();
  EXPECT_EQ(code_of(answer), "http.cancelled");
  EXPECT_EQ(answer.error().kind, Kind::conflict);
  EXPECT_TRUE(stuck.gone.try_acquire_for(seconds(10)));
  EXPECT_EQ(code_of(caller.call(request, stop.get_token())), "http.cancelled") << "stopped before it began";
}

// A coroutine that is destroyed while it waits takes its request with it.
struct Dropped {
  struct promise_type {
    Dropped get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

Dropped begin(HttpClient& client, HttpRequest request) { (void)co_await client.send(std::move(request), {}); }

TEST(Client, IsDropped) {
  Stuck stuck;
  Caller caller(stuck.place.loops, allow("127.0.0.1"));
  auto& loop = stuck.place.loops.loop(0);
  std::promise<std::coroutine_handle<>> started;
  HttpRequest request;
  request.url = stuck.place.url();
  loop.post([&] { started.set_value(begin(*caller.client, request).handle); });
  auto handle = started.get_future().get();
  ASSERT_TRUE(stuck.entered.try_acquire_for(seconds(10)));
  loop.post([handle] { handle.destroy(); });
  EXPECT_TRUE(stuck.gone.try_acquire_for(seconds(10)));
  request.timeout = milliseconds(50);
  EXPECT_EQ(code_of(caller.call(request)), "http.timeout") << "the client still works";
}

Task<bool> stays_home(Loops& loops, HttpClient& client, std::string url) {
  auto* home = loops.current();
  HttpRequest request;
  request.url = std::move(url);
  (void)co_await client.send(std::move(request), {});
  co_return loops.current() == home;
}

TEST(Client, ResumesOnItsOwnLoop) {
  Scene scene;
  auto& loops = scene.place.loops;
  for (std::size_t index : {0u, 1u})
    EXPECT_TRUE(wait_for<bool>(loops.loop(index), [&] { return stays_home(loops, *scene.caller.client, scene.place.url()); }));
  Loops others(1);
  others.run();
  HttpRequest request;
  request.url = scene.place.url();
  auto outside = wait_for<Result<HttpResponse>>(others.loop(0), [&] { return send(*scene.caller.client, request, {}); });
  EXPECT_EQ(code_of(outside), "http.no_loop");
}

// --- answers that are wrong or too much ----------------------------------------------------------------------------------

std::string deflate_stored(std::string_view data) {
  std::uint32_t a = 1, b = 0;
  for (char c : data) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  auto size = static_cast<std::uint16_t>(data.size());
  std::string out = "\x78\x01\x01";
  for (int part : {size & 0xff, size >> 8, ~size & 0xff, (~size >> 8) & 0xff}) out += static_cast<char>(part);
  out += data;
  for (std::uint32_t sum : {b, a}) (out += static_cast<char>(sum >> 8)) += static_cast<char>(sum & 0xff);
  return out;
}

// 258 zeros in every 13 bits (RFC 1951, fixed codes): a thousandth of what it becomes.
std::string bomb(std::size_t zeros) {
  std::string out = "\x78\x9c";
  std::uint32_t bits = 0;
  int count = 0;
  auto put = [&](std::uint32_t value, int width) {
    bits |= value << count;
    for (count += width; count >= 8; count -= 8, bits >>= 8) out += static_cast<char>(bits & 0xff);
  };
  put(0b011, 3);       // last block, fixed codes
  put(0b00001100, 8);  // literal 0, code 00110000, most significant bit first
  for (std::size_t made = 0; made < zeros; made += 258) {
    put(0b10100011, 8);  // length 258, code 11000101
    put(0, 5);           // distance 1
  }
  put(0, 24);
  return out;
}

TEST(Client, DecodesAndBoundsCompressedBodies) {
  std::string body, coding = "deflate";
  Place place([&](Request) -> Task<Response> {
    auto response = text(body);
    response.headers.emplace_back("Content-Encoding", coding);
    co_return response;
  });
  Caller caller(place.loops, allow("127.0.0.1"));
  body = deflate_stored("plain words");
  auto answer = caller.get(place.url());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "plain words");
  EXPECT_EQ(find_header(answer->headers, "content-encoding"), nullptr) << "it is not true of what the caller holds";
  EXPECT_EQ(find_header(answer->headers, "content-length"), nullptr);

  HttpRequest request;
  request.url = place.url();
  request.max_body = 1 << 20;
  body = bomb(100 << 20);
  EXPECT_LT(body.size(), std::size_t{1} << 20);
  EXPECT_EQ(code_of(caller.call(request)), "http.too_large");
  body = "not deflate at all";
  EXPECT_EQ(code_of(caller.call(request)), "http.no_answer");
  coding = "gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip";
  EXPECT_EQ(code_of(caller.call(request)), "http.no_answer");
}

TEST(Client, BoundsBodiesAndHeaders) {
  Place place([](Request request) -> Task<Response> {
    auto response = text(std::string(1000, 'x'));
    if (request.path == "/headers")
      for (int number = 0; number < 200; ++number) response.headers.emplace_back("x-" + std::to_string(number), std::string(1000, 'v'));
    if (request.path == "/line") response.headers.emplace_back("x", std::string(90'000, 'v'));
    co_return response;
  });
  Caller caller(place.loops, allow("127.0.0.1"));
  HttpRequest request;
  request.url = place.url();
  request.max_body = 1000;
  EXPECT_EQ(code_of(caller.call(request)), "answer 200");
  request.max_body = 999;
  auto refused = caller.call(request);
  EXPECT_EQ(code_of(refused), "http.too_large");
  EXPECT_EQ(refused.error().kind, Kind::invalid);
  request.max_body = 0;
  EXPECT_EQ(code_of(caller.call(request)), "http.too_large");
  EXPECT_EQ(code_of(caller.get(place.url("/headers"))), "http.too_large");
  EXPECT_EQ(code_of(caller.get(place.url("/line"))), "http.too_large");
}

TEST(Client, NamesWhatWentWrong) {
  Loops loops(1);
  loops.run();
  auto options = allow("127.0.0.1");
  options.resolve = [](const std::string&) -> Result<std::vector<Address>> { return std::vector<Address>(); };
  Caller caller(loops, options);
  struct Case {
    const char *bytes, *code;
  };
  const Case cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "answer 200"},
      {"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end", "answer 200"},
      {"", "http.no_answer"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "http.no_answer"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "http.no_answer"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "http.no_answer"},
      {"this is not HTTP\r\n\r\n", "http.no_answer"},
      {"HTTP/1.1 200 OK\r\nContent-Len", "http.no_answer"},
  };
  for (const auto& [bytes, code] : cases) {
    Canned server(bytes);
    EXPECT_EQ(code_of(caller.get(server.url())), code) << bytes;
  }
  Canned plain("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  auto tls = caller.get(plain.url("https"));
  EXPECT_EQ(code_of(tls), "http.tls");
  EXPECT_EQ(tls.error().kind, Kind::unavailable);
  auto nobody = caller.get("http://127.0.0.1:1/");
  EXPECT_EQ(code_of(nobody), "http.no_answer");
  EXPECT_TRUE(has(nobody.error().message, "127.0.0.1:1")) << nobody.error().message;
  auto unknown = caller.get("http://unknown.test/");
  EXPECT_EQ(code_of(unknown), "http.no_answer");
  EXPECT_TRUE(has(unknown.error().message, "unknown.test")) << unknown.error().message;
}

TEST(Client, DropsInterimHeadersAndTrailers) {
  Loops loops(1);
  loops.run();
  Caller caller(loops, allow("127.0.0.1"));
  Canned server(
      "HTTP/1.1 103 Early Hints\r\nX-Interim: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Final: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
      "X-Trailer: 1\r\n\r\n");
  auto answer = caller.get(server.url());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "ok");
  EXPECT_NE(find_header(answer->headers, "x-final"), nullptr);
  EXPECT_EQ(find_header(answer->headers, "x-interim"), nullptr);
  EXPECT_EQ(find_header(answer->headers, "x-trailer"), nullptr);
}

TEST(Client, GoesThroughAProxy) {
  Scene scene;
  HttpRequest request;
  request.url = "http://example.test/path?q";
  request.proxy = "http://user:secret@127.0.0.1:" + std::to_string(scene.place.port());
  auto seen = scene.seen(request);
  EXPECT_TRUE(seen.starts_with("GET http://example.test/path?q\n")) << seen;
  EXPECT_TRUE(has(seen, "Proxy-Authorization: Basic ")) << seen;
}

}  // namespace
}  // namespace mbflow::net::testing
