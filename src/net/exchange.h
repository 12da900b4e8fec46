// One awaited exchange with a server: a transfer under way, its deadline and its stop token. Lives in the frame of the
// coroutine that awaits it: `Exchange exchange(…); auto result = co_await exchange;`
#pragma once

#include "net/driver.h"

#include <coroutine>
#include <stop_token>

namespace mbflow::net {

class Exchange {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `request` must stay until the end.
  Exchange(Driver& driver, const HttpRequest& request, const Url& url, Time deadline, std::stop_token stop);
  ~Exchange();  // when not yet done: takes the transfer out of libcurl
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  [[nodiscard]] bool await_ready() const { return outcome_.has_value(); }
  bool await_suspend(std::coroutine_handle<> handle);
  [[nodiscard]] Result<HttpResponse> await_resume() { return *std::move(outcome_); }

  // For the driver.
  void complete(CURLcode code);  // notes the outcome; resume() is to follow
  void resume();
  void interrupted(CURLcode code);  // CURLE_ABORTED_BY_CALLBACK: by the stop token
  [[nodiscard]] std::uint64_t number() const { return number_; }

 private:
  struct Interrupt {
    Driver* driver;
    std::uint64_t number;
    void operator()() const { driver->interrupt(number, CURLE_ABORTED_BY_CALLBACK); }
  };

  void give_up(Error error);
  void end();
  [[nodiscard]] Error timeout() const;

  Driver& driver_;
  std::string host_;
  std::chrono::milliseconds limit_;
  Time deadline_;
  std::stop_token stop_;
  std::unique_ptr<Transfer> transfer_;
  std::optional<std::stop_callback<Interrupt>> on_stop_;
  Loop::TimerId timer_ = 0;
  std::uint64_t number_ = 0;  // not 0: in the driver's lists
  bool started_ = false;      // libcurl has the transfer
  std::coroutine_handle<> waiter_;
  std::optional<Result<HttpResponse>> outcome_;
};

}  // namespace mbflow::net
