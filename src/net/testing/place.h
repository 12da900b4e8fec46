// A server on a free port of loopback with its loops, and a way for a test to wait for a coroutine.
#pragma once

#include "net/client.h"
#include "net/testing/wire.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>

namespace mbflow::net::testing {

inline Response text(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.headers.emplace_back("content-type", "text/plain");
  response.body = std::move(body);
  return response;
}

template <class T>
Task<void> deliver(Task<T> task, std::promise<T> promise) {
  try {
    promise.set_value(co_await task);
  } catch (...) {
    promise.set_exception(std::current_exception());
  }
}

// Runs the task on the loop and gives its value; a minute without one ends the test program.
template <class T>
T wait_for(Loop& loop, std::function<Task<T>()> make) {
  std::promise<T> promise;
  auto future = promise.get_future();
  loop.post(
      [&loop, make, promise = std::move(promise)]() mutable { spawn(loop, deliver(make(), std::move(promise))); });
  if (future.wait_for(std::chrono::minutes(1)) != std::future_status::ready) {
    ADD_FAILURE() << "the coroutine did not end";
    std::abort();
  }
  return future.get();
}

class Place {
 public:
  explicit Place(Handler handler, ServerOptions options = {}, std::size_t threads = 2) : loops(threads) {
    options.port = 0;
    auto made = Server::listen(loops, std::move(options), std::move(handler));
    if (!made) {
      ADD_FAILURE() << made.error().message;
      std::abort();
    }
    server = *std::move(made);
    loops.run();
  }

  [[nodiscard]] std::uint16_t port() const { return server->port(); }
  [[nodiscard]] std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port()) + std::string(path);
  }
  // One request on a connection of its own.
  [[nodiscard]] Answer ask(std::string_view bytes) const {
    Wire wire(port());
    wire.send(bytes);
    return wire.read();
  }

  Loops loops;
  std::unique_ptr<Server> server;
};

inline Task<Response> echo(Request request) {
  Response response = text(request.method + " " + request.path + " " + request.query + "\n" + request.body);
  co_return response;
}

}  // namespace mbflow::net::testing
