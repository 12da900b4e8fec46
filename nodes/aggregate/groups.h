// Aggregate's groups: what was seen of each so far, and what is reckoned from it. One pass over the items, however many.
#pragma once

#include "aggregate.gen.h"
#include "nodes/path.h"

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mbflow::nodes::aggregate {

// The items that one item was made of. Of very many none is named: nobody looks them all up.
class Members {
 public:
  void add(std::size_t position);
  void add_all(std::size_t count);
  [[nodiscard]] Item item_of(Value json) const;

 private:
  std::vector<Origin> origins_;
  bool too_many_ = false;
};

class Groups {
 public:
  // `memory_limit`: how much lists and keys may take together. Errors: path.syntax
  [[nodiscard]] static Result<Groups> of(const Config& config, std::size_t memory_limit);
  // Errors: aggregate.not_a_number, aggregate.too_much
  [[nodiscard]] Result<void> add(std::span<const Item> items);
  [[nodiscard]] Output finish();

 private:
  using Operation = Config::Operation::OperationKind;
  struct Step {
    Operation operation;
    Path path;
    bool whole_item = false;  // no field: the item itself
    std::string name;
  };
  // What one step has seen of one group. Which of these are kept up is the operation's.
  struct Tally {
    std::int64_t count = 0;
    std::int64_t whole = 0;
    double sum = 0;
    bool is_whole = true;
    Value value;  // the extreme, the first, the last
    std::vector<Value> list;
    std::unordered_set<std::string> seen;
  };
  struct Group {
    Value keys;
    Members members;
    std::vector<Tally> tallies;
  };
  Groups(std::vector<Path> by, std::vector<Step> steps, std::size_t memory_limit);
  [[nodiscard]] Group& group_of(const Value& json);
  [[nodiscard]] Result<void> note(const Step& step, Tally& tally, const Value& json);
  [[nodiscard]] static Result<void> sum_up(Tally& tally, const Value& value);
  [[nodiscard]] static Value reckon(Operation operation, Tally& tally);

  std::vector<Path> by_;
  std::vector<Step> steps_;
  std::size_t memory_limit_;
  std::size_t memory_ = 0;
  std::size_t position_ = 0;
  std::vector<Group> groups_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace mbflow::nodes::aggregate
