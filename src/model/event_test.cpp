#include "model/event.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <random>

namespace mbflow {
namespace {

using Random = std::mt19937_64;

std::uint32_t below(Random& random, std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); }

const std::vector<std::string> node_ids = [] {
  std::vector<std::string> ids;
  for (int i = 0; i < 40; ++i) ids.push_back("node" + std::to_string(i));
  return ids;
}();

Value random_value(Random& random, int depth) {
  switch (below(random, depth > 0 ? 8 : 6)) {
    case 0: return {};
    case 1: return below(random, 2) == 1;
    case 2: return static_cast<std::int64_t>(random());
    case 3: return static_cast<double>(random() % 1000) / 8;
    case 4: return std::to_string(random());
    case 5: return "короткий текст, long enough to be shared between values of one chunk";
    case 6: {
      std::vector<Value> elements;
      for (auto n = below(random, 4); n > 0; --n) elements.push_back(random_value(random, depth - 1));
      return Value::array(std::move(elements));
    }
    default: {
      std::vector<Member> members;
      for (auto n = below(random, 4); n > 0; --n)
        members.push_back({"key" + std::to_string(n), random_value(random, depth - 1)});
      return Value::object(std::move(members));
    }
  }
}

std::shared_ptr<const std::vector<Origin>> random_origins(Random& random) {
  auto origins = std::make_shared<std::vector<Origin>>();
  for (auto n = below(random, 3); n > 0; --n) origins->push_back({below(random, 2) ? Origin::none : below(random, 100)});
  return origins;
}

NodeOutput::Port random_port(Random& random) {
  static const char* const names[] = {"main", "true", "error", "", "порт"};
  NodeOutput::Port port{names[below(random, 5)], {}, {}};
  for (auto n = below(random, 4); n > 2; --n) {
    port.append({BlobId::of(std::to_string(random())), random() % 1'000'000}, below(random, 20));
  }
  const auto first = static_cast<std::uint32_t>(port.apart_count());
  auto style = below(random, 4);  // no origin, same position, any, several
  for (std::uint32_t i = 0, n = below(random, 6); i < n; ++i) {
    Item item{random_value(random, 2)};
    if (style == 1) item.origin.index = first + i;
    if (style > 1 && below(random, 3)) item.origin.index = below(random, 2) ? below(random, 50) : 0xfffffffe;
    if (style > 2 && below(random, 2)) item.more_origins = random_origins(random);
    port.items.push_back(std::move(item));
  }
  return port;
}

std::vector<NodeOutput::Port> random_ports(Random& random) {
  std::vector<NodeOutput::Port> ports;
  for (auto n = below(random, 3); n > 0; --n) ports.push_back(random_port(random));
  return ports;
}

std::vector<Output::Port> random_results(Random& random) {
  std::vector<Output::Port> ports;
  for (auto& port : random_ports(random)) ports.push_back({std::move(port.name), std::move(port.items)});
  return ports;
}

std::shared_ptr<const NodeOutput> random_output(Random& random) {
  auto output = std::make_shared<NodeOutput>();
  output->ports = random_ports(random);
  std::size_t items = 0;
  for (const auto& port : output->ports) items = std::max(items, port.size());
  for (auto n = below(random, 3); n > 0; --n) {
    NodeOutput::Verdict verdict{below(random, 1000), {}};
    for (std::uint32_t i = 0; i < items; ++i) {
      if (below(random, 3)) verdict.items.push_back(i);
    }
    output->verdicts.push_back(std::move(verdict));
  }
  return output;
}

Event random_event(Random& random, const Event& before) {
  Event event;
  event.type = static_cast<EventType>(below(random, 18));
  event.seq = below(random, 4) ? before.seq + 1 : static_cast<std::uint32_t>(random());
  event.at = below(random, 4) ? before.at + Duration(below(random, 3)) : Timestamp(Duration(static_cast<std::int64_t>(random())));
  if (below(random, 4)) event.node = below(random, static_cast<std::uint32_t>(node_ids.size()));
  if (below(random, 2)) event.attempt = static_cast<int>(random());
  if (!below(random, 4)) event.until = Timestamp(Duration(static_cast<std::int64_t>(random())));
  if (below(random, 2)) event.started = event.at - Duration(below(random, 5000));
  event.status = static_cast<ExecutionStatus>(below(random, 7));
  if (below(random, 2)) event.output = random_output(random);
  if (!below(random, 4)) {
    auto results = std::make_shared<std::vector<ItemResult>>();
    for (auto n = below(random, 3); n > 0; --n) results->push_back({below(random, 9), random_results(random)});
    event.partial = results;
  }
  if (!below(random, 4)) event.tried = below(random, 100);
  if (!below(random, 4)) {
    event.progress = std::make_shared<Progress>(Progress{below(random, 1000), below(random, 1000), random_output(random)});
  }
  if (!below(random, 3)) {
    auto error = std::make_shared<Error>(fail(static_cast<Kind>(below(random, 8)), "http.no_answer", "ответа нет"));
    if (below(random, 2)) error->at = "/nodes/1";
    if (below(random, 2)) error->retry_after_ms = below(random, 5000);
    event.error = error;
  }
  if (!below(random, 4)) {
    auto lines = std::make_shared<std::vector<LogLine>>();
    for (auto n = below(random, 3); n > 0; --n) {
      lines->push_back({static_cast<LogLevel>(below(random, 4)), Timestamp(Duration(static_cast<std::int64_t>(random()))), "строка"});
    }
    event.log = lines;
  }
  if (!below(random, 3)) event.data = random_value(random, 3);
  if (!below(random, 3)) event.response = random_value(random, 3);
  return event;
}

std::vector<Event> random_events(Random& random) {
  std::vector<Event> events;
  Event before;
  for (auto n = below(random, 12); n > 0; --n) {
    events.push_back(random_event(random, before));
    before = events.back();
  }
  return events;
}

template <class Port>
void expect_same(const std::vector<Port>& a, const std::vector<Port>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t p = 0; p < a.size(); ++p) {
    EXPECT_EQ(a[p].name, b[p].name);
    if constexpr (std::is_same_v<Port, NodeOutput::Port>) { EXPECT_EQ(a[p].apart, b[p].apart); }
    ASSERT_EQ(a[p].items.size(), b[p].items.size());
    for (std::size_t i = 0; i < a[p].items.size(); ++i) {
      const auto& left = a[p].items[i];
      const auto& right = b[p].items[i];
      EXPECT_TRUE(left.json == right.json);
      EXPECT_EQ(left.origin.index, right.origin.index);
      ASSERT_EQ(left.more_origins == nullptr, right.more_origins == nullptr);
      if (left.more_origins) { EXPECT_EQ(*left.more_origins, *right.more_origins); }
    }
  }
}

void expect_same(const NodeOutput& a, const NodeOutput& b) {
  expect_same(a.ports, b.ports);
  ASSERT_EQ(a.verdicts.size(), b.verdicts.size());
  for (std::size_t i = 0; i < a.verdicts.size(); ++i) {
    EXPECT_EQ(a.verdicts[i].edge, b.verdicts[i].edge);
    EXPECT_EQ(a.verdicts[i].items, b.verdicts[i].items);
  }
}

void expect_same(const Event& a, const Event& b) {
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.seq, b.seq);
  EXPECT_EQ(a.at, b.at);
  EXPECT_EQ(a.node, b.node);
  EXPECT_EQ(a.attempt, b.attempt);
  ASSERT_EQ(a.log == nullptr, b.log == nullptr);
  ASSERT_EQ(a.log ? a.log->size() : 0, b.log ? b.log->size() : 0);
  for (std::size_t i = 0; a.log && i < a.log->size(); ++i) {
    const auto of = [](const LogLine& line) { return std::tuple(line.level, line.at, line.text); };
    EXPECT_EQ(of((*a.log)[i]), of((*b.log)[i]));
  }
  EXPECT_EQ(a.until, b.until);
  EXPECT_EQ(a.started, b.started);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.tried, b.tried);
  ASSERT_EQ(a.output == nullptr, b.output == nullptr);
  if (a.output) expect_same(*a.output, *b.output);
  ASSERT_EQ(a.partial == nullptr, b.partial == nullptr);
  ASSERT_EQ(a.partial ? a.partial->size() : 0, b.partial ? b.partial->size() : 0);
  for (std::size_t i = 0; a.partial && i < a.partial->size(); ++i) {
    EXPECT_EQ((*a.partial)[i].item, (*b.partial)[i].item);
    expect_same((*a.partial)[i].ports, (*b.partial)[i].ports);
  }
  ASSERT_EQ(a.progress == nullptr, b.progress == nullptr);
  if (a.progress) {
    EXPECT_EQ(a.progress->first, b.progress->first);
    EXPECT_EQ(a.progress->count, b.progress->count);
    expect_same(*a.progress->output, *b.progress->output);
  }
  ASSERT_EQ(a.error == nullptr, b.error == nullptr);
  if (a.error) { EXPECT_EQ(*a.error, *b.error); }
  EXPECT_TRUE(a.data == b.data);
  EXPECT_TRUE(a.response == b.response);
}

Event event_of(EventType type, std::uint32_t seq, NodeIndex node = no_node) {
  Event event;
  event.type = type;
  event.seq = seq;
  event.at = Timestamp(std::chrono::seconds(1'700'000'000));
  event.node = node;
  return event;
}

std::shared_ptr<const NodeOutput> output_of(std::size_t items, bool same_origin) {
  auto output = std::make_shared<NodeOutput>();
  output->ports.push_back({"main", {}, {}});
  for (std::size_t i = 0; i < items; ++i) {
    Item item{static_cast<std::int64_t>(i % 20)};
    if (same_origin) item.origin.index = static_cast<std::uint32_t>(i);
    output->ports[0].items.push_back(std::move(item));
  }
  return output;
}

TEST(event_codec, random_events_come_back_as_they_were) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    auto events = random_events(random);
    std::vector<Event> read;
    auto result = decode_events(encode_events(events, node_ids), node_ids, read);
    ASSERT_TRUE(result.ok()) << result.error().message;
    ASSERT_EQ(read.size(), events.size());
    for (std::size_t i = 0; i < events.size(); ++i) expect_same(events[i], read[i]);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(segment_codec, items_come_back_as_they_were) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    auto port = random_port(random);
    const auto first = port.apart_count();
    const auto bytes = encode_items(port.items, first);
    auto read = decode_items(bytes, first, port.items.size());
    ASSERT_TRUE(read.ok()) << read.error().message;
    expect_same(std::vector<Output::Port>{{"", port.items}}, std::vector<Output::Port>{{"", *read}});
    EXPECT_FALSE(decode_items(bytes, first, port.items.size() + 1).ok()) << "not as many as were said";
    for (std::size_t size = 0; size < bytes.size(); ++size) ASSERT_FALSE(decode_items(bytes.substr(0, size), first, port.items.size()).ok());
  }
}

TEST(segment_codec, the_same_items_at_the_same_place_are_the_same_bytes) {
  const auto items = output_of(100, true)->ports[0].items;
  EXPECT_EQ(encode_items(items, 0), encode_items(items, 0));
  EXPECT_LE(encode_items(items, 0).size(), 120U) << "usual origins cost nothing";
}

TEST(event_codec, a_list_cannot_be_said_to_be_longer_than_any) {
  auto output = std::make_shared<NodeOutput>();
  output->ports.push_back({"main", {}, {}});
  output->ports[0].append({BlobId::of("a"), 1}, static_cast<std::uint32_t>(most_items));
  output->ports[0].append({BlobId::of("b"), 1}, 1);
  std::vector<Event> events{event_of(EventType::node_succeeded, 1, 0)};
  events[0].output = output;
  std::vector<Event> read;
  EXPECT_EQ(decode_events(encode_events(events, node_ids), node_ids, read).error().code, "journal.damaged");
}

TEST(event_codec, damaged_bytes_give_an_error_or_events_and_never_crash) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    auto chunk = encode_events(random_events(random), node_ids);
    for (int round = 0; round < 8; ++round) {
      auto bytes = chunk;
      for (auto n = 1 + below(random, 3); n > 0; --n)
        bytes[random() % bytes.size()] = static_cast<char>(random());
      if (below(random, 4) == 0) bytes.resize(random() % bytes.size());
      std::vector<Event> events(1);
      auto result = decode_events(bytes, node_ids, events);
      if (!result) { EXPECT_EQ(events.size(), 1U); }
      for (const auto& event : events) (void)event_to_json(event, node_ids, true);
    }
  }
}

TEST(event_codec, every_truncation_is_noticed) {
  Random random(7);
  auto chunk = encode_events(random_events(random), node_ids);
  for (std::size_t size = 0; size < chunk.size(); ++size) {
    std::vector<Event> events;
    auto result = decode_events(std::string_view(chunk).substr(0, size), node_ids, events);
    ASSERT_FALSE(result.ok()) << size;
    EXPECT_EQ(result.error().code, "journal.damaged");
    EXPECT_TRUE(events.empty());
  }
}

TEST(event_codec, unknown_node_is_an_error) {
  std::vector<Event> events{event_of(EventType::node_started, 1, 3)};
  std::vector<Event> read;
  auto result = decode_events(encode_events(events, node_ids), {"a", "b"}, read);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "journal.damaged");
  EXPECT_EQ(result.error().kind, Kind::internal);
}

TEST(event_codec, nodes_are_found_by_id_when_positions_moved) {
  std::vector<Event> events;
  for (std::uint32_t i = 0; i < 40; ++i) events.push_back(event_of(EventType::node_started, i + 1, i));
  std::vector<std::string> reversed(node_ids.rbegin(), node_ids.rend());
  std::vector<Event> read;
  ASSERT_TRUE(decode_events(encode_events(events, node_ids), reversed, read).ok());
  ASSERT_EQ(read.size(), 40U);
  for (std::uint32_t i = 0; i < 40; ++i) EXPECT_EQ(read[i].node, 39 - i);
}

TEST(event_codec, first_event_is_read_without_ids) {
  std::vector<Event> events{event_of(EventType::execution_started, 1), event_of(EventType::node_started, 2, 3)};
  events[0].data = Value::object({{"trigger", "webhook"}});
  auto first = decode_first_event(encode_events(events, node_ids));
  ASSERT_TRUE(first.ok());
  expect_same(*first, events[0]);

  events.erase(events.begin());
  EXPECT_EQ(decode_first_event(encode_events(events, node_ids)).error().code, "journal.damaged");
  events.clear();
  EXPECT_EQ(decode_first_event(encode_events(events, node_ids)).error().code, "journal.damaged");
  EXPECT_EQ(decode_first_event("").error().code, "journal.damaged");
}

TEST(event_codec, common_events_are_small) {
  std::vector<Event> events{event_of(EventType::node_started, 1, 0)};
  auto one = encode_events(events, {"n1"}).size();
  for (std::uint32_t i = 0; i < 10; ++i) events.push_back(event_of(EventType::node_woken, i + 2, 0));
  EXPECT_LE(encode_events(events, {"n1"}).size(), one + 10 * 4);
}

TEST(event_codec, usual_origins_cost_nothing) {
  std::vector<Event> plain{event_of(EventType::node_succeeded, 1, 0)};
  auto same = plain;
  plain[0].output = output_of(1000, false);
  same[0].output = output_of(1000, true);
  auto size = encode_events(plain, {"n1"}).size();
  EXPECT_EQ(encode_events(same, {"n1"}).size(), size);
  EXPECT_LE(size, 1000U + 40U);
}

TEST(event_codec, verdict_of_all_items_is_small) {
  auto output = std::make_shared<NodeOutput>(*output_of(1000, true));
  std::vector<Event> events{event_of(EventType::node_succeeded, 1, 0)};
  events[0].output = output;
  auto without = encode_events(events, {"n1"}).size();
  output->verdicts.push_back({5, {}});
  for (std::uint32_t i = 0; i < 1000; ++i) output->verdicts[0].items.push_back(i);
  EXPECT_LE(encode_events(events, {"n1"}).size(), without + 6);
}

TEST(event_codec, values_are_shared_across_events) {
  std::string text(5000, 'x');
  Value body = Value::object({{"text", Value(text)}});
  std::vector<Event> events;
  for (std::uint32_t i = 0; i < 5; ++i) {
    auto output = std::make_shared<NodeOutput>();
    output->ports.push_back({"main", {Item{body}}, {}});
    events.push_back(event_of(EventType::node_succeeded, i + 1, i));
    events.back().output = output;
  }
  auto chunk = encode_events(events, node_ids);
  EXPECT_LT(chunk.size(), 5500U);
  std::vector<Event> read;
  ASSERT_TRUE(decode_events(chunk, node_ids, read).ok());
  EXPECT_EQ(read[0].output->ports[0].items[0].json.block(), read[4].output->ports[0].items[0].json.block());
}

TEST(event_codec, impossible_verdicts_do_not_spoil_the_journal) {
  auto output = std::make_shared<NodeOutput>(*output_of(3, true));
  output->verdicts.push_back({0, {2, 1, 2, 900}});
  std::vector<Event> events{event_of(EventType::node_succeeded, 1, 0)};
  events[0].output = output;
  std::vector<Event> read;
  ASSERT_TRUE(decode_events(encode_events(events, node_ids), node_ids, read).ok());
  EXPECT_EQ(read[0].output->verdicts[0].items, std::vector<std::uint32_t>{2});
}

}  // namespace
}  // namespace mbflow
