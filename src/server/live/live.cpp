#include "server/live/live.h"

#include <algorithm>

namespace mbflow::server {

Live::Live(std::vector<Loop*> loops, std::function<Loop*()> current, Duration glance)
    : loops_(std::move(loops)), current_(std::move(current)), glance_(glance) {
  for (std::size_t i = 0; i < loops_.size(); ++i) watchers_.push_back(std::make_unique<Watchers>());
}

std::size_t Live::here() const {
  return static_cast<std::size_t>(std::find(loops_.begin(), loops_.end(), current_()) - loops_.begin());
}

void Live::announce(const ExecutionId& id) {
  if (watching_.load(std::memory_order_relaxed) == 0) return;
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    loops_[i]->post([watchers = watchers_[i].get(), id] {
      const auto found = watchers->find(id);
      if (found == watchers->end()) return;
      for (Watch* watch : found->second) watch->hint();
    });
  }
}

void Live::stop() {
  stopped_ = true;
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    loops_[i]->post([watchers = watchers_[i].get()] {
      for (const auto& [id, all] : *watchers) {
        for (Watch* watch : all) watch->hint();
      }
    });
  }
}

Live::Watch::Watch(Live& live, ExecutionId id)
    : live_(live), place_(live.here()), id_(id), waiter_(OneShot<bool>(*live.loops_[place_]).setter()) {
  (*live_.watchers_[place_])[id_].push_back(this);
  live_.watching_.fetch_add(1);
}

Live::Watch::~Watch() {
  auto& watchers = *live_.watchers_[place_];
  const auto found = watchers.find(id_);
  std::erase(found->second, this);
  if (found->second.empty()) watchers.erase(found);
  live_.watching_.fetch_sub(1);
}

void Live::Watch::hint() {
  hinted_ = true;
  waiter_.set(true);
}

Task<void> Live::Watch::wait(std::stop_token gone) {
  if (!hinted_ && !live_.stopped()) {
    Loop& loop = *live_.loops_[place_];
    OneShot<bool> next(loop);
    waiter_ = next.setter();
    const std::stop_callback on_gone(gone, [setter = next.setter()] { setter.set(true); });
    Callback on_time = [setter = next.setter()] { setter.set(true); };
    const auto timer = loop.after(live_.glance_, std::move(on_time));
    (void)co_await next.wait();
    loop.cancel(timer);
  }
  hinted_ = false;
}

}  // namespace mbflow::server
