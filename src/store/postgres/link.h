// A connection that is made anew when it was lost: at growing distances, and for as long as a caller can be expected to
// wait. Used by one thread; `closing` says that nobody can wait any more.
#pragma once

#include "store/postgres/connection.h"

#include <chrono>
#include <functional>

namespace mbflow::store::postgres {

class Link {
 public:
  using Clock = std::chrono::steady_clock;

  Link(std::unique_ptr<Connection> db, std::chrono::milliseconds patience, std::function<bool()> closing)
      : db_(std::move(db)), patience_(patience), closing_(std::move(closing)) {}

  [[nodiscard]] Connection& db() { return *db_; }
  // True: connected. False: not, after one attempt. Waits until it is time for the next.
  [[nodiscard]] bool ready();
  // It has been away for longer than callers wait.
  [[nodiscard]] bool given_up() const;
  // Why it is away.
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  void wait_for_turn() const;

  std::unique_ptr<Connection> db_;
  std::chrono::milliseconds patience_;
  std::function<bool()> closing_;
  Clock::time_point lost_at_{};  // zero: it is there
  Clock::time_point next_try_{};
  std::chrono::milliseconds distance_{0};
  Error error_;
};

}  // namespace mbflow::store::postgres
