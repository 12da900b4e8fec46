#include "runtime/node_run.h"

#include "base/mutant.h"
#include "runtime/context.h"
#include "runtime/outcomes.h"
#include "runtime/scope.h"

#include <algorithm>

namespace mbflow::runtime {
namespace {

// Lists up to this long run on the spot; longer ones give way to other executions of the loop now and then.
constexpr std::size_t spot_items = 256;
constexpr Duration give_way_after = std::chrono::milliseconds(2);

// One run of one node: everything it reads, held together. Lives as long as the run.
struct NodeRun {
  NodeRun(Run& owner, NodeIndex index, std::shared_ptr<Flight> under_way, Timestamp start);

  Run& run;
  NodeIndex node;
  const Node& document;
  const engine::PlanNode& plan;
  const PreparedNode& prepared;
  NodeInputs inputs;
  std::shared_ptr<Flight> flight;
  Timestamp started;
  Timestamp deadline;
  Outcomes outcomes;

  [[nodiscard]] std::span<const Item> items() const { return inputs.items(); }
  [[nodiscard]] Value json_of(std::size_t slot) const { return slot < items().size() ? items()[slot].json : Value::object(); }
  [[nodiscard]] Result<std::shared_ptr<const void>> config_for(std::size_t slot) const;
  [[nodiscard]] NodeContext context() { return {run, node, inputs, flight->stop.get_token(), deadline}; }
  [[nodiscard]] engine::NodeEnded finish();
};

NodeRun::NodeRun(Run& owner, NodeIndex index, std::shared_ptr<Flight> under_way, Timestamp start)
    : run(owner),
      node(index),
      document(owner.plan().workflow.nodes[index]),
      plan(owner.plan().nodes[index]),
      prepared(owner.program->nodes[index]),
      inputs(owner.plan(), owner.state, index),
      flight(std::move(under_way)),
      started(start),
      deadline(start + document.timeout.value_or(owner.worker.services.default_node_timeout)),
      outcomes(document, inputs.items(), plan.each, engine::is_last_attempt(owner.plan(), owner.state, index)) {
  for (const auto& earlier : owner.state.nodes[index].partial) outcomes.take(*earlier);
}

Result<std::shared_ptr<const void>> NodeRun::config_for(std::size_t slot) const {
  if (prepared.constant) return prepared.constant;
  const RunScope scope(run, Place{node, slot, nullptr}, json_of(slot), items(), started);
  auto value = prepared.config.resolve(run.worker.evaluator_for(run), scope);
  if (!value) return std::move(value).error();
  return plan.type->parse(*value);
}

}  // namespace

Result<void> judge_edges(Run& run, NodeIndex node, NodeOutput& output, Timestamp now) {
  for (auto edge : run.plan().nodes[node].out) {
    const auto& condition = run.program->edge_conditions[edge];
    if (!condition) continue;
    NodeOutput::Verdict verdict{edge, {}};
    const auto* port = output.port(run.plan().edges[edge].source_port);
    const std::size_t count = port ? port->items.size() : 0;
    for (std::size_t i = 0; i < count; ++i) {
      const RunScope scope(run, Place{node, i, port}, port->items[i].json, port->items, now);
      auto passes = run.worker.evaluator_for(run).evaluate(*condition, scope);
      if (!passes) return std::move(passes).error().with_at("/edges/" + std::to_string(edge) + "/condition");
      if (is_truthy(*passes)) verdict.items.push_back(static_cast<std::uint32_t>(i));
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

engine::NodeEnded NodeRun::finish() {
  engine::NodeEnded ended = outcomes.finish();
  if (ended.output && !run.plan().nodes[node].out.empty()) {
    auto output = std::const_pointer_cast<NodeOutput>(ended.output);  // made by us a moment ago, shared with nobody yet
    if (auto judged = judge_edges(run, node, *output, started); !judged) {
      ended = {};
      ended.error = std::make_shared<const Error>(std::move(judged).error());
    }
  }
  if (ended.error) ended.error = place_error(run, node, ended.error);
  ended.node = node;
  ended.started = started;
  return ended;
}

Error timeout_error(const NodeRun& job) {
  return fail(Kind::timeout, "node.timeout",
              "the node ran longer than " + format_duration(job.deadline - job.started) + "; raise its timeout");
}

// On the spot if the node can; nothing: it must wait.
std::optional<Result<Output>> call_now(const NodeRun& job, const void* config, Context& context) {
  const NodeType& type = *job.plan.type;
  if (type.run_now) return type.run_now(config, context);
  if (type.try_now) return type.try_now(config, context);
  return std::nullopt;
}

Task<void> run_slot(NodeRun& job, NodeContext& context, std::size_t slot) {
  context.move_to(slot);
  auto config = job.config_for(slot);
  if (!config) {
    job.outcomes.add(slot, std::move(config).error());
    co_return;
  }
  if (auto now = call_now(job, config->get(), context)) {
    job.outcomes.add(slot, *std::move(now));
    co_return;
  }
  auto outcome = co_await job.plan.type->run_async(config->get(), context);
  if (job.flight->timed_out && !outcome) outcome = timeout_error(job);
  job.outcomes.add(slot, std::move(outcome));
}

// The items of one `each` run, taken by several workers; the last one to end wakes the owner.
struct Lanes {
  NodeRun& job;
  std::size_t next = 0;
  std::size_t busy = 0;
  OneShot<bool>::Setter done;
};

Task<void> run_lane(Lanes& lanes) {
  NodeRun& job = lanes.job;
  NodeContext context = job.context();
  Timestamp since = context.now();
  while (lanes.next < job.outcomes.size() && !job.outcomes.hopeless() && !job.flight->stop.stop_requested()) {
    const std::size_t slot = lanes.next++;
    if (job.outcomes.is_done(slot)) continue;
    co_await run_slot(job, context, slot);
    if (context.now() - since < give_way_after) continue;
    co_await yield(job.run.worker.loop);
    since = context.now();
  }
  if (--lanes.busy == 0) lanes.done.set(true);
}

Task<void> run_items(NodeRun& job) {
  const std::size_t count = job.outcomes.size();
  if (count == 1) {
    NodeContext context = job.context();
    if (!job.outcomes.is_done(0)) co_await run_slot(job, context, 0);
    co_return;
  }
  if (count == 0) co_return;
  OneShot<bool> done(job.run.worker.loop);
  const auto width = std::min(count, static_cast<std::size_t>(std::max(1, job.document.concurrency)));
  Lanes lanes{job, 0, width, done.setter()};
  for (std::size_t i = 0; i < width; ++i) spawn(job.run.worker.loop, run_lane(lanes));
  co_await done.wait();
}

// Disabled nodes and pinned data: an outcome without running anything.
std::optional<engine::NodeEnded> stand_in(Run& run, NodeIndex node, Timestamp now) {
  const Node& document = run.plan().workflow.nodes[node];
  const bool pinned = document.pinned && run.uses_pins();
  if (!document.disabled && !pinned) return std::nullopt;
  auto output = std::make_shared<NodeOutput>();
  Output::Port port{"main", {}};
  if (pinned) {
    for (const auto& json : document.pinned->elements()) port.items.push_back(Item{json, {}, {}});
  } else {
    const NodeInputs inputs(run.plan(), run.state, node);
    for (std::size_t i = 0; i < inputs.items().size(); ++i) {
      port.items.push_back(Item{inputs.items()[i].json, Origin{static_cast<std::uint32_t>(i)}, {}});
    }
  }
  output->ports.push_back(std::move(port));
  engine::NodeEnded ended;
  if (auto judged = judge_edges(run, node, *output, now); !judged) {
    ended.error = std::make_shared<const Error>(std::move(judged).error());
  } else {
    ended.output = std::move(output);
  }
  ended.node = node;
  ended.started = now;
  return ended;
}

Task<void> fly(Run& run, NodeRun& job) {
  const auto timer = run.worker.loop.after(job.deadline - job.started, [flight = job.flight] {
    flight->timed_out = true;
    flight->stop.request_stop();
  });
  co_await run_items(job);
  run.worker.loop.cancel(timer);
  // Items that were not begun when the time was up have failed by it too.
  for (std::size_t slot = 0; job.flight->timed_out && slot < job.outcomes.size(); ++slot) {
    if (!job.outcomes.is_done(slot)) job.outcomes.add(slot, timeout_error(job));
  }
}

}  // namespace

std::optional<engine::NodeEnded> run_on_the_spot(Run& run, NodeIndex node) {
  const Timestamp now = run.worker.services.env.now();
  if (auto ended = stand_in(run, node, now)) return ended;
  const NodeType& type = *run.plan().nodes[node].type;
  if (!type.run_now && !type.try_now) return std::nullopt;
  static const auto no_flight = std::make_shared<Flight>();  // nothing on the spot can be stopped
  NodeRun job(run, node, no_flight, now);
  if (job.outcomes.size() > spot_items) return std::nullopt;
  NodeContext context = job.context();
  for (std::size_t slot = 0; slot < job.outcomes.size() && !job.outcomes.hopeless(); ++slot) {
    if (job.outcomes.is_done(slot)) continue;
    context.move_to(slot);
    auto config = job.config_for(slot);
    if (!config) {
      job.outcomes.add(slot, std::move(config).error());
      continue;
    }
    auto outcome = call_now(job, config->get(), context);
    if (!outcome) return std::nullopt;
    job.outcomes.add(slot, *std::move(outcome));
  }
  return job.finish();
}

Task<void> run_and_report(std::shared_ptr<Run> run, NodeIndex node, std::shared_ptr<Flight> flight) {
  const Timestamp now = run->worker.services.env.now();
  auto ended = stand_in(*run, node, now);
  if (!ended) {
    NodeRun job(*run, node, flight, now);
    co_await fly(*run, job);
    ended = job.finish();
  }
  if (const auto it = run->flights.find(node); it != run->flights.end() && it->second == flight) run->flights.erase(it);
  if (mutant(Mutant::result_twice)) run->push(*ended);
  run->push(*std::move(ended));
}

}  // namespace mbflow::runtime
