// Live: wakes whoever watches an execution when a commit of it is on disk. It carries no events: a watcher reads them from the journal,
// from where it stands, so nothing is missed and nothing comes twice, however hints are lost, doubled or late.
#pragma once

#include "base/id.h"
#include "base/loop.h"

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <unordered_map>
#include <vector>

namespace mbflow::server {

class Live {
 public:
  // `glance`: how long a watcher waits for a hint before it looks by itself; short where other processes write to the same store.
  Live(std::vector<Loop*> loops, std::function<Loop*()> current, Duration glance);

  // One who watches an execution, on the loop it was made on. It has a hint from the beginning.
  class Watch {
   public:
    Watch(Live& live, ExecutionId id);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    // Until there is a hint, `glance` is over, or `gone` is requested.
    [[nodiscard]] Task<void> wait(std::stop_token gone);

   private:
    friend class Live;
    void hint();
    Live& live_;
    const std::size_t place_;
    const ExecutionId id_;
    bool hinted_ = true;
    OneShot<bool>::Setter waiter_;
  };

  // There are new events of it in the store. Any loop; where nobody watches it costs one load.
  void announce(const ExecutionId& id);
  [[nodiscard]] bool is_full() const { return watching_.load(std::memory_order_relaxed) >= most_watching; }
  // Wakes everyone, for good: what is live ends. Any thread.
  void stop();
  [[nodiscard]] bool stopped() const { return stopped_.load(); }

  static constexpr std::size_t most_watching = 4'096;

 private:
  using Watchers = std::unordered_map<ExecutionId, std::vector<Watch*>, IdHash>;  // of one loop
  [[nodiscard]] std::size_t here() const;

  std::vector<Loop*> loops_;
  std::function<Loop*()> current_;
  Duration glance_;
  std::vector<std::unique_ptr<Watchers>> watchers_;
  std::atomic<std::size_t> watching_{0};
  std::atomic<bool> stopped_{false};
};

}  // namespace mbflow::server
