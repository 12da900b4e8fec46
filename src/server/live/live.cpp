#include "server/live/live.h"

#include "server/api.h"

#include <algorithm>

namespace mbflow::server {
namespace {

constexpr std::size_t page_texts = 500;
constexpr std::size_t page_bytes = 64 << 10;

}  // namespace

Watch::Watch(std::shared_ptr<Feed> feed, std::uint64_t after, Bell& bell) : feed_(std::move(feed)), bell_(bell), number_(after) {
  feed_->listeners.push_back(&bell_);
}

Watch::~Watch() {
  feed_->listeners.erase(std::ranges::find(feed_->listeners, &bell_));
  if (feed_->listeners.empty()) feed_->bell.ring();  // its follower goes, too
}

// Fills what is pending; whether something before it was lost.
Task<Result<bool>> Watch::look() {
  if (feed_->broken) co_return *feed_->broken;
  News news = feed_->after(number_);
  if (news.lost) {
    MBF_CO_TRY(auto again, co_await feed_->read_again(number_));
    if (again) {
      pending_.assign(again->begin(), again->end());
      co_return false;
    }
  }
  if (!news.texts.empty() || news.lost) number_ = news.last - news.texts.size();
  pending_.assign(news.texts.begin(), news.texts.end());
  co_return news.lost;
}

News Watch::page() {
  News page;
  for (std::size_t bytes = 0; !pending_.empty() && page.texts.size() < page_texts && bytes < page_bytes; pending_.pop_front()) {
    bytes += pending_.front()->size();
    page.texts.push_back(std::move(pending_.front()));
  }
  page.last = number_ += page.texts.size();
  return page;
}

Task<Result<News>> Watch::next() {
  bool lost = false;
  if (pending_.empty()) {
    MBF_CO_TRY(lost, co_await look());
  }
  News next = page();
  next.lost = lost;
  co_return next;
}

LiveHub::LiveHub(Api& api, std::vector<Loop*> loops, std::function<Loop*()> current, Duration glance)
    : api_(api), loops_(std::move(loops)), current_(std::move(current)), glance_(glance) {
  for (std::size_t i = 0; i < loops_.size(); ++i) desks_.push_back(std::make_unique<Desk>());
}

LiveHub::~LiveHub() = default;

std::size_t LiveHub::here() const { return static_cast<std::size_t>(std::ranges::find(loops_, current_()) - loops_.begin()); }

LiveHub::Guest::Guest(LiveHub& live) : bell(*live.loops_[live.here()]), live_(live), place_(live.here()) {
  live_.desks_[place_]->bells.insert(&bell);
  live_.guests_.fetch_add(1);
}

LiveHub::Guest::~Guest() {
  live_.desks_[place_]->bells.erase(&bell);
  live_.guests_.fetch_sub(1);
}

std::shared_ptr<Feed> LiveHub::Desk::find(const std::string& key) const {
  const auto found = feeds.find(key);
  return found == feeds.end() || found->second->broken ? nullptr : found->second;
}

void LiveHub::Desk::hint(const std::string& key) const {
  if (const auto feed = find(key)) feed->bell.ring();
}

void LiveHub::announce(const store::ExecutionRecord& record) {
  if (guests_.load(std::memory_order_relaxed) == 0) return;
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    loops_[i]->post([desk = desks_[i].get(), tenant = record.tenant, id = record.id, workflow = record.workflow] {
      if (desk->feeds.empty()) return;
      desk->hint(Topic{Topic::Kind::execution, tenant, id}.key());
      desk->hint(Topic{Topic::Kind::list, tenant, Uuid()}.key());
      if (!workflow.is_nil()) desk->hint(Topic{Topic::Kind::list, tenant, workflow}.key());
    });
  }
}

void LiveHub::stop() {
  stopped_ = true;
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    loops_[i]->post([desk = desks_[i].get()] {
      for (const auto& [key, feed] : desk->feeds) feed->bell.ring();
      for (Bell* bell : desk->bells) bell->ring();
    });
  }
}

std::shared_ptr<Feed> LiveHub::make(const Topic& topic) {
  Loop& loop = *loops_[here()];
  if (topic.kind == Topic::Kind::execution) return std::make_shared<ExecutionFeed>(api_, topic, loop);
  return std::make_shared<ListFeed>(api_, topic, loop);
}

Task<Result<std::unique_ptr<Watch>>> LiveHub::watch(Topic topic, std::uint64_t after, Bell& bell) {
  auto& desk = *desks_[here()];
  const std::string key = topic.key();
  auto feed = desk.find(key);
  if (!feed) {
    auto made = make(topic);
    MBF_CO_CHECK(co_await made->begin(after));
    feed = desk.find(key);  // somebody else may have come meanwhile
    if (!feed) {
      desk.feeds[key] = feed = std::move(made);
      spawn(feed->bell.loop(), follow(feed));
    }
  }
  // The numbers of a list count changes of rows in this process: who comes hears what changes from now on.
  if (topic.kind == Topic::Kind::list) after = feed->last();
  co_return std::make_unique<Watch>(std::move(feed), after, bell);
}

// Reads for all who watch it, as long as there are any; the first of them is just being made.
Task<void> LiveHub::follow(std::shared_ptr<Feed> feed) {
  while (true) {
    (void)co_await feed->bell.wait(glance_, std::stop_token());
    if (feed->listeners.empty() || stopped_) break;
    const auto before = std::pair(feed->last(), feed->over());
    const auto read = co_await feed->read();
    // What cannot be read for the moment is read at the next glance.
    if (!read && read.error().kind == Kind::not_found) feed->broken = read.error();
    if (feed->broken || before != std::pair(feed->last(), feed->over())) {
      for (Bell* bell : feed->listeners) bell->ring();
    }
    if (feed->broken) break;
    (void)co_await sleep_for(feed->bell.loop(), feed->pause(), std::stop_token());
  }
  auto& feeds = desks_[here()]->feeds;
  const auto found = feeds.find(feed->topic.key());
  if (found != feeds.end() && found->second == feed) feeds.erase(found);
}

}  // namespace mbflow::server
