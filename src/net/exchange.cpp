#include "net/exchange.h"

#include <utility>

namespace mbflow::net {
namespace {

using std::chrono::steady_clock;

Error was_cancelled(const std::string& host) {
  return fail(Kind::conflict, "http.cancelled", "the request to " + host + " was cancelled before its answer came");
}

}  // namespace

Exchange::Exchange(Driver& driver, const HttpRequest& request, const Url& url, Time deadline, std::stop_token stop)
    : driver_(driver), host_(url.host), limit_(request.timeout), deadline_(deadline), stop_(std::move(stop)) {
  if (stop_.stop_requested())
    outcome_ = was_cancelled(host_);
  else if (deadline_ <= steady_clock::now())
    outcome_ = timeout();
  if (outcome_) return;
  transfer_ = driver_.take();
  if (auto ready = transfer_->prepare(request, url, driver_.options()); !ready) {
    outcome_ = std::move(ready).error();
    end();
  }
}

Exchange::~Exchange() {
  if (started_) driver_.abandon(*transfer_);
  end();
}

bool Exchange::await_suspend(std::coroutine_handle<> handle) {
  waiter_ = handle;
  transfer_->waiting = this;
  started_ = driver_.start(*transfer_);
  if (!started_) {
    outcome_ = fail(Kind::internal, "http.no_answer", "libcurl did not take the request to " + host_);
    end();
    return false;
  }
  number_ = driver_.enter(*this);
  auto left = std::chrono::ceil<Duration>(deadline_ - steady_clock::now());
  timer_ = driver_.loop().after(left, [this] {
    timer_ = 0;
    give_up(timeout());
  });
  if (stop_.stop_possible()) on_stop_.emplace(stop_, Interrupt{&driver_, number_});
  return true;
}

void Exchange::complete(CURLcode code) {
  started_ = false;
  outcome_ = transfer_->finish(code);
  on_stop_.reset();
  driver_.loop().cancel(std::exchange(timer_, 0));
}

void Exchange::resume() {
  end();
  waiter_.resume();  // last: this object may go with it
}

void Exchange::interrupted(CURLcode code) {
  if (outcome_) return;
  give_up(code == CURLE_ABORTED_BY_CALLBACK ? was_cancelled(host_) : transfer_->finish(code).error());
}

void Exchange::give_up(Error error) {
  driver_.abandon(*transfer_);
  started_ = false;
  outcome_ = std::move(error);
  resume();
}

void Exchange::end() {
  on_stop_.reset();
  if (timer_ != 0) driver_.loop().cancel(std::exchange(timer_, 0));
  if (number_ != 0) driver_.leave(*this);
  number_ = 0;
  if (transfer_) driver_.give_back(std::move(transfer_));
}

Error Exchange::timeout() const {
  return fail(Kind::timeout, "http.timeout",
              host_ + " gave no full answer within " + std::to_string(limit_.count()) +
                  " ms; raise the timeout or look why the service is slow");
}

}  // namespace mbflow::net
