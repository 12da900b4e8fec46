// What an execution can be told, as the store keeps it and as the engine takes it.
#pragma once

#include "engine/decide.h"
#include "runtime/run.h"

namespace mbflow::runtime {

// A person's decision on a node that is held or quarantined.
struct Decision {
  std::string node;    // id
  std::string action;  // "retry", "succeed" (with the items given), "fail"
  Value items;         // of "succeed": as the input of a start
  std::string by;
};

[[nodiscard]] Value cancel_signal(std::string by);
[[nodiscard]] Value retry_signal();
[[nodiscard]] Value decide_signal(const Decision& decision);

// Null: it says nothing that this execution could follow.
[[nodiscard]] std::optional<engine::Input> read_signal(Run& run, const Value& body);

// Input of a start as items: an array gives an item each element, null one empty item, anything else one item.
[[nodiscard]] Value input_items(const Value& input);

}  // namespace mbflow::runtime
