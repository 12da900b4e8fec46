// Outcomes: what the items of one node run came to, put together into one NodeEnded by the node's error policy.
#pragma once

#include "engine/decide.h"
#include "model/workflow.h"

#include <memory>
#include <vector>

namespace mbflow::runtime {

class Outcomes {
 public:
  // `each`: one outcome an item, else one in all. `last`: no retry is left after this run. `first`: where the items begin in the
  // inputs of the node; slots count from there.
  Outcomes(const Node& node, std::span<const Item> items, bool each, bool last, std::size_t first = 0);

  // Takes over what earlier runs of this node finished.
  void take(const std::vector<ItemResult>& earlier);
  // Only the slots before `count` are of this run.
  void cut(std::size_t count);
  [[nodiscard]] bool is_done(std::size_t slot) const { return slots_[slot].done; }
  [[nodiscard]] std::size_t size() const { return slots_.size(); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }  // what came in, about
  // An error came that ends the node: further items need not be started.
  [[nodiscard]] bool hopeless() const { return fatal_ != nullptr; }

  void add(std::size_t slot, Result<Output> outcome);
  [[nodiscard]] engine::NodeEnded finish();

 private:
  struct Slot {
    bool done = false;
    bool earlier = false;
    std::vector<Output::Port> ports;
  };
  void add_error(std::size_t slot, Error error);
  void add_error_item(std::size_t slot, const Error& error);
  [[nodiscard]] std::shared_ptr<NodeOutput> join();

  const Node& node_;
  std::span<const Item> items_;
  bool each_;
  bool last_;
  std::size_t first_;
  std::uint64_t bytes_ = 0;
  std::vector<Slot> slots_;
  std::size_t failed_ = 0;
  std::shared_ptr<const Error> fatal_;   // ends the node now
  std::shared_ptr<const Error> again_;   // the first that a retry may cure
  std::shared_ptr<const Error> passed_;  // the first that became an error item
  std::optional<Timestamp> wake_at_;
  Value response_;
};

// The item by which an error travels on: {…json, "error": {"code", "message", "kind"}}.
[[nodiscard]] Value error_item(const Value& json, const Error& error);

}  // namespace mbflow::runtime
