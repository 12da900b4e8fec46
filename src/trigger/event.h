// The event trigger: what arrives as an event, and who hears it. Pure.
#pragma once

#include "base/time.h"
#include "model/workflow.h"

#include <mbflow/http.h>
#include <mbflow/result.h>
#include <mbflow/value.h>

#include <string>
#include <string_view>
#include <vector>

namespace mbflow::trigger {

// What happened, as its sender tells it. `id` not empty: it is taken once from each source.
struct Happening {
  std::string name, source, id;
  Timestamp time{};
  Value data;
};

constexpr std::size_t most_happenings = 100;  // in one request

// Reads a request: {"name", "source"?, "id"?, "time"?, "data"?}, an array of those, or CloudEvents 1.0 over HTTP in structured,
// batched or binary mode (https://github.com/cloudevents/spec, HTTP protocol binding 1.0.2), whose `type` is the name and
// whose further attributes come under "attributes" beside the data. Error event.body; `at` points into the body.
[[nodiscard]] Result<std::vector<Happening>> read_happenings(const Headers& headers, std::string_view body, Timestamp now);

// {"name", "source", "id", "time", "data"}: the item of a start.
[[nodiscard]] Value item_of(const Happening& happening);

// Names of what executions do here, which nobody else may use: execution.succeeded, execution.failed, execution.cancelled.
inline constexpr std::string_view ends = "execution.";
[[nodiscard]] inline bool is_end(std::string_view name) { return name.starts_with(ends); }

// "order.paid" names itself; "order.*" every name that begins with "order."; "*" all; ends only a pattern that begins with "execution.".
[[nodiscard]] bool hears(std::string_view pattern, std::string_view name);

// The enabled event nodes of a workflow; valid while it lives.
[[nodiscard]] std::vector<const Node*> event_nodes(const Workflow& workflow);

}  // namespace mbflow::trigger
