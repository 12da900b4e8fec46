// A past execution once more: a new journal that begins with what the old one says of the nodes that need not run again.
// From there it is an execution like one whose process died: whoever claims it goes on.
#include "runtime/runtime.h"

#include <algorithm>

namespace mbflow::runtime {
namespace {

Error bad_node(std::string message) { return fail(Kind::invalid, "runtime.replay_node", std::move(message)).with_at("/node"); }

// The node and all that come after it; everything when there is no node.
std::vector<bool> to_run(const engine::Plan& plan, NodeIndex from) {
  std::vector<bool> again(plan.nodes.size(), from == no_node);
  if (from == no_node) return again;
  std::vector<NodeIndex> open{from};
  while (!open.empty()) {
    const NodeIndex node = open.back();
    open.pop_back();
    if (again[node]) continue;
    again[node] = true;
    for (const auto edge : plan.nodes[node].out) open.push_back(plan.edges[edge].target);
  }
  return again;
}

bool ends_well(const Event& event) {
  const bool goes_on = event.type == EventType::node_failed && event.output;
  return event.type == EventType::node_succeeded || event.type == EventType::node_skipped || goes_on;
}

// Positions in a list that has another length now.
void keep_verdicts_within(NodeOutput& output, const engine::Plan& plan, std::uint32_t given, std::string_view port, std::size_t size) {
  std::erase_if(output.verdicts, [&](const NodeOutput::Verdict& verdict) { return verdict.edge == given; });
  for (auto& verdict : output.verdicts) {
    if (plan.edges[verdict.edge].source_port == port) std::erase_if(verdict.items, [&](std::uint32_t item) { return item >= size; });
  }
}

// What leaves the edge's source, with the items given instead; each descends from what the one at its place did.
std::shared_ptr<const NodeOutput> with_items(const engine::Plan& plan, const NodeOutput& before, std::uint32_t edge, const Value& items) {
  auto output = std::make_shared<NodeOutput>(before);
  const std::string& name = plan.edges[edge].source_port;
  auto port = std::ranges::find(output->ports, name, &NodeOutput::Port::name);
  if (port == output->ports.end()) port = output->ports.insert(port, NodeOutput::Port{name, {}, {}});
  const auto old = std::exchange(port->items, {});
  const bool same = port->apart.empty() && old.size() == items.size();
  port->apart.clear();
  for (std::size_t i = 0; i < items.size(); ++i) {
    Item item = same ? old[i] : Item{};
    item.json = items[i];
    port->items.push_back(std::move(item));
  }
  keep_verdicts_within(*output, plan, edge, name, items.size());
  return output;
}

Event start_event(const Runtime::View& view, const ReplayRequest& request, bool at_root) {
  Event event;
  event.type = EventType::execution_started;
  Value data = view.events.front().data.with("trigger", "replay").with("replay_of", view.record.id.to_string()).with("by", request.by);
  if (!request.node.empty()) data = data.with("from", request.node);
  if (at_root && request.input) data = data.with("input", input_items(*request.input));
  event.data = std::move(data);
  return event;
}

Result<std::vector<Event>> new_journal(const Runtime::View& view, const ReplayRequest& request, Timestamp now) {
  const engine::Plan& plan = *view.program->plan;
  const NodeIndex from = request.node.empty() ? no_node : plan.find(request.node);
  if (from == no_node && !request.node.empty()) return bad_node("this version of the workflow has no node \"" + request.node + "\"");
  const bool at_root = from == no_node || plan.nodes[from].in.empty();
  if (!at_root && request.input && plan.nodes[from].in.size() != 1) {
    return bad_node("several edges lead to \"" + request.node + "\": leave \"input\" out, or replay from a node before it");
  }
  const auto again = to_run(plan, from);
  std::vector<Event> events{start_event(view, request, at_root)};
  for (const auto& old : view.events) {
    // A retry runs a node anew: what counts is the last that was said of it.
    if (old.node == no_node || again[old.node] || !ends_well(old)) continue;
    std::erase_if(events, [&](const Event& event) { return event.node == old.node && event.type != EventType::execution_started; });
    Event event = old;
    event.started = event.type == EventType::node_skipped ? Timestamp{} : now;
    const bool feeds = !at_root && request.input && event.output && plan.edges[plan.nodes[from].in.front()].source == old.node;
    if (feeds) event.output = with_items(plan, *event.output, plan.nodes[from].in.front(), input_items(*request.input));
    events.push_back(std::move(event));
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].seq = static_cast<std::uint32_t>(i + 1);
    events[i].at = now;
  }
  return events;
}

}  // namespace

Task<Result<ExecutionId>> Runtime::replay(TenantId tenant, ExecutionId id, ReplayRequest request) {
  MBF_CO_CHECK(check_room());
  MBF_CO_TRY(auto view, co_await inspect(tenant, id));
  const Timestamp now = services_.env.now();
  MBF_CO_TRY(auto events, new_journal(view, request, now));
  store::Commit commit;
  commit.create = true;
  commit.record.id = new_id();
  commit.record.tenant = tenant;
  commit.record.workflow = view.record.workflow;
  commit.record.version = view.record.version;
  commit.record.status = ExecutionStatus::running;
  commit.record.trigger = "replay";
  commit.record.created_at = now;
  commit.record.started_at = now;
  commit.record.last_seq = events.back().seq;
  commit.chunk = encode_events(events, view.program->plan->ids);
  commit.blobs = blobs_of(events);
  const ExecutionId made = commit.record.id;
  MBF_CO_CHECK(co_await services_.store.commit(std::move(commit)));
  ++services_.counters.started;
  kick();
  co_return made;
}

}  // namespace mbflow::runtime
