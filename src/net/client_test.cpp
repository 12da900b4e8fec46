// The client against our own server: what it sends, how it waits, how it is stopped.
#include "net/testing/caller.h"

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
      bool length = *body != '\0' || method == std::string("POST") || method == std::string("PUT") ||
                    method == std::string("PATCH");
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
  EXPECT_EQ(code([](auto& r) { r.parts = {{.name = "a", .filename = "", .content_type = "x\r\ny", .data = ""}}; }),
            "http.header");
  auto framing = code([](auto& r) {
    r.headers = {
        {"Content-Length", "99"}, {"Transfer-Encoding", "chunked"}, {"Connection", "upgrade"}, {"Upgrade", "h2c"}};
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
  request.parts = {
      {.name = "field", .filename = "", .content_type = "", .data = "value"},
      {.name = "fi\"le", .filename = "a\"b\r\n.txt", .content_type = "text/csv", .data = std::string("x\0y", 3)}};
  auto seen = scene.seen(request);
  auto at = seen.find("boundary=");
  ASSERT_NE(at, std::string::npos) << seen;
  auto boundary = seen.substr(at + 9, seen.find('\n', at) - at - 9);
  EXPECT_TRUE(has(seen, "Content-Type: multipart/form-data; "));
  EXPECT_FALSE(has(seen, "text/wrong"));
  EXPECT_TRUE(has(seen, "--" + boundary + "\r\nContent-Disposition: form-data; name=\"field\"\r\n\r\nvalue\r\n"))
      << seen;
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
  EXPECT_EQ(code_of(caller.get(place.url())), "http.no_answer")
      << "the old connection is not used, and a new one not taken";
}

TEST(Client, SendsManyAtOnce) {
  Place* here = nullptr;
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  Place place([&](Request request) {
    return [](Loop& loop, Request asked, std::atomic<int>& now, std::atomic<int>& peak) -> Task<Response> {
      peak = std::max(peak.load(), ++now);
      (void)co_await sleep_for(loop, milliseconds(50), asked.gone);
      --now;
      co_return text(asked.path);
    }(*here->loops.current(), std::move(request), at_once, most);
  });
  here = &place;
  Caller caller(place.loops, allow("127.0.0.1"));
  struct Line {
    static Task<void> run(HttpClient& client, std::string url, std::string path, std::atomic<int>& good,
                          std::counting_semaphore<>& done) {
      HttpRequest request;
      request.url = url + path;
      auto answer = co_await client.send(std::move(request), std::stop_token());
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
  Place place(
      [&](Request request) {
        return [](Loop& loop, Request asked, std::atomic<int>& now, std::atomic<int>& peak) -> Task<Response> {
          peak = std::max(peak.load(), ++now);
          (void)co_await sleep_for(loop, milliseconds(5), asked.gone);
          --now;
          co_return text("ok");
        }(*here->loops.current(), std::move(request), at_once, most);
      },
      {}, 1);
  here = &place;
  auto options = allow("127.0.0.1");
  options.max_connections_per_host = 3;
  Caller caller(place.loops, options);
  std::counting_semaphore<> done{0};
  struct Line {
    static Task<void> run(HttpClient& client, std::string url, std::counting_semaphore<>& over) {
      HttpRequest request;
      request.url = url;
      auto answer = co_await client.send(std::move(request), std::stop_token());
      EXPECT_EQ(testing::code_of(answer), "answer 200");
      over.release();
    }
  };
  for (int number = 0; number < 30; ++number) spawn(place.loops.loop(0), Line::run(*caller.client, place.url(), done));
  for (int number = 0; number < 30; ++number) ASSERT_TRUE(done.try_acquire_for(seconds(30)));
  EXPECT_LE(most, 3);
}

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
  EXPECT_TRUE(has(answer.error().message, "127.0.0.1") && has(answer.error().message, "100 ms"))
      << answer.error().message;
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

Dropped begin(HttpClient& client, HttpRequest request) {
  (void)co_await client.send(std::move(request), std::stop_token());
}

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
  (void)co_await client.send(std::move(request), std::stop_token());
  co_return loops.current() == home;
}

TEST(Client, ResumesOnItsOwnLoop) {
  Scene scene;
  auto& loops = scene.place.loops;
  for (std::size_t index : {0u, 1u})
    EXPECT_TRUE(
        wait_for<bool>(loops.loop(index), [&] { return stays_home(loops, *scene.caller.client, scene.place.url()); }));
  Loops others(1);
  others.run();
  HttpRequest request;
  request.url = scene.place.url();
  auto outside =
      wait_for<Result<HttpResponse>>(others.loop(0), [&] { return send(*scene.caller.client, request, {}); });
  EXPECT_EQ(code_of(outside), "http.no_loop");
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
