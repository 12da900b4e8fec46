// Bell: wakes one coroutine of its loop, however often it was rung before. On that loop only.
#pragma once

#include "base/loop.h"

namespace mbflow::server {

class Bell {
 public:
  explicit Bell(Loop& loop) : loop_(loop), waiter_(OneShot<bool>(loop).setter()) {}
  void ring();
  // Until it is rung (at once, if it was since the last wait: true), `limit` is over, or `gone` is requested.
  [[nodiscard]] Task<bool> wait(Duration limit, std::stop_token gone);
  [[nodiscard]] Loop& loop() const { return loop_; }

 private:
  Loop& loop_;
  bool rung_ = false;
  OneShot<bool>::Setter waiter_;
};

}  // namespace mbflow::server
