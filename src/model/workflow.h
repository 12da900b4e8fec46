// The workflow document as plain data: what a person draws, what the store keeps, what the engine plans from.
#pragma once

#include "base/id.h"
#include "base/time.h"

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mbflow {

enum class OnError : std::uint8_t { fail, continue_, port };   // on the wire: fail | continue | port
enum class OnUnknown : std::uint8_t { retry, hold, fail };
enum class RunMode : std::uint8_t { type_default, each, once };
enum class Durability : std::uint8_t {
  full,     // every acknowledgement is on disk; the default
  relaxed,  // the start is on disk before it is acknowledged; what follows is saved without waiting for it
  none,     // nothing is saved: no history, and a crash loses the run. For high-rate, repeatable work.
};

struct RetryPolicy {
  int attempts = 3;  // in all; 1 = no retry
  Duration delay = std::chrono::seconds(1);
  double factor = 2;
  Duration max_delay = std::chrono::seconds(30);
  bool jitter = true;
  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

struct Node {
  std::string id;
  std::string name;  // unique; what $('name') finds
  std::string type;
  Value config = Value::object();
  RetryPolicy retry{};
  std::optional<Duration> timeout;
  OnError on_error = OnError::fail;
  OnUnknown on_unknown = OnUnknown::retry;
  RunMode run = RunMode::type_default;
  int concurrency = 5;  // items of one `each` run that call out at a time
  std::string parent;   // the loop whose body it belongs to
  bool disabled = false;  // items pass through untouched
  std::optional<Value> pinned;  // an array of items' json, used in place of running the node
  std::string notes;
  Value position;
};

struct Edge {
  std::string source;
  std::string source_port = "main";
  std::string target;
  std::string target_port = "main";
  std::string condition;  // an expression "{{ … }}" that filters the items; empty = all pass
};

struct Settings {
  std::optional<Duration> timeout;  // of the whole execution
  std::string timezone = "UTC";
  Durability durability = Durability::full;
  std::string on_failure;  // id of the workflow to start when this one fails
  Value rest = Value::object();  // concurrency, retention: kept as written
};

struct Workflow {
  std::string name;
  std::string description;
  std::vector<std::string> tags;
  Settings settings{};
  Value variables = Value::object();
  std::vector<Node> nodes;
  std::vector<Edge> edges;
  Value ui = Value::object();  // notes and groups on the canvas, in the canonical form
};

// A fault of a document: every one is reported at once. Warnings do not make it invalid.
struct Fault {
  Error error;  // kind invalid; `at` is a pointer into the document as it was given
  bool warning = false;
};

}  // namespace mbflow
