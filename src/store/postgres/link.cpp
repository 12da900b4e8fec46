#include "store/postgres/link.h"

#include <algorithm>
#include <thread>

namespace mbflow::store::postgres {

namespace {

using namespace std::chrono_literals;

constexpr auto first_distance = 20ms;
constexpr auto last_distance = 1000ms;
constexpr auto glance = 20ms;  // how often a wait looks whether it still makes sense

}  // namespace

bool Link::ready() {
  if (db_->connected()) {
    lost_at_ = {};
    return true;
  }
  if (lost_at_ == Clock::time_point{}) lost_at_ = Clock::now();
  wait_for_turn();
  db_->clear_fault();
  auto connected = db_->connect();
  db_->clear_fault();
  if (connected) {
    lost_at_ = {};
    distance_ = 0ms;
    return true;
  }
  error_ = std::move(connected).error();
  distance_ = std::clamp<std::chrono::milliseconds>(distance_ * 2, first_distance, last_distance);
  next_try_ = Clock::now() + distance_;
  return false;
}

void Link::wait_for_turn() const {
  while (!closing_() && Clock::now() < next_try_) std::this_thread::sleep_for(glance);
}

bool Link::given_up() const {
  if (db_->connected() || lost_at_ == Clock::time_point{}) return false;
  return closing_() || Clock::now() - lost_at_ >= patience_;
}

}  // namespace mbflow::store::postgres
