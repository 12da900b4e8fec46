// bare_http: the server with a handler that does nothing, as the reference for every benchmark above it.
// Usage: bare_http [PORT] [LOOPS] [MAX_SECONDS]
//   GET /           "hello"          GET /async   the same, answered from a later turn of the loop
//   POST /          the body back    GET /stop    ends the program
#include "net/server.h"

#include <charconv>
#include <cstdio>
#include <cstring>
#include <semaphore>

namespace {

using mbflow::Loop;
using mbflow::OneShot;
using mbflow::Task;
using mbflow::net::Loops;
using mbflow::net::Request;
using mbflow::net::Response;

std::binary_semaphore stopped{0};

Response hello() {
  Response response;
  response.headers.emplace_back("content-type", "text/plain");
  response.body = "hello";
  return response;
}

Task<Response> answer(Loops& loops, Request request) {
  if (request.path == "/async") {
    OneShot<bool> turn(*loops.current());
    loops.current()->post([setter = turn.setter()] { setter.set(true); });
    co_await turn.wait();
  }
  if (request.path == "/stop") stopped.release();
  auto response = hello();
  if (request.method == "POST") response.body = std::move(request.body);
  co_return response;
}

unsigned number(int argc, char** argv, int index, unsigned fallback) {
  unsigned value = fallback;
  if (index < argc) std::from_chars(argv[index], argv[index] + std::strlen(argv[index]), value);
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  Loops loops(number(argc, argv, 2, 2));
  mbflow::net::ServerOptions options;
  options.port = static_cast<std::uint16_t>(number(argc, argv, 1, 8080));
  auto server = mbflow::net::Server::listen(loops, options,
                                            [&loops](Request request) { return answer(loops, std::move(request)); });
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  loops.run();
  std::printf("http://127.0.0.1:%d\n", (*server)->port());
  std::fflush(stdout);
  (void)stopped.try_acquire_for(std::chrono::seconds(number(argc, argv, 3, 86'400)));
  (*server)->drain(std::chrono::seconds(1));
  return 0;
}
