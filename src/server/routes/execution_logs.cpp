// The log of one execution: what its nodes wrote, and what the engine did that somebody may want to know, a line each. All of it is in
// the journal; nothing is kept twice.
#include "server/routes/routes.h"

namespace mbflow::server {
namespace {

struct Line {
  LogLevel level{};
  Timestamp at{};
  NodeIndex node = no_node;
  std::string text;
};

std::string reason(const Event& event) { return event.error ? ": " + event.error->message + " [" + event.error->code + "]" : std::string(); }

std::string tries(const Event& event) { return event.attempt > 1 ? " (attempt " + std::to_string(event.attempt) + ")" : std::string(); }

std::string outcome(const Event& event) {
  std::size_t items = 0;
  for (std::size_t i = 0; event.output && i < event.output->ports.size(); ++i) items += event.output->ports[i].size();
  return "gave " + std::to_string(items) + (items == 1 ? " item" : " items");
}

// What the engine says of an event; nothing of what only matters to itself.
std::optional<Line> said(const Event& event) {
  auto line = [&event](LogLevel level, std::string text) { return Line{level, event.at, event.node, std::move(text)}; };
  switch (event.type) {
    case EventType::execution_queued: return line(LogLevel::info, "queued: it waits for room");
    case EventType::execution_started: return line(LogLevel::info, "started");
    case EventType::execution_resumed: return line(LogLevel::warn, "taken up again after its process ended (" + std::to_string(event.attempt) + " times so far)");
    case EventType::execution_retried: return line(LogLevel::info, "failed nodes run again");
    case EventType::execution_cancelling: return line(LogLevel::warn, "cancelled by " + std::string(event.data["by"].as_string()));
    case EventType::execution_finished:
      return line(event.status == ExecutionStatus::failed ? LogLevel::error : LogLevel::info, std::string(to_string(event.status)) + reason(event));
    case EventType::node_started: return line(LogLevel::debug, "started" + tries(event));
    case EventType::node_succeeded: return line(LogLevel::debug, outcome(event) + tries(event));
    case EventType::node_retrying: return line(LogLevel::warn, "failed, runs again at " + format_timestamp(event.until) + tries(event) + reason(event));
    case EventType::node_failed: return line(LogLevel::error, "failed" + tries(event) + reason(event));
    case EventType::node_waiting: return line(LogLevel::debug, "waits until " + format_timestamp(event.until));
    case EventType::node_held:
    case EventType::node_quarantined: return line(LogLevel::error, "needs a decision" + reason(event));
    case EventType::node_decided:
      return line(LogLevel::info, "decided by " + std::string(event.data["by"].as_string()) + ": " + std::string(event.data["action"].as_string()));
    case EventType::node_progressed: return line(LogLevel::debug, "the first " + std::to_string(event.progress->end()) + " items are done");
    case EventType::node_skipped: return line(LogLevel::debug, "skipped");
    case EventType::node_woken:
    case EventType::node_cancelled: break;
  }
  return std::nullopt;
}

struct Wanted {
  LogLevel level{};
  NodeIndex node = no_node;  // no_node: any
  std::string text;

  [[nodiscard]] bool fits(const Line& line) const {
    return line.level >= level && (node == no_node || line.node == node) && (text.empty() || line.text.find(text) != std::string::npos);
  }
};

Result<Wanted> wanted(const Call& call, const engine::Plan& plan) {
  Wanted wanted;
  wanted.text = call.query("q");
  if (const auto name = call.query("level"); !name.empty()) {
    const auto level = parse_log_level(name);
    if (!level) return fail(Kind::invalid, "request.query", "'level' must be debug, info, warn or error");
    wanted.level = *level;
  }
  if (const auto id = call.query("node"); !id.empty()) {
    wanted.node = plan.find(id);
    if (wanted.node == no_node) return fail(Kind::invalid, "request.query", "the execution has no node '" + id + "'");
  }
  return wanted;
}

Value to_json(const Line& line, std::uint32_t seq, const engine::Plan& plan) {
  const bool has_node = line.node < plan.ids.size();
  return Value::object({{"seq", std::int64_t{seq}},
                        {"at", format_timestamp(line.at)},
                        {"level", to_string(line.level)},
                        {"node", has_node ? Value(plan.ids[line.node]) : Value()},
                        {"node_name", has_node ? Value(plan.workflow.nodes[line.node].name) : Value()},
                        {"text", line.text}});
}

// The lines of one event, in the order in which they came about.
void lines_of(const Event& event, std::vector<Line>& lines) {
  for (std::size_t i = 0; event.log && i < event.log->size(); ++i) {
    const auto& written = (*event.log)[i];
    lines.push_back({written.level, written.at, event.node, written.text});
  }
  if (auto line = said(event)) lines.push_back(*std::move(line));
}

}  // namespace

Task<Result<Reply>> get_logs(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"after", "limit", "level", "node", "q"}));
  MBF_CO_TRY(auto id, id_param<ExecutionId>(call, 0, "execution"));
  MBF_CO_TRY(const auto after, int_query(call, "after", 0, 0, 2'000'000'000));
  MBF_CO_TRY(const auto limit, int_query(call, "limit", 1'000, 1, 10'000));
  MBF_CO_TRY(auto view, co_await api.runtime.inspect(call.who.tenant, id));
  const auto& plan = *view.program->plan;
  MBF_CO_TRY(const auto what, wanted(call, plan));
  std::vector<Value> items;
  auto event = std::min(static_cast<std::size_t>(after), view.events.size());  // seq counts from 1 without gaps
  std::vector<Line> lines;
  for (; event < view.events.size() && items.size() < static_cast<std::size_t>(limit); ++event) {
    lines.clear();
    lines_of(view.events[event], lines);
    for (const auto& line : lines) {
      if (what.fits(line)) items.push_back(to_json(line, view.events[event].seq, plan));
    }
  }
  Reply reply;
  reply.body = Value::object({{"items", Value::array(std::move(items))}, {"next_after", event < view.events.size() ? Value(static_cast<std::int64_t>(event)) : Value()}});
  co_return reply;
}

}  // namespace mbflow::server
