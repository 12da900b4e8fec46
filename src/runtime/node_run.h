// Running one node once: gather its items, resolve its config for each, call it, put what it gave together. What becomes of
// the outcome (retry, fail, go on) is for the engine to decide.
#pragma once

#include "engine/decide.h"
#include "runtime/run.h"

#include <optional>

namespace mbflow::runtime {

// For nodes that never wait and lists that are not long: nothing when this one must go the other way.
[[nodiscard]] std::optional<engine::NodeEnded> run_on_the_spot(Run& run, NodeIndex node);

// Adds to the output of a node which items pass each of its edges that has a condition. Error segment.wanted: a condition looks
// at a list that must be read first.
[[nodiscard]] Result<void> judge_edges(Run& run, NodeIndex node, NodeOutput& output, Timestamp now);

// What a node gave on the spot, when that is much: keeps it apart, then pushes it into the run's inbox.
[[nodiscard]] Task<void> set_apart_and_report(std::shared_ptr<Run> run, engine::NodeEnded ended, std::shared_ptr<Flight> flight);

// Runs it, waiting as needed, and pushes the outcome into the run's inbox.
[[nodiscard]] Task<void> run_and_report(std::shared_ptr<Run> run, NodeIndex node, std::shared_ptr<Flight> flight);

}  // namespace mbflow::runtime
