// Feed: one thing that is watched on one loop, read from the store once for all who watch it there. What is new is a row of numbered
// texts (JSON); of these the latest are kept.
#pragma once

#include "base/id.h"
#include "server/live/bell.h"
#include "store/store.h"

#include <mbflow/result.h>

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace mbflow::runtime {
struct Program;
}

namespace mbflow::server {

class Api;

// What can be watched: an execution, or the executions of a workflow or (no id) of the whole tenant.
struct Topic {
  enum class Kind : char { execution = 'e', list = 'l' };
  Kind kind = Kind::list;
  TenantId tenant;
  Uuid id;
  [[nodiscard]] std::string key() const;
};

using Text = std::shared_ptr<const std::string>;

// Of one topic, in order: the last has the number `last`, those before it count down.
struct News {
  std::vector<Text> texts;
  std::uint64_t last = 0;
  bool lost = false;  // some before these can no longer be told from here
};

class Feed {
 public:
  Feed(Api& api, Topic what, Loop& loop) : topic(what), bell(loop), api_(api) {}
  virtual ~Feed() = default;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // Once, before anything else: whether there is such a thing, and from where on it is read. Error store.not_found.
  [[nodiscard]] virtual Task<Result<void>> begin(std::uint64_t after) = 0;
  // Adds what is new in the store.
  [[nodiscard]] virtual Task<Result<void>> read() = 0;
  // For one who is behind what is kept: the next of what came after that number, as far as they are held in memory for one client; nothing
  // where they are not known any more.
  [[nodiscard]] virtual Task<Result<std::optional<std::vector<Text>>>> read_again(std::uint64_t after) = 0;
  [[nodiscard]] virtual Duration pause() const = 0;  // at least, between two reads: what happens meanwhile comes as one
  // What of it is kept behind that number.
  [[nodiscard]] News after(std::uint64_t number) const;
  [[nodiscard]] std::uint64_t last() const { return last_; }
  [[nodiscard]] bool over() const { return over_; }

  const Topic topic;
  Bell bell;                     // there may be something new
  std::vector<Bell*> listeners;  // of its watchers
  std::optional<Error> broken;   // it is no longer there

 protected:
  void add(std::string text);
  void lose();  // something happened that cannot be told: whoever comes from before hears of that

  Api& api_;
  std::uint64_t last_ = 0;
  bool over_ = false;  // an execution that has ended, and all of it was read

 private:
  std::deque<Text> texts_;
  std::size_t bytes_ = 0;
};

// The journal of one execution: the numbers are those of its events.
class ExecutionFeed final : public Feed {
 public:
  using Feed::Feed;
  Task<Result<void>> begin(std::uint64_t after) override;
  Task<Result<void>> read() override;
  Task<Result<std::optional<std::vector<Text>>>> read_again(std::uint64_t after) override;
  Duration pause() const override { return std::chrono::milliseconds(50); }

 private:
  std::shared_ptr<const runtime::Program> program_;
};

// The newest executions of a list; a text is a row that changed, as list_executions gives it.
class ListFeed final : public Feed {
 public:
  using Feed::Feed;
  Task<Result<void>> begin(std::uint64_t after) override;
  Task<Result<void>> read() override;
  Task<Result<std::optional<std::vector<Text>>>> read_again(std::uint64_t after) override;
  Duration pause() const override { return std::chrono::milliseconds(100); }

 private:
  struct Seen {
    ExecutionStatus status;
    Timestamp started_at, finished_at;
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  using Rows = std::unordered_map<ExecutionId, Seen, IdHash>;
  [[nodiscard]] Task<Result<std::vector<store::ExecutionRecord>>> newest();
  void keep(const std::vector<store::ExecutionRecord>& records);
  Rows rows_;
  ExecutionId newest_;
};

}  // namespace mbflow::server
