#include "model/event.h"

#include <array>
#include <cstddef>

namespace mbflow {

namespace {

constexpr std::array<std::string_view, 7> execution_statuses = {"queued",    "running", "waiting",  "succeeded",
                                                                 "failed", "cancelled", "held"};
constexpr std::array<std::string_view, 10> node_statuses = {"pending", "running", "retrying",  "waiting", "succeeded",
                                                             "failed",  "skipped", "cancelled", "held",    "quarantined"};
constexpr std::array<std::string_view, 4> levels = {"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 18> event_types = {
    "execution_started", "node_started",   "node_succeeded",       "node_retrying",     "node_failed",
    "node_waiting",      "node_woken",     "node_held",            "node_skipped",      "node_cancelled",
    "execution_cancelling", "execution_retried", "execution_finished", "execution_resumed", "node_quarantined", "node_decided",
    "execution_queued", "node_progressed"};
static_assert(event_types.size() == static_cast<std::size_t>(EventType::node_progressed) + 1);

template <class Names, class Enum>
std::string_view name_of(const Names& names, Enum value) {
  auto at = static_cast<std::size_t>(value);
  return at < names.size() ? names[at] : std::string_view("unknown");
}

}  // namespace

std::string_view to_string(ExecutionStatus status) { return name_of(execution_statuses, status); }
std::string_view to_string(NodeStatus status) { return name_of(node_statuses, status); }
std::string_view to_string(EventType type) { return name_of(event_types, type); }
std::string_view to_string(LogLevel level) { return name_of(levels, level); }

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i] == text) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

std::optional<ExecutionStatus> parse_execution_status(std::string_view text) {
  for (std::size_t i = 0; i < execution_statuses.size(); ++i) {
    if (execution_statuses[i] == text) return static_cast<ExecutionStatus>(i);
  }
  return std::nullopt;
}

bool is_final(ExecutionStatus status) {
  return status == ExecutionStatus::succeeded || status == ExecutionStatus::failed || status == ExecutionStatus::cancelled;
}

void NodeOutput::Port::append(BlobUse blob, std::uint32_t count) {
  apart.push_back(Segment{blob, count, static_cast<std::uint32_t>(apart_count())});
}

std::uint64_t NodeOutput::bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& port : ports) {
    for (const auto& segment : port.apart) bytes += segment.blob.bytes;
    for (const auto& item : port.items) bytes += item.json.memory();
  }
  return bytes;
}

std::vector<BlobUse> blobs_of(std::span<const Event> events) {
  std::vector<BlobUse> uses;
  const auto add = [&uses](const std::vector<NodeOutput::Port>& ports) {
    for (const auto& port : ports) {
      for (const auto& segment : port.apart) uses.push_back(segment.blob);
    }
  };
  for (const auto& event : events) {
    if (event.output) add(event.output->ports);
    if (event.progress) add(event.progress->output->ports);
  }
  return uses;
}

const NodeOutput::Port* NodeOutput::port(std::string_view name) const {
  for (const auto& port : ports) {
    if (port.name == name) return &port;
  }
  return nullptr;
}

}  // namespace mbflow
