#include "server/live/bell.h"

namespace mbflow::server {

void Bell::ring() {
  rung_ = true;
  waiter_.set(true);
}

Task<bool> Bell::wait(Duration limit, std::stop_token gone) {
  if (!rung_) {
    OneShot<bool> next(loop_);
    waiter_ = next.setter();
    const std::stop_callback on_gone(gone, [setter = next.setter()] { setter.set(true); });
    Callback on_time = [setter = next.setter()] { setter.set(true); };
    const auto timer = loop_.after(limit, std::move(on_time));
    (void)co_await next.wait();
    loop_.cancel(timer);
  }
  co_return std::exchange(rung_, false);
}

}  // namespace mbflow::server
