#include "sim/story.h"

#include <mbflow/json.h>

#include <algorithm>

namespace mbflow::sim {
namespace {

int workflow_of(const Cluster& cluster, const store::ExecutionRecord& record, const std::vector<std::string>& chunks,
                const Programs& programs) {
  const auto& known = cluster.workflows();
  if (!record.workflow.is_nil()) return static_cast<int>(std::ranges::find(known, record.workflow) - known.begin());
  const auto first = decode_first_event(chunks.front());
  if (!first) return -1;
  const auto name = first->data["document"]["name"].as_string();
  const auto found = std::ranges::find_if(programs, [&](const auto& program) { return program->plan->workflow.name == name; });
  return found == programs.end() ? -1 : static_cast<int>(found - programs.begin());
}

// As Runtime::result gives it, without a process.
Result<std::string> output_of(store::Store& store, const engine::Plan& plan, const engine::State& state) {
  if (const auto answered = engine::response_items(state)) return write_json(Value::array(*answered));
  std::vector<Value> items;
  for (const auto* port : engine::last_ports(plan, state)) {
    for (const auto& segment : port->apart) {
      MBF_TRY(const auto bytes, run_now(store.blob(segment.blob.id)));
      MBF_TRY(const auto apart, decode_items(bytes, segment.first, segment.items));
      for (const auto& item : apart) items.push_back(item.json);
    }
    for (const auto& item : port->items) items.push_back(item.json);
  }
  return write_json(Value::array(std::move(items)));
}

// I12: whatever a journal names is there.
Result<void> check_blobs(store::Store& store, const std::vector<Event>& events) {
  for (const auto& use : blobs_of(events)) MBF_CHECK(run_now(store.blob(use.id)));
  return {};
}

Result<Story> read_story(Cluster& cluster, const Programs& programs, const store::ExecutionRecord& record, std::uint64_t& sum) {
  MBF_TRY(const auto chunks, run_now(cluster.common().store->journal(record.tenant, record.id, 1)));
  if (chunks.empty()) return fail(Kind::internal, "sim.empty", "it has no journal");
  const int workflow = workflow_of(cluster, record, chunks, programs);
  if (workflow < 0) return fail(Kind::internal, "sim.unknown", "its workflow is unknown");
  const auto& program = programs[static_cast<std::size_t>(workflow)];
  Story story{record, program, {}, {}, engine::State(*program->plan), {}, -1};
  for (const auto& chunk : chunks) {
    sum = digest(chunk, sum);
    MBF_CHECK(decode_events(chunk, program->plan->ids, story.events));
  }
  story.committed.resize(story.events.size());
  for (std::size_t i = 0; i < story.events.size(); ++i) {
    if (story.events[i].seq != i + 1) return fail(Kind::internal, "sim.gap", "event " + std::to_string(i + 1) + " is missing (I10)");
  }
  story.state = engine::fold(*program->plan, story.events);
  auto& store = *cluster.common().store;
  MBF_CHECK(check_blobs(store, story.events));
  if (story.state.status == ExecutionStatus::succeeded) {
    MBF_TRY(story.output, output_of(store, *program->plan, story.state));
  }
  const Value& first = story.state.start["input"][0];
  if (record.trigger == "webhook") story.request = first["body"]["r"].as_integer();
  else if (record.trigger != "schedule") story.request = first["r"].as_integer();
  return story;
}

}  // namespace

std::size_t Story::count(EventType type, NodeIndex node) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(events, [&](const Event& event) { return event.type == type && (node == no_node || event.node == node); }));
}

std::string Story::name() const { return "request " + std::to_string(request) + " (" + record.id.to_string() + ")"; }

const Story* Stories::of(const ExecutionId& id) const {
  const auto found = std::ranges::lower_bound(all, id, {}, [](const Story& story) { return story.record.id; });
  return found == all.end() || found->record.id != id ? nullptr : &*found;
}

Stories read_stories(Cluster& cluster, const Programs& programs) {
  Stories stories;
  auto records = cluster.records();
  std::ranges::sort(records, {}, &store::ExecutionRecord::id);
  for (const auto& record : records) {
    auto story = read_story(cluster, programs, record, stories.digest);
    if (story) stories.all.push_back(*std::move(story));
    else stories.damaged.push_back(record.id.to_string() + ": " + story.error().code + ": " + story.error().message);
  }
  for (const auto& note : cluster.ledger().commits) {
    auto* story = const_cast<Story*>(stories.of(note.execution));
    if (!note.applied || !story) continue;
    for (std::uint32_t seq = note.first_seq; seq <= note.last_seq && seq <= story->committed.size(); ++seq) {
      story->committed[seq - 1] = note.order;
    }
  }
  for (const auto& delivery : cluster.ledger().deliveries) {
    stories.digest = digest(delivery.key, stories.digest);
    stories.digest = mix(stories.digest ^ static_cast<std::uint64_t>(delivery.at.count() * 8 + delivery.process));
  }
  return stories;
}

Outcome outcome_of(const Story& story) {
  const auto& error = story.state.error;
  Outcome outcome{story.state.status, {}, error && error->code == "engine.timeout"};
  if (outcome.status == ExecutionStatus::succeeded) {
    outcome.output = story.output;
  }
  return outcome;
}

std::map<std::int64_t, Outcome> outcomes_of(const Stories& stories) {
  std::map<std::int64_t, Outcome> outcomes;
  for (const auto& story : stories.all) {
    if (story.request >= 0) outcomes.emplace(story.request, outcome_of(story));
  }
  return outcomes;
}

std::string describe(const Story& story, const Ledger& ledger) {
  std::string text = story.name() + " " + std::string(to_string(story.record.status)) + " epoch " +
                     std::to_string(story.record.epoch) + "\n";
  for (std::size_t i = 0; i < story.events.size(); ++i) {
    const Event& event = story.events[i];
    text += "  @" + std::to_string(story.committed[i]) + " " + format_timestamp(event.at).substr(14) + " " + std::to_string(event.seq) +
            " " + std::string(to_string(event.type));
    if (event.node != no_node) text += " " + story.program->plan->ids[event.node];
    if (event.attempt > 1) text += " #" + std::to_string(event.attempt);
    if (event.error) text += " [" + event.error->code + "]";
    text += "\n";
  }
  for (const auto& delivery : ledger.deliveries) {
    if (delivery.execution != story.record.id.to_string()) continue;
    text += "  " + format_timestamp(beginning + delivery.at).substr(14) + " sent @" + std::to_string(delivery.sent) + " arrived @" + std::to_string(delivery.arrived) + " " + delivery.node + "/" +
            std::to_string(delivery.item) + " " + delivery.mode + " by process " + std::to_string(delivery.process) +
            (delivery.had_lease ? "" : " without lease") + (delivery.just_thawed ? " just thawed" : "") + "\n";
  }
  return text;
}

}  // namespace mbflow::sim
