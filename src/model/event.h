// Events: what happens to an execution, in order. The journal is the list of them; State = fold(events). The same event is
// the checkpoint, the history, the live update. Nodes are named by their position in the pinned version of the workflow
// (in memory) and by their id (on the wire and on disk).
#pragma once

#include "base/id.h"
#include "base/time.h"
#include "model/blob.h"
#include "model/workflow.h"

#include <mbflow/node.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow {

using NodeIndex = std::uint32_t;
inline constexpr NodeIndex no_node = 0xffffffff;

enum class ExecutionStatus : std::uint8_t { queued, running, waiting, succeeded, failed, cancelled, held };
enum class NodeStatus : std::uint8_t {
  pending, running, retrying, waiting, succeeded, failed, skipped, cancelled, held, quarantined
};
[[nodiscard]] std::string_view to_string(ExecutionStatus status);
[[nodiscard]] std::string_view to_string(NodeStatus status);
[[nodiscard]] std::optional<ExecutionStatus> parse_execution_status(std::string_view text);
[[nodiscard]] bool is_final(ExecutionStatus status);

// What a node gave: items by output port, and for each outgoing edge with a condition which items pass it.
struct NodeOutput {
  // The items of one port, in order: first those that are kept apart, then those that are here.
  struct Port {
    std::string name;
    std::vector<Item> items;
    std::vector<Segment> apart;
    void append(BlobUse blob, std::uint32_t count);  // a segment behind the others
    [[nodiscard]] std::size_t apart_count() const { return apart.empty() ? 0 : apart.back().end(); }
    [[nodiscard]] std::size_t size() const { return apart_count() + items.size(); }
  };
  std::vector<Port> ports;
  struct Verdict {
    std::uint32_t edge;                // position in the workflow's edges
    std::vector<std::uint32_t> items;  // positions in the port's items that pass, ascending
  };
  std::vector<Verdict> verdicts;
  [[nodiscard]] const Port* port(std::string_view name) const;
  // What it takes of the room of its execution: estimated for what is here, exact for what is apart.
  [[nodiscard]] std::uint64_t bytes() const;
};

// The outcome of single items of an `each` run that did not end as a whole: kept so that a retry runs only the rest.
struct ItemResult {
  std::uint32_t item;
  std::vector<Output::Port> ports;
};

// What a node wrote for people during one run.
struct LogLine {
  LogLevel level{};
  Timestamp at{};
  std::string text;
};
[[nodiscard]] std::string_view to_string(LogLevel level);  // "info"
[[nodiscard]] std::optional<LogLevel> parse_log_level(std::string_view text);

// No list is longer.
inline constexpr std::size_t most_items = std::size_t{1} << 26;

// Of a run over a long list: the items from `first` on, `count` of them, are done and gave this. A next run goes on behind them.
struct Progress {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::shared_ptr<const NodeOutput> output;  // never null
  [[nodiscard]] std::uint32_t end() const { return first + count; }
};

enum class EventType : std::uint8_t {
  execution_started,    // data: {"trigger", "input"…}
  node_started,         // attempt
  node_succeeded,       // output, response
  node_retrying,        // error, attempt, until, partial
  node_failed,          // error, attempt, partial; output when on_error lets the flow go on
  node_waiting,         // until
  node_woken,           // its time came
  node_held,            // error: the process died while it called out, and a person must decide (on_unknown: hold)
  node_skipped,
  node_cancelled,
  execution_cancelling,  // data: {"by"}
  execution_retried,     // data: {"nodes": [ids]}: they are pending again
  execution_finished,    // status, error
  execution_resumed,     // attempt: the deaths so far. From here on its nodes run one at a time, to find the one that kills
  node_quarantined,      // error: the process died again and again while it ran alone
  node_decided,          // data: {"action", "by"}: a person's decision on a held or quarantined node
  execution_queued,      // data: as of execution_started, which then comes without: it waits for room
  node_progressed,       // progress: so much of a long list is done
};
[[nodiscard]] std::string_view to_string(EventType type);  // "node_started"

struct Event {
  EventType type{};
  std::uint32_t seq = 0;  // from 1, without gaps within one execution
  Timestamp at{};
  NodeIndex node = no_node;
  int attempt = 0;
  Timestamp until{};
  Timestamp started{};  // of node_succeeded and node_failed: when that run began (pure nodes have no node_started)
  ExecutionStatus status{};  // of execution_finished
  std::shared_ptr<const NodeOutput> output;
  std::shared_ptr<const std::vector<ItemResult>> partial;
  std::shared_ptr<const Progress> progress;
  std::uint32_t tried = 0;  // of node_retrying, of a long list: the next run is about the items before this one; 0: about all
  std::shared_ptr<const Error> error;
  std::shared_ptr<const std::vector<LogLine>> log;  // of the run that this event ends
  Value data;      // see EventType
  Value response;  // the answer a node gave to a synchronous caller
};

// Journal chunks: events of one commit as bytes (CBOR, shared parts once). `ids` are the node ids by position.
[[nodiscard]] std::string encode_events(std::span<const Event> events, const std::vector<std::string>& ids);
// Appends; error journal.damaged. A node id that `ids` does not have is an error too.
[[nodiscard]] Result<void> decode_events(std::string_view chunk, const std::vector<std::string>& ids,
                                         std::vector<Event>& events);
// The first event of a chunk, when it names no node (execution_started): needs no ids.
[[nodiscard]] Result<Event> decode_first_event(std::string_view chunk);
// A segment of a list as bytes; `first` is the position of its first item within the list.
[[nodiscard]] std::string encode_items(std::span<const Item> items, std::size_t first);
// Error journal.damaged; also when there are not `count` of them.
[[nodiscard]] Result<std::vector<Item>> decode_items(std::string_view bytes, std::size_t first, std::size_t count);
// The blobs that these events refer to.
[[nodiscard]] std::vector<BlobUse> blobs_of(std::span<const Event> events);
// For people and clients: {"seq", "type", "at", "node", …}. Outputs are given as counts by port unless asked for.
[[nodiscard]] Value event_to_json(const Event& event, const std::vector<std::string>& ids, bool with_output);

}  // namespace mbflow
