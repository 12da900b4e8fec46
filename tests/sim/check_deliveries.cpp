// What reached the outside, held against what the journals say.
#include "sim/check.h"

#include <algorithm>

namespace mbflow::sim {
namespace {

constexpr std::uint32_t most_items = 64;

std::optional<std::uint32_t> item_of_key(const Story& story, const Delivery& delivery) {
  for (std::uint32_t item = 0; item < most_items; ++item) {
    if (Uuid::v5(story.record.id, delivery.node + "/" + std::to_string(item)).to_string() == delivery.key) return item;
  }
  return std::nullopt;
}

// Whether the journal had the result of this item when this was sent.
bool was_done(const Story& story, NodeIndex node, std::uint32_t item, Order sent) {
  for (std::size_t i = 0; i < story.events.size() && story.committed[i] < sent; ++i) {
    const Event& event = story.events[i];
    if (event.node != node) continue;
    if (event.progress && item < event.progress->end()) return true;
    if (!event.partial) continue;
    if (std::ranges::find(*event.partial, item, &ItemResult::item) != event.partial->end()) return true;
  }
  return false;
}

// How the journal left the node when this was sent; nothing: it had not begun.
std::optional<EventType> last_before(const Story& story, NodeIndex node, Order sent) {
  std::optional<EventType> last;
  for (std::size_t i = 0; i < story.events.size() && story.committed[i] < sent; ++i) {
    const EventType type = story.events[i].type;
    const bool tells = type != EventType::execution_finished && type != EventType::node_progressed;
    if (story.events[i].node == node && tells) last = type;
  }
  return last;
}

std::string place_of(const Story& story, const Delivery& delivery) {
  return story.name() + " node " + delivery.node + " item " + std::to_string(delivery.item) + " sent @" + std::to_string(delivery.sent);
}

void check_one(const Story& story, const Delivery& delivery, Faults& faults) {
  const auto item = item_of_key(story, delivery);
  if (!item) faults.add("I3", place_of(story, delivery) + " has a key of its own: " + delivery.key);
  // A process that slept through its lease cannot know at once. Any other must have stopped by itself.
  if (!delivery.had_lease && !delivery.just_thawed) faults.add("I8", place_of(story, delivery) + " without a lease");
  if (!delivery.had_lease) return;
  const NodeIndex node = story.program->plan->find(delivery.node);
  if (item && was_done(story, node, *item, delivery.sent)) faults.add("I2", place_of(story, delivery) + " after its result was saved");
  const auto last = last_before(story, node, delivery.sent);
  // A cancelled node may be in the midst of its items when it hears of it.
  if (last == EventType::node_started || last == EventType::node_cancelled) return;
  faults.add("I2", place_of(story, delivery) + " while its journal said " + (last ? std::string(to_string(*last)) : "nothing"));
}

void check_counts(const Story& story, NodeIndex node, std::size_t most, Faults& faults) {
  using Type = EventType;
  const auto starts = story.count(Type::node_started, node);
  const std::size_t again = story.count(Type::node_retrying, node) + story.count(Type::execution_retried) + story.count(Type::node_decided, node);
  const std::string place = story.name() + " node " + story.program->plan->ids[node];
  if (starts > again + story.record.epoch) {
    faults.add("I3", place + " was started " + std::to_string(starts) + " times, with " + std::to_string(again) + " reasons and " +
                         std::to_string(story.record.epoch - 1) + " takeovers");
  }
  if (most > starts) faults.add("I3", place + ": one key was delivered " + std::to_string(most) + " times in " + std::to_string(starts) + " runs");
  const OnUnknown policy = story.program->plan->workflow.nodes[node].on_unknown;
  if (policy != OnUnknown::retry && most > 1 + again) {
    faults.add("I5", place + ": delivered " + std::to_string(most) + " times, nobody decided that");
  }
}

}  // namespace

void check_deliveries(const Stories& stories, const Ledger& ledger, Faults& faults) {
  std::map<std::pair<const Story*, NodeIndex>, std::map<std::string, std::size_t>> times;
  for (const auto& delivery : ledger.deliveries) {
    const auto id = ExecutionId::parse(delivery.execution);
    const Story* story = id ? stories.of(*id) : nullptr;
    if (id && ledger.expired.contains(*id)) continue;
    if (!story) {
      faults.add("I1", "a delivery for an execution that is not there: " + delivery.execution);
      continue;
    }
    check_one(*story, delivery, faults);
    ++times[{story, story->program->plan->find(delivery.node)}][delivery.key];
  }
  for (const auto& [place, keys] : times) {
    std::size_t most = 0;
    for (const auto& [key, count] : keys) most = std::max(most, count);
    check_counts(*place.first, place.second, most, faults);
  }
}

}  // namespace mbflow::sim
