// What two JSON values differ in, and what a list of them looks like. Pure functions.
#pragma once

#include <mbflow/value.h>

#include <span>
#include <string_view>
#include <vector>

namespace mbflow::server {

// [{"at": pointer, "change": "added" | "removed" | "changed", "before"?, "after"?}…], at most `most` of them, in document order.
[[nodiscard]] std::vector<Value> differences(const Value& before, const Value& after, std::size_t most);

// Two documents: nodes are matched by their id and edges by their ends, wherever they stand: {"nodes", "edges", "rest"}, the
// first two with "added", "removed" and "changed".
[[nodiscard]] Value document_difference(const Value& before, const Value& after);

// A JSON Schema of what the values have in common, from the first hundred, four levels deep; "x-present" says in how many of
// those looked at a member was.
[[nodiscard]] Value summarize(std::span<const Value> values, int depth = 4);

}  // namespace mbflow::server
