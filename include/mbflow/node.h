// The node contract: what a node type is, what it is given and what it gives back. Built-in nodes and yours stand on the
// same footing. A node is one function over a typed Config; expressions in the config are resolved before it runs, so it
// sees plain values and never evaluates what came from outside.
//
//   Result<Output> run(const Config& config, Context& context);         // pure or quick: runs on the spot
//   Task<Result<Output>> run(const Config& config, Context& context);   // waits for the network or the clock
//
// Threads: a run stays on one thread; `context` and `config` live until the run ends. Never block.
#pragma once

#include <mbflow/credential.h>
#include <mbflow/http.h>
#include <mbflow/result.h>
#include <mbflow/task.h>
#include <mbflow/value.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow {

// Where an item came from: the n-th item of the node's inputs, counted over all incoming edges in edge order.
struct Origin {
  static constexpr std::uint32_t none = 0xffffffff;
  std::uint32_t index = none;
  friend bool operator==(const Origin&, const Origin&) = default;
};

// One piece of data on its way: a JSON object and where it came from.
struct Item {
  Value json;
  Origin origin{};
  // Further parents (a merge joins several); null for most items.
  std::shared_ptr<const std::vector<Origin>> more_origins{};
};

// The items of one incoming edge. An edge whose branch was not taken is there too, empty.
struct Input {
  std::string_view port;
  std::string_view source;  // the name of the node it comes from
  std::span<const Item> items;
};

// What one run gives: items on output ports, or a wish to be run again later, and perhaps the workflow's answer.
class Output {
 public:
  // `run: each` nodes: the origin is the current item by itself. `once` nodes say it.
  void add(Value json) { add_to("main", std::move(json)); }
  void add_to(std::string_view port, Value json) { add_to(port, Item{std::move(json), {}, {}}); }
  void add(Item item) { add_to("main", std::move(item)); }
  void add_to(std::string_view port, Item item);

  // The node sleeps durably and is run again then, with context.resumed() true. Nothing else of this Output counts.
  [[nodiscard]] static Output sleep_until(std::chrono::sys_time<std::chrono::microseconds> instant);

  // The answer to a synchronous caller: {"status", "headers", "body"}; the first one of an execution wins.
  void respond(Value response) { response_ = std::move(response); }

  struct Port {
    std::string name;
    std::vector<Item> items;
  };
  std::vector<Port>& ports() { return ports_; }
  [[nodiscard]] const std::vector<Port>& ports() const { return ports_; }
  [[nodiscard]] const Value& response() const { return response_; }
  [[nodiscard]] const std::optional<std::chrono::sys_time<std::chrono::microseconds>>& wake_at() const { return wake_at_; }

 private:
  std::vector<Port> ports_;
  Value response_;
  std::optional<std::chrono::sys_time<std::chrono::microseconds>> wake_at_;
};

// Work for the jail: a separate process without network, files or secrets, with limits of time and memory.
struct SandboxJob {
  std::string language;  // "jq"
  std::string program;
  Value input;
  std::chrono::milliseconds limit{1'000};
};

enum class LogLevel : std::uint8_t { debug, info, warn, error };

// What a node may reach, and nothing else.
class Context {
 public:
  virtual ~Context() = default;

  // run: each — the current item and its position. run: once — the first one, if there is any.
  [[nodiscard]] virtual const Item& item() const = 0;
  [[nodiscard]] virtual std::size_t index() const = 0;
  // run: once — everything that came in, by edge; items() is all of it in one list, whose positions are the origins. Of a
  // type with `streams` only while in_memory(): then a long list is read as below.
  [[nodiscard]] virtual std::span<const Input> inputs() const = 0;
  [[nodiscard]] virtual std::span<const Item> items() const = 0;

  // For types with `streams`, which see lists of any length in little memory.
  [[nodiscard]] virtual bool in_memory() const = 0;     // items() and inputs() are everything
  [[nodiscard]] virtual std::size_t count() const = 0;  // of items in all
  // The next items, one behind the other from the first on; none: that was all. Valid until the next call.
  [[nodiscard]] virtual Task<Result<std::span<const Item>>> next_items() = 0;
  // After it everything is in_memory(). Error node.input_limit: it is more than may be.
  [[nodiscard]] virtual Task<Result<void>> gather() = 0;
  // What was put out so far, to make room for more. What run() returns comes behind it.
  [[nodiscard]] virtual Task<Result<void>> give(Output part) = 0;
  // How much, about, a run may hold in memory. In bytes.
  [[nodiscard]] virtual std::size_t memory_limit() const = 0;

  [[nodiscard]] virtual int attempt() const = 0;   // from 1
  [[nodiscard]] virtual bool resumed() const = 0;  // run again after Output::sleep_until
  // The same on every attempt of this item, after a crash too. Send it wherever you call out.
  [[nodiscard]] virtual std::string idempotency_key() const = 0;
  [[nodiscard]] virtual std::chrono::sys_time<std::chrono::microseconds> now() const = 0;
  [[nodiscard]] virtual std::stop_token stop() const = 0;  // requested on cancel and timeout
  [[nodiscard]] virtual std::chrono::milliseconds time_left() const = 0;

  [[nodiscard]] virtual HttpClient& http() = 0;
  // Errors: sandbox.program (invalid: the program does not compile or raised), sandbox.limit (timeout, or invalid for
  // memory), sandbox.unavailable.
  [[nodiscard]] virtual Task<Result<Value>> sandbox(SandboxJob job) = 0;
  // A credential of the tenant by id or name, for protocols other than HTTP (there HttpRequest::credential is enough). It is not
  // for outputs, logs or expressions. Errors: credential.unknown, credential.type (invalid), credential.sealed (internal).
  [[nodiscard]] virtual Task<Result<Credential>> credential(std::string reference, std::string type) = 0;
  // A line of the execution's log, for people. It is saved with the outcome of this run of the node: a run that a crash cuts off leaves
  // none. Of a run the first 100 lines are kept, of a line the first 2,048 bytes. Not for secrets.
  virtual void log(LogLevel level, std::string_view message) = 0;
};

// A node type as the engine knows it. Made by the build from nodes/<type>/, or by hand for a custom node.
struct NodeType {
  enum class Run : std::uint8_t { each, once };
  std::string_view type;
  std::string_view definition;  // JSON: what GET /node-types shows (schema, ports, texts, icon, docs, examples)
  Run run = Run::each;
  bool pure = false;   // no effect outside the engine: journaled together with what follows
  bool entry = false;  // a trigger: has no input, starts the workflow
  bool streams = false;  // run: once — asks for its items with Context::next_items when they are many
  // Typed config from resolved values, or where and why it is wrong (`at` is relative to the config).
  Result<std::shared_ptr<const void>> (*parse)(const Value& config) = nullptr;
  // Set when the config decides between each and once (data_adapter: sort is over all items); null: `run` holds.
  Run (*run_of)(const Value& config) = nullptr;
  // run_now alone, or run_async, perhaps with try_now: what can be done on the spot, nothing when it must wait.
  std::optional<Result<Output>> (*try_now)(const void* config, Context& context) = nullptr;
  Result<Output> (*run_now)(const void* config, Context& context) = nullptr;
  Task<Result<Output>> (*run_async)(const void* config, Context& context) = nullptr;
};

// Looks types up by name; concept-style upper-case names are normalised before. Immutable once built, so any thread.
class NodeTable {
 public:
  explicit NodeTable(std::vector<NodeType> types);
  [[nodiscard]] const NodeType* find(std::string_view type) const;
  [[nodiscard]] std::span<const NodeType> all() const { return types_; }  // sorted by name

 private:
  std::vector<NodeType> types_;
};

// What the build found in nodes/.
[[nodiscard]] const NodeTable& built_in_nodes();

}  // namespace mbflow
