// bare_client: how many requests a second the client makes on one loop, as the reference for the `http` node.
// Usage: bare_client PORT [AT_ONCE] [REQUESTS]     (against bare_http on this machine)
#include "net/client.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <semaphore>
#include <string>

namespace {

using mbflow::HttpRequest;
using mbflow::Task;

struct Run {
  mbflow::HttpClient* client;
  std::string url;
  long left;
  long failed = 0;
  long lines_open;
  std::binary_semaphore over{0};
};

Task<void> line(Run& run) {
  while (run.left > 0) {
    --run.left;
    HttpRequest request;
    request.url = run.url;
    auto answer = co_await run.client->send(std::move(request), std::stop_token());
    if (answer && answer->status == 200) continue;
    if (run.failed++ == 0 && !answer) std::fprintf(stderr, "%s\n", answer.error().message.c_str());
  }
  if (--run.lines_open == 0) run.over.release();
}

long number(int argc, char** argv, int index, long fallback) {
  return index < argc ? std::atol(argv[index]) : fallback;
}

}  // namespace

int main(int argc, char** argv) {
  mbflow::net::Loops loops(1);
  mbflow::net::ClientOptions options;
  options.egress.allowed.push_back(*mbflow::net::Cidr::parse("127.0.0.1"));
  auto client = mbflow::net::make_http_client(loops, options);
  long at_once = number(argc, argv, 2, 64);
  long requests = number(argc, argv, 3, 100'000);
  Run run{.client = client.get(),
          .url = "http://127.0.0.1:" + std::to_string(number(argc, argv, 1, 8080)) + "/",
          .left = requests,
          .lines_open = at_once};
  loops.run();
  auto began = std::chrono::steady_clock::now();
  for (long index = 0; index < at_once; ++index) spawn(loops.loop(0), line(run));
  run.over.acquire();
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("%ld requests, %ld at once, %ld failed, %.0f a second\n", requests, at_once, run.failed,
              static_cast<double>(requests) / took.count());
  return run.failed == 0 ? 0 : 1;
}
