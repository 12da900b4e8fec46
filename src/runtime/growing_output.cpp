#include "runtime/growing_output.h"

#include "runtime/scope.h"

#include <algorithm>

namespace mbflow::runtime {
namespace {

constexpr Duration again_after = std::chrono::milliseconds(500);
constexpr int most_rounds = 16;
constexpr Duration give_way_after = std::chrono::milliseconds(2);

std::string in_mib(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

// All items of a port, which an edge's condition cannot see while there are more to come.
class Unseen final : public expr::ItemSource {
 public:
  [[nodiscard]] Result<const Item*> at(std::size_t) const override {
    return fail(Kind::invalid, "expr.too_large", "$input is too long here; a condition on an edge of such a list can use $json and $('Node').item");
  }
};

// What a node did is offered to the store until it is taken, as its events are.
Task<Result<void>> save_blob(Run& run, BlobId id, std::string bytes, const std::stop_source& stop) {
  while (true) {
    auto saved = co_await run.worker.services.store.save_blob(id, bytes);
    if (saved || saved.error().kind != Kind::unavailable || run.worker.stopping) co_return saved;
    if (!co_await sleep_for(run.worker.loop, again_after, stop.get_token())) co_return saved;
  }
}

// What of a port is in memory becomes a segment; `before`: items of the same list that are not in this port.
Task<Result<void>> set_port_apart(Run& run, NodeOutput::Port& port, std::size_t before, const std::stop_source& stop) {
  if (port.items.empty()) co_return {};
  std::string bytes = encode_items(port.items, before + port.apart_count());
  const BlobUse use{BlobId::of(bytes), bytes.size()};
  MBF_CO_CHECK(co_await save_blob(run, use.id, std::move(bytes), stop));
  port.append(use, static_cast<std::uint32_t>(port.items.size()));
  port.items = {};
  co_return {};
}

NodeOutput::Verdict& verdict_of(NodeOutput& output, std::uint32_t edge) {
  for (auto& verdict : output.verdicts) {
    if (verdict.edge == edge) return verdict;
  }
  return output.verdicts.emplace_back(NodeOutput::Verdict{edge, {}});
}

}  // namespace

std::shared_ptr<const Error> over_limit(const Run& run, NodeIndex node, std::uint64_t bytes) {
  const Limits& limits = run.worker.services.limits;
  const std::string& name = run.plan().workflow.nodes[node].name;
  if (bytes > limits.output) {
    return std::make_shared<const Error>(
        fail(Kind::invalid, "node.output_limit", "the node '" + name + "' gave more than " + in_mib(limits.output) +
                                                     ", the most that one node may give; let it give less, or raise the server's setting max-output"));
  }
  if (run.state.bytes + bytes <= limits.execution) return nullptr;
  return std::make_shared<const Error>(
      fail(Kind::invalid, "node.execution_limit", "with what the node '" + name + "' gave, the execution holds more than " + in_mib(limits.execution) +
                                                      "; let its nodes give less, or raise the server's setting max-execution"));
}

Result<bool> passes(Run& run, std::uint32_t edge, const Item& item, std::size_t index, expr::ItemsView all, Timestamp now,
                    std::vector<Segment>& wanted) {
  const RunScope scope(run, Place{run.plan().edges[edge].source, index, &item}, item.json, std::move(all), now, wanted);
  auto verdict = run.worker.evaluator_for(run).evaluate(*run.program->edge_conditions[edge], scope);
  if (!verdict) return std::move(verdict).error().with_at("/edges/" + std::to_string(edge) + "/condition");
  return is_truthy(*verdict);
}

Task<Result<void>> read_wanted(Run& run, std::vector<Segment>& wanted, int round) {
  if (round >= most_rounds) {
    co_return fail(Kind::invalid, "expr.too_large", "an expression looks at too many places of long lists; use $json, or bring the lists together with merge");
  }
  for (const auto& segment : std::exchange(wanted, {})) {
    auto read = co_await read_patiently(run.worker, segment);
    if (!read) co_return read.error();
  }
  co_return {};
}

Task<Result<std::shared_ptr<const NodeOutput>>> set_apart(Run& run, const NodeOutput& output, const std::stop_source& stop) {
  auto apart = std::make_shared<NodeOutput>(output);
  for (auto& port : apart->ports) MBF_CO_CHECK(co_await set_port_apart(run, port, 0, stop));
  co_return std::shared_ptr<const NodeOutput>(std::move(apart));
}

GrowingOutput::GrowingOutput(Run& run, NodeIndex node, Timestamp started, const std::stop_source& stop)
    : run_(run), node_(node), started_(started), stop_(stop) {
  for (const auto& part : run.state.nodes[node].progress) take_over(*part->output);
  bytes_ = settled_.bytes();
}

NodeOutput::Port& GrowingOutput::port_of(NodeOutput& output, std::string_view name) {
  for (auto& port : output.ports) {
    if (port.name == name) return port;
  }
  return output.ports.emplace_back(NodeOutput::Port{std::string(name), {}, {}});
}

std::size_t GrowingOutput::settled_count(std::string_view port) const {
  const auto* settled = settled_.port(port);
  return settled ? settled->size() : 0;
}

void GrowingOutput::take_over(const NodeOutput& part) {
  for (const auto& verdict : part.verdicts) {
    const auto before = static_cast<std::uint32_t>(settled_count(run_.plan().edges[verdict.edge].source_port));
    auto& all = verdict_of(settled_, verdict.edge).items;
    for (const auto position : verdict.items) all.push_back(before + position);
  }
  for (const auto& port : part.ports) {
    auto& all = port_of(settled_, port.name);
    for (const auto& segment : port.apart) all.append(segment.blob, segment.items);
  }
}

Task<Result<void>> GrowingOutput::add(NodeOutput part, bool only) {
  for (auto& port : part.ports) {
    MBF_CO_CHECK(co_await judge(port, only));
    auto& all = port_of(fresh_, port.name);
    for (const auto& item : port.items) bytes_ += item.json.memory();
    if (all.items.empty()) all.items = std::move(port.items);
    else all.items.insert(all.items.end(), std::make_move_iterator(port.items.begin()), std::make_move_iterator(port.items.end()));
    const bool too_many = settled_count(port.name) + all.size() > most_items;
    if (too_many) co_return fail(Kind::invalid, "node.output_limit", "a list has more than " + std::to_string(most_items) + " items; work on it in parts");
  }
  if (const auto error = over_limit(run_, node_, bytes_)) co_return *error;
  for (std::size_t i = 0; i < fresh_.ports.size(); ++i) {
    std::uint64_t held = 0;
    for (const auto& item : fresh_.ports[i].items) held += sizeof item + item.json.memory();
    if (held >= run_.worker.services.limits.segment) MBF_CO_CHECK(co_await set_apart(i));
  }
  co_return {};
}

Task<Result<void>> GrowingOutput::judge(const NodeOutput::Port& part, bool only) {
  for (const auto edge : run_.plan().nodes[node_].out) {
    const bool judged = run_.program->edge_conditions[edge] && run_.plan().edges[edge].source_port == part.name;
    if (judged) MBF_CO_CHECK(co_await judge_edge(edge, part, only));
  }
  co_return {};
}

Task<Result<void>> GrowingOutput::judge_edge(std::uint32_t edge, const NodeOutput::Port& part, bool only) {
  static const auto unseen = std::make_shared<const Unseen>();
  const auto* before = fresh_.port(part.name);
  const std::size_t first = before ? before->size() : 0;
  auto& verdict = verdict_of(fresh_, edge);
  std::vector<Segment> wanted;
  Timestamp since = run_.worker.services.env.now();
  int round = 0;
  for (std::size_t i = 0; i < part.items.size();) {
    const auto all = only ? expr::ItemsView(part.items) : expr::ItemsView(unseen, settled_count(part.name) + first + part.items.size());
    auto pass = passes(run_, edge, part.items[i], settled_count(part.name) + first + i, all, started_, wanted);
    if (!wanted.empty()) {
      MBF_CO_CHECK(co_await read_wanted(run_, wanted, round++));
      continue;
    }
    if (!pass) co_return std::move(pass).error();
    if (*pass) verdict.items.push_back(static_cast<std::uint32_t>(first + i));
    ++i;
    round = 0;
    if (run_.worker.services.env.now() - since < give_way_after) continue;
    co_await yield(run_.worker.loop);
    since = run_.worker.services.env.now();
  }
  co_return {};
}

Task<Result<void>> GrowingOutput::set_apart(std::size_t index) {
  auto& port = fresh_.ports[index];
  for (const auto& item : port.items) bytes_ -= item.json.memory();
  const std::size_t segments = port.apart.size();
  MBF_CO_CHECK(co_await set_port_apart(run_, port, settled_count(port.name), stop_));
  for (std::size_t i = segments; i < port.apart.size(); ++i) bytes_ += port.apart[i].blob.bytes;
  co_return {};
}

Task<Result<std::shared_ptr<const NodeOutput>>> GrowingOutput::settle() {
  for (std::size_t i = 0; i < fresh_.ports.size(); ++i) MBF_CO_CHECK(co_await set_apart(i));
  auto part = std::make_shared<const NodeOutput>(std::exchange(fresh_, NodeOutput()));
  take_over(*part);
  co_return std::shared_ptr<const NodeOutput>(std::move(part));
}

Task<Result<std::shared_ptr<const NodeOutput>>> GrowingOutput::finish() {
  const bool short_one = settled_.ports.empty() && std::ranges::all_of(fresh_.ports, [](const auto& port) { return port.apart.empty(); });
  if (!short_one) {
    auto settled = co_await settle();
    if (!settled) co_return settled.error();
  }
  auto& whole = short_one ? fresh_ : settled_;
  for (const auto edge : run_.plan().nodes[node_].out) {
    if (run_.program->edge_conditions[edge]) verdict_of(whole, edge);  // also where nothing came that could be judged
  }
  co_return std::make_shared<const NodeOutput>(std::move(whole));
}

}  // namespace mbflow::runtime
