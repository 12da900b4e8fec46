#include "base/cbor.h"
#include "model/event_format.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <unordered_map>

namespace mbflow {

namespace {

using namespace journal_format;

// Finds nodes by id. A chunk mostly names a few, in the workflow's own order; only one that names many is worth an index.
class NodeNames {
 public:
  explicit NodeNames(const std::vector<std::string>& ids) : ids_(ids) {}

  [[nodiscard]] NodeIndex find(std::string_view id) {
    constexpr int few = 16;
    if (++searches_ > few) return indexed(id);
    for (std::size_t step = 0; step < ids_.size(); ++step, ++next_) {
      if (next_ >= ids_.size()) next_ = 0;
      if (ids_[next_] == id) return static_cast<NodeIndex>(next_);
    }
    return no_node;
  }

 private:
  NodeIndex indexed(std::string_view id) {
    if (index_.empty()) {
      for (std::size_t i = 0; i < ids_.size(); ++i) index_.emplace(ids_[i], static_cast<NodeIndex>(i));
    }
    auto found = index_.find(id);
    return found == index_.end() ? no_node : found->second;
  }

  const std::vector<std::string>& ids_;
  std::unordered_map<std::string_view, NodeIndex> index_;
  std::size_t next_ = 0;
  int searches_ = 0;
};

// Reads straight through; what is wrong is remembered in wrong_ or in the CborReader and asked for once, at the end.
class EventReader {
 public:
  EventReader(std::string_view chunk, const std::vector<std::string>& ids) : cbor_(chunk), names_(ids) {}

  Result<void> chunk(std::vector<Event>& events) {
    auto size = cbor_.array();
    if (size == 0 || cbor_.integer() != format) wrong("it does not begin like one");
    for (std::size_t i = 1; i < size && sound(); ++i) events.push_back(record());
    if (sound() && !cbor_.at_end()) wrong("something follows its end");
    return verdict_on_chunk();
  }

  Result<std::vector<Item>> segment(std::size_t first, std::size_t count) {
    if (cbor_.array() != 2 || cbor_.integer() != format) wrong("it does not begin like one");
    NodeOutput::Port read;
    if (sound()) read = port(first);
    if (sound() && (!cbor_.at_end() || read.items.size() != count || !read.apart.empty())) wrong("it does not hold the items it should");
    MBF_CHECK(verdict_on_chunk());
    return std::move(read.items);
  }

  // The first record alone: how an execution began can be read before its workflow is known.
  Result<Event> first() {
    auto size = cbor_.array();
    if (size < 2 || cbor_.integer() != format) wrong("it does not begin like one");
    Event event = sound() ? record() : Event{};
    MBF_CHECK(verdict_on_chunk());
    return event;
  }

 private:
  Result<void> verdict_on_chunk() {
    if (sound()) return {};
    auto why = wrong_.empty() ? cbor_.error().message : wrong_;
    return fail(Kind::internal, "journal.damaged", "a journal chunk cannot be read: " + why + "; restore it from a backup");
  }

  [[nodiscard]] bool sound() const { return wrong_.empty() && cbor_.ok(); }
  void wrong(std::string_view why) {
    if (wrong_.empty()) wrong_ = why;
  }
  // A number within [0, limit), or 0 and a fault.
  std::int64_t below(std::int64_t limit, std::string_view why) {
    auto number = cbor_.integer();
    if (number >= 0 && number < limit) return number;
    wrong(why);
    return 0;
  }
  std::uint32_t u32() {
    return static_cast<std::uint32_t>(below(std::int64_t{std::numeric_limits<std::uint32_t>::max()} + 1, "a number is out of range"));
  }

  Event record() {
    auto size = cbor_.array();
    auto head = below(head_limit, "an event has unknown fields");
    auto fields = static_cast<std::uint32_t>(head / 32);
    if (size != 1 + static_cast<std::size_t>(std::popcount(fields))) wrong("an event has the wrong size");
    if (head % 32 >= type_count) wrong("an event is of an unknown type");
    Event event;
    if (!sound()) return event;
    event.type = static_cast<EventType>(head % 32);
    read_fields(event, fields);
    at_ = event.at;
    seq_ = event.seq;
    return event;
  }

  void read_fields(Event& event, std::uint32_t fields) {
    event.at = fields & at_field ? moved(at_, cbor_.integer()) : at_;
    if (fields & node_field) event.node = new_node();
    if (fields & known_field) event.node = known_node();
    if (fields & output_field) event.output = output();
    if (fields & attempt_field) event.attempt = attempt();
    event.seq = fields & seq_field ? u32() : seq_ + 1;
    if (fields & data_field) event.data = cbor_.value();
    if (fields & status_field) event.status = static_cast<ExecutionStatus>(below(status_count, "a status is unknown"));
    if (fields & error_field) event.error = error();
    if (fields & until_field) event.until = moved(event.at, cbor_.integer());
    if (fields & response_field) event.response = cbor_.value();
    if (fields & partial_field) event.partial = partial();
    if (fields & started_field) event.started = moved(event.at, cbor_.integer());
    if (fields & progress_field) event.progress = progress();
    if (fields & tried_field) event.tried = u32();
    if (fields & log_field) event.log = log(event.at);
  }

  NodeIndex new_node() {
    auto id = cbor_.text();
    auto node = names_.find(id);
    if (node == no_node) wrong("it names a node that this version of the workflow does not have");
    mentioned_.push_back(node);
    return node;
  }

  NodeIndex known_node() {
    auto position = below(static_cast<std::int64_t>(mentioned_.size()), "it refers to a node it did not name");
    return sound() ? mentioned_[static_cast<std::size_t>(position)] : no_node;
  }

  int attempt() {
    auto number = cbor_.integer();
    if (number != static_cast<int>(number)) wrong("an attempt is out of range");
    return static_cast<int>(number);
  }

  std::shared_ptr<const NodeOutput> output() {
    auto output = std::make_shared<NodeOutput>();
    auto size = cbor_.array();
    if (size == 0) wrong("an output is empty");
    auto ports = cbor_.array();
    for (std::size_t i = 0; i < ports && sound(); ++i) output->ports.push_back(port());
    std::size_t items = 0;
    for (const auto& each : output->ports) items = std::max(items, each.size());
    for (std::size_t i = 1; i < size && sound(); ++i) output->verdicts.push_back(verdict(items));
    return output;
  }

  // `first`: the position of its first item, of a segment.
  NodeOutput::Port port(std::size_t first = 0) {
    NodeOutput::Port port;
    auto size = cbor_.array();
    port.name = cbor_.next_is_null() ? main_port : cbor_.text();
    auto form = below(2 * some_apart, "the origin of items is of an unknown form");
    auto origins = static_cast<Origins>(form % some_apart);
    std::size_t before = 2 + (origins >= Origins::listed ? 1U : 0U) + (form >= some_apart ? 1U : 0U);
    if (size < before) wrong("a port has the wrong size");
    if (!sound()) return port;
    if (form >= some_apart) apart(port);
    first += port.apart_count();
    if (origins >= Origins::listed) origin_list(port.items, origins, size - before);
    for (std::size_t i = 0; i < size - before && sound(); ++i) {
      if (i == port.items.size()) port.items.emplace_back();
      port.items[i].json = cbor_.value();
      if (origins == Origins::same) port.items[i].origin.index = static_cast<std::uint32_t>(first + i);
    }
    return port;
  }

  void apart(NodeOutput::Port& port) {
    auto size = cbor_.array();
    if (size == 0 || size % 3 != 0) wrong("a list of segments has the wrong size");
    for (std::size_t i = 0; i < size && sound(); i += 3) {
      const auto id = BlobId::from_raw(cbor_.bytes());
      if (!id) wrong("a segment has no name");
      const auto bytes = static_cast<std::uint64_t>(below(std::numeric_limits<std::int64_t>::max(), "a number is out of range"));
      const auto items = u32();
      if (items > most_items - port.apart_count()) wrong("a list is too long");
      if (sound()) port.append(BlobUse{*id, bytes}, items);
    }
  }

  std::shared_ptr<const std::vector<LogLine>> log(Timestamp at) {
    auto lines = std::make_shared<std::vector<LogLine>>();
    const auto size = cbor_.array();
    if (size % 3 != 0) wrong("a log has the wrong size");
    for (std::size_t i = 0; i < size && sound(); i += 3) {
      LogLine line;
      line.level = static_cast<LogLevel>(below(level_count, "the level of a line is unknown"));
      line.at = moved(at, cbor_.integer());
      line.text = cbor_.text();
      lines->push_back(std::move(line));
    }
    return lines;
  }

  std::shared_ptr<const Progress> progress() {
    auto progress = std::make_shared<Progress>();
    if (cbor_.array() != 3) wrong("a progress has the wrong size");
    progress->first = u32();
    progress->count = u32();
    progress->output = output();
    return progress;
  }

  void origin_list(std::vector<Item>& items, Origins origins, std::size_t expected_size) {
    if (cbor_.array() != expected_size) wrong("there are not as many origins as items");
    std::uint32_t expected = 0;
    for (std::size_t i = 0; i < expected_size && sound(); ++i) {
      auto& item = items.emplace_back();
      auto size = origins == Origins::several ? cbor_.array() : 1;
      if (size == 0) wrong("the origin of an item is of an unknown form");
      item.origin = origin(expected);
      if (item.origin.index != Origin::none) expected = item.origin.index + 1;
      if (size > 1) item.more_origins = more_origins(size - 2);
    }
  }

  std::shared_ptr<const std::vector<Origin>> more_origins(std::size_t size) {
    auto origins = std::make_shared<std::vector<Origin>>();
    if (!cbor_.next_is_null()) wrong("the origin of an item is of an unknown form");
    for (std::size_t i = 0; i < size && sound(); ++i) origins->push_back(origin(0));
    return origins;
  }

  Origin origin(std::uint32_t expected) {
    if (cbor_.next_is_null()) return {};
    auto away = static_cast<std::uint64_t>(cbor_.integer());
    return Origin{static_cast<std::uint32_t>(away + expected)};
  }

  // Positions are written out in full in memory, so they may not run past the items there are.
  NodeOutput::Verdict verdict(std::size_t items) {
    NodeOutput::Verdict verdict{};
    auto size = cbor_.array();
    if (size % 2 == 0) wrong("a verdict has the wrong size");
    verdict.edge = u32();
    auto limit = static_cast<std::int64_t>(items);
    std::int64_t next = 0;
    for (std::size_t i = 1; i < size && sound(); i += 2) {
      next += below(limit - next + 1, "a verdict is about items that do not exist");
      auto take = below(limit - next + 1, "a verdict is about items that do not exist");
      judged_ += static_cast<std::size_t>(take);
      if (judged_ > most_items) wrong("its verdicts are about too many items");
      for (; take > 0 && sound(); --take) verdict.items.push_back(static_cast<std::uint32_t>(next++));
    }
    return verdict;
  }

  std::shared_ptr<const std::vector<ItemResult>> partial() {
    auto results = std::make_shared<std::vector<ItemResult>>();
    auto count = cbor_.array();
    for (std::size_t i = 0; i < count && sound(); ++i) {
      auto size = cbor_.array();
      if (size == 0) wrong("the result of an item is empty");
      ItemResult result{u32(), {}};
      for (std::size_t p = 1; p < size && sound(); ++p) {
        auto read = port();
        result.ports.push_back({std::move(read.name), std::move(read.items)});
      }
      results->push_back(std::move(result));
    }
    return results;
  }

  std::shared_ptr<const Error> error() {
    auto error = std::make_shared<Error>();
    auto size = cbor_.array();
    if (size < 3 || size > 5) wrong("an error has the wrong size");
    error->kind = static_cast<Kind>(below(kind_count, "an error is of an unknown kind"));
    error->code = cbor_.text();
    error->message = cbor_.text();
    if (size > 3) error->at = cbor_.text();
    if (size > 4) error->retry_after_ms = cbor_.integer();
    return error;
  }

  CborReader cbor_;
  NodeNames names_;
  std::vector<NodeIndex> mentioned_;
  std::string wrong_;
  std::size_t judged_ = 0;
  Timestamp at_{};
  std::uint32_t seq_ = 0;
};

}  // namespace

Result<void> decode_events(std::string_view chunk, const std::vector<std::string>& ids, std::vector<Event>& events) {
  auto before = events.size();
  auto result = EventReader(chunk, ids).chunk(events);
  if (!result) events.resize(before);
  return result;
}

Result<Event> decode_first_event(std::string_view chunk) {
  const std::vector<std::string> no_ids;
  return EventReader(chunk, no_ids).first();
}

Result<std::vector<Item>> decode_items(std::string_view bytes, std::size_t first, std::size_t count) {
  const std::vector<std::string> no_ids;
  return EventReader(bytes, no_ids).segment(first, count);
}

}  // namespace mbflow
