#include "runtime/node_run.h"

#include "base/mutant.h"
#include "runtime/node_work.h"
#include "runtime/scope.h"

#include <algorithm>

namespace mbflow::runtime {
namespace {

// Lists up to this long run on the spot; longer ones give way to other executions of the loop now and then.
constexpr std::size_t spot_items = 256;

}  // namespace

NodeRun::NodeRun(Run& owner, NodeIndex index, std::shared_ptr<Flight> under_way, Timestamp start)
    : run(owner),
      node(index),
      document(owner.plan().workflow.nodes[index]),
      plan(owner.plan().nodes[index]),
      prepared(owner.program->nodes[index]),
      inputs(owner.plan(), owner.state, index),
      flight(std::move(under_way)),
      started(start),
      output(owner, index, start, flight->stop),
      work{owner, index, inputs, output, {}, start + document.timeout.value_or(owner.worker.services.default_node_timeout)} {}

void NodeRun::begin(Stretch stretch, bool anew) {
  work.stretch = std::move(stretch);
  outcomes.emplace(document, work.stretch.items, plan.each, engine::is_last_attempt(run.plan(), run.state, node, anew), work.stretch.first);
  for (const auto& earlier : run.state.nodes[node].partial) outcomes->take(*earlier);
}

Value NodeRun::json_of(std::size_t index) const {
  const auto& stretch = work.stretch;
  return index >= stretch.first && index < stretch.end() ? stretch.items[index - stretch.first].json : Value::object();
}

Result<std::shared_ptr<const void>> NodeRun::config_for(std::size_t index, std::vector<Segment>& wanted) const {
  if (prepared.constant) return prepared.constant;
  const RunScope scope(run, Place{node, index, nullptr}, json_of(index), input_view(inputs, run.worker.segments, wanted), started, wanted);
  auto value = prepared.config.resolve(run.worker.evaluator_for(run), scope);
  if (!value) return std::move(value).error();
  return plan.type->parse(*value);
}

Result<void> judge_edges(Run& run, NodeIndex node, NodeOutput& output, Timestamp now) {
  std::vector<Segment> wanted;
  for (auto edge : run.plan().nodes[node].out) {
    if (!run.program->edge_conditions[edge]) continue;
    NodeOutput::Verdict verdict{edge, {}};
    const auto* port = output.port(run.plan().edges[edge].source_port);
    const std::size_t count = port ? port->items.size() : 0;
    for (std::size_t i = 0; i < count; ++i) {
      auto pass = passes(run, edge, port->items[i], i, port->items, now, wanted);
      if (!wanted.empty()) return fail(Kind::unavailable, "segment.wanted", "it is read from the store first");
      if (!pass) return std::move(pass).error();
      if (*pass) verdict.items.push_back(static_cast<std::uint32_t>(i));
    }
    output.verdicts.push_back(std::move(verdict));
  }
  return {};
}

namespace {

std::shared_ptr<const Error> place_error(const Run& run, NodeIndex node, const std::shared_ptr<const Error>& error) {
  const bool placed = error->at.starts_with("/nodes/") || error->at.starts_with("/edges/");
  if (placed) return error;
  Error copy = *error;
  copy.at = "/nodes/" + std::to_string(node) + (copy.at.empty() ? "" : "/config" + copy.at);
  if (copy.message.empty()) copy.message = "the node '" + run.plan().workflow.nodes[node].name + "' failed";
  return std::make_shared<const Error>(std::move(copy));
}

}  // namespace

engine::NodeEnded NodeRun::ended(engine::NodeEnded how) {
  if (how.output) {
    if (auto over = over_limit(run, node, how.output->bytes())) {
      how = {};
      how.error = std::move(over);
    }
  }
  if (how.error) how.error = place_error(run, node, how.error);
  how.node = node;
  how.started = started;
  how.log = work.log.take();
  return how;
}

Error timeout_error(const NodeRun& job) {
  return fail(Kind::timeout, "node.timeout",
              "the node ran longer than " + format_duration(job.work.deadline - job.started) + "; raise its timeout");
}

std::optional<Result<Output>> call_now(const NodeRun& job, const void* config, Context& context) {
  const NodeType& type = *job.plan.type;
  if (type.run_now) return type.run_now(config, context);
  if (type.try_now) return type.try_now(config, context);
  return std::nullopt;
}

std::shared_ptr<NodeOutput> stand_in(const Run& run, NodeIndex node, const Stretch& stretch) {
  const Node& document = run.plan().workflow.nodes[node];
  const bool pinned = document.pinned && run.uses_pins();
  if (!document.disabled && !pinned) return nullptr;
  auto output = std::make_shared<NodeOutput>();
  NodeOutput::Port port{"main", {}, {}};
  if (pinned) {
    for (const auto& json : document.pinned->elements()) port.items.push_back(Item{json, {}, {}});
  } else {
    for (std::size_t i = 0; i < stretch.items.size(); ++i) {
      port.items.push_back(Item{stretch.items[i].json, Origin{static_cast<std::uint32_t>(stretch.first + i)}, {}});
    }
  }
  output->ports.push_back(std::move(port));
  return output;
}

namespace {

// Nothing: a list must be read first.
std::optional<engine::NodeEnded> judged(NodeRun& job, engine::NodeEnded ended) {
  if (ended.output && !job.plan.out.empty()) {
    auto output = std::const_pointer_cast<NodeOutput>(ended.output);  // made by us a moment ago, shared with nobody yet
    if (auto done = judge_edges(job.run, job.node, *output, job.started); !done) {
      if (done.error().code == "segment.wanted") return std::nullopt;
      ended = {};
      ended.error = std::make_shared<const Error>(std::move(done).error());
    }
  }
  return job.ended(std::move(ended));
}

// Every item of a list that is short and in memory; false: the node must wait.
bool run_slots_now(NodeRun& job) {
  NodeContext context = job.context();
  auto& outcomes = *job.outcomes;
  std::vector<Segment> wanted;
  for (std::size_t slot = 0; slot < outcomes.size() && !outcomes.hopeless(); ++slot) {
    if (outcomes.is_done(slot)) continue;
    context.move_to(slot);
    auto config = job.config_for(slot, wanted);
    if (!wanted.empty()) return false;
    if (!config) {
      outcomes.add(slot, std::move(config).error());
      continue;
    }
    auto outcome = call_now(job, config->get(), context);
    if (!outcome) return false;
    outcomes.add(slot, *std::move(outcome));
    // Much comes of little: better bit by bit, from the start. What ran here has no effect outside.
    if (outcomes.bytes() > job.run.worker.services.limits.segment && slot + 1 < outcomes.size()) return false;
  }
  return true;
}

// The memory for long lists is shared by all of them: whoever finds too little of it left waits.
Task<Result<void>> take_memory(NodeRun& job) {
  auto& services = job.run.worker.services;
  constexpr std::uint64_t stretches = 4;  // read, decoded, given, encoded
  constexpr std::uint64_t decoded = 3;    // times what is kept
  const bool whole = !job.plan.each && !job.plan.type->streams;
  const std::uint64_t need = whole ? std::min(job.inputs.bytes(), services.limits.in_memory) * decoded : services.limits.segment * stretches;
  while (services.in_memory + need > 4 * services.limits.in_memory && services.in_memory > 0) {
    const bool waited = co_await sleep_for(job.run.worker.loop, std::chrono::milliseconds(20), job.flight->stop.get_token());
    if (!waited) co_return timeout_error(job);
  }
  services.in_memory += need;
  job.held = need;
  co_return {};
}

Task<engine::NodeEnded> fly(NodeRun& job) {
  const auto timer = job.run.worker.loop.after(job.work.deadline - job.started, [flight = job.flight] {
    flight->timed_out = true;
    flight->stop.request_stop();
  });
  engine::NodeEnded ended;
  Result<void> room;
  if (!job.inputs.in_memory()) room = co_await take_memory(job);
  if (room) ended = co_await run_whole(job);
  else ended.error = std::make_shared<const Error>(room.error());
  job.run.worker.services.in_memory -= job.held;
  job.run.worker.loop.cancel(timer);
  co_return ended;
}

}  // namespace

std::optional<engine::NodeEnded> run_on_the_spot(Run& run, NodeIndex node) {
  const Timestamp now = run.worker.services.env.now();
  static const auto no_flight = std::make_shared<Flight>();  // nothing on the spot can be stopped
  const NodeType& type = *run.plan().nodes[node].type;
  const bool stands_in = run.plan().workflow.nodes[node].disabled || run.plan().workflow.nodes[node].pinned;
  if (!type.run_now && !type.try_now && !stands_in) return std::nullopt;
  NodeRun job(run, node, no_flight, now);
  if (!job.inputs.in_memory() || !run.state.nodes[node].progress.empty()) return std::nullopt;
  Stretch all;
  all.items = job.inputs.items();
  if (auto output = stand_in(run, node, all)) {
    engine::NodeEnded ended;
    ended.output = std::move(output);
    return judged(job, std::move(ended));
  }
  job.begin(std::move(all), false);
  if ((!type.run_now && !type.try_now) || job.outcomes->size() > spot_items || !run_slots_now(job)) return std::nullopt;
  return judged(job, job.outcomes->finish());
}

Task<void> set_apart_and_report(std::shared_ptr<Run> run, engine::NodeEnded ended, std::shared_ptr<Flight> flight) {
  auto apart = co_await set_apart(*run, *ended.output, flight->stop);
  if (apart) {
    ended.output = *std::move(apart);
  } else {
    ended.output = nullptr;
    ended.error = place_error(*run, ended.node, std::make_shared<const Error>(apart.error()));
  }
  if (const auto it = run->flights.find(ended.node); it != run->flights.end() && it->second == flight) run->flights.erase(it);
  run->report(std::move(ended));
}

Task<void> run_and_report(std::shared_ptr<Run> run, NodeIndex node, std::shared_ptr<Flight> flight) {
  engine::NodeEnded ended;
  {
    NodeRun job(*run, node, flight, run->worker.services.env.now());
    ended = co_await fly(job);
    ended = job.ended(std::move(ended));
  }
  if (const auto it = run->flights.find(node); it != run->flights.end() && it->second == flight) run->flights.erase(it);
  if (mutant(Mutant::result_twice)) run->push(ended);
  run->report(std::move(ended));
}

}  // namespace mbflow::runtime
