// LiveHub: who watches what in this process. A commit gives a hint, never events: a feed reads those from the store, from where it stands, so
// nothing is missed and nothing comes twice, however hints are lost, doubled or late.
#pragma once

#include "server/live/feed.h"

#include <atomic>
#include <functional>
#include <unordered_set>

namespace mbflow::server {

// One watcher's place in a feed; rings the bell of whoever holds it when there is something new. On the loop it was made on.
class Watch {
 public:
  Watch(std::shared_ptr<Feed> feed, std::uint64_t after, Bell& bell);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // A page of what comes next; no texts: nothing for now. Each is given once. Errors: store.*; after store.not_found there is nothing more.
  [[nodiscard]] Task<Result<News>> next();
  [[nodiscard]] bool over() const { return pending_.empty() && feed_->over() && number_ >= feed_->last(); }
  [[nodiscard]] const Topic& topic() const { return feed_->topic; }

 private:
  [[nodiscard]] Task<Result<bool>> look();
  [[nodiscard]] News page();
  std::shared_ptr<Feed> feed_;
  Bell& bell_;
  std::uint64_t number_;  // all up to this one were given
  std::deque<Text> pending_;
};

class LiveHub {
 public:
  // `glance`: how long a feed waits for a hint before it looks by itself; short where other processes write to the same store.
  LiveHub(Api& api, std::vector<Loop*> loops, std::function<Loop*()> current, Duration glance);
  ~LiveHub();

  // One client who watches something, on the loop it was made on.
  class Guest {
   public:
    explicit Guest(LiveHub& live);
    ~Guest();
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;
    Bell bell;

   private:
    LiveHub& live_;
    const std::size_t place_;
  };

  // What comes after that number. Error store.not_found.
  [[nodiscard]] Task<Result<std::unique_ptr<Watch>>> watch(Topic topic, std::uint64_t after, Bell& bell);
  // There is something new of it in the store. Any loop; where nobody watches anything it costs one load.
  void announce(const store::ExecutionRecord& record);
  [[nodiscard]] bool is_full() const { return guests_.load(std::memory_order_relaxed) >= most_guests; }
  // Wakes everyone, for good: what is live ends. Any thread.
  void stop();
  [[nodiscard]] bool stopped() const { return stopped_.load(); }

  static constexpr std::size_t most_guests = 4'096;

 private:
  struct Desk {  // of one loop
    std::unordered_map<std::string, std::shared_ptr<Feed>> feeds;  // each with its follower
    std::unordered_set<Bell*> bells;
    [[nodiscard]] std::shared_ptr<Feed> find(const std::string& key) const;
    void hint(const std::string& key) const;
  };
  [[nodiscard]] std::size_t here() const;
  [[nodiscard]] std::shared_ptr<Feed> make(const Topic& topic);
  [[nodiscard]] Task<void> follow(std::shared_ptr<Feed> feed);

  Api& api_;
  std::vector<Loop*> loops_;
  std::function<Loop*()> current_;
  Duration glance_;
  std::vector<std::unique_ptr<Desk>> desks_;
  std::atomic<std::size_t> guests_{0};
  std::atomic<bool> stopped_{false};
};

[[nodiscard]] Error live_is_full();

}  // namespace mbflow::server
