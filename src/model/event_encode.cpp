#include "base/cbor.h"
#include "model/event_format.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace mbflow {

namespace {

using namespace journal_format;

Origins origins_of(std::span<const Item> items, std::size_t first) {
  bool none = true;
  bool same = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].more_origins) return Origins::several;
    none = none && items[i].origin.index == Origin::none;
    same = same && items[i].origin.index == first + i;
  }
  if (none) return Origins::none;
  return same ? Origins::same : Origins::listed;
}

class EventWriter {
 public:
  EventWriter(std::string& out, const std::vector<std::string>& ids) : cbor_(out), ids_(ids) {}

  void chunk(std::span<const Event> events) {
    cbor_.array(1 + events.size());
    cbor_.integer(format);
    for (const auto& event : events) record(event);
  }

  void segment(std::span<const Item> items, std::size_t first) {
    cbor_.array(2);
    cbor_.integer(format);
    port(main_port, {}, items, first);
  }

 private:
  void record(const Event& event) {
    auto fields = fields_of(event);
    cbor_.array(1 + static_cast<std::size_t>(std::popcount(fields)));
    cbor_.integer(static_cast<std::int64_t>(event.type) + std::int64_t{32} * fields);
    if (fields & at_field) cbor_.integer(distance(at_, event.at));
    if (fields & node_field) cbor_.text(ids_[event.node]);
    if (fields & known_field) cbor_.integer(mentioned_.at(event.node));
    if (fields & node_field) mentioned_.emplace(event.node, static_cast<std::int64_t>(mentioned_.size()));
    if (fields & output_field) output(*event.output);
    if (fields & attempt_field) cbor_.integer(event.attempt);
    if (fields & seq_field) cbor_.integer(event.seq);
    if (fields & data_field) cbor_.value(event.data);
    if (fields & status_field) cbor_.integer(static_cast<std::int64_t>(event.status));
    if (fields & error_field) error(*event.error);
    if (fields & until_field) cbor_.integer(distance(event.at, event.until));
    if (fields & response_field) cbor_.value(event.response);
    if (fields & partial_field) partial(*event.partial);
    if (fields & started_field) cbor_.integer(distance(event.at, event.started));
    if (fields & progress_field) progress(*event.progress);
    if (fields & tried_field) cbor_.integer(event.tried);
    if (fields & log_field) log(*event.log, event.at);
    at_ = event.at;
    seq_ = event.seq;
  }

  [[nodiscard]] std::uint32_t fields_of(const Event& event) const {
    std::uint32_t fields = 0;
    auto add = [&fields](bool present, Field field) { fields |= present ? field : 0U; };
    bool has_node = event.node < ids_.size();
    bool known = has_node && mentioned_.contains(event.node);
    add(event.at != at_, at_field);
    add(has_node && !known, node_field);
    add(known, known_field);
    add(event.output != nullptr, output_field);
    add(event.attempt != 0, attempt_field);
    add(event.seq != seq_ + 1, seq_field);
    add(!event.data.is_null(), data_field);
    add(event.status != ExecutionStatus{}, status_field);
    add(event.error != nullptr, error_field);
    add(event.until != Timestamp{}, until_field);
    add(!event.response.is_null(), response_field);
    add(event.partial != nullptr, partial_field);
    add(event.started != Timestamp{}, started_field);
    add(event.progress != nullptr, progress_field);
    add(event.tried != 0, tried_field);
    add(event.log != nullptr, log_field);
    return fields;
  }

  void output(const NodeOutput& output) {
    cbor_.array(1 + output.verdicts.size());
    cbor_.array(output.ports.size());
    std::size_t items = 0;
    for (const auto& each : output.ports) {
      items = std::max(items, each.size());
      port(each);
    }
    for (const auto& each : output.verdicts) verdict(each, items);
  }

  void port(const NodeOutput::Port& one) { port(one.name, one.apart, one.items, one.apart_count()); }

  void port(std::string_view name, std::span<const Segment> segments, std::span<const Item> items, std::size_t first) {
    auto origins = origins_of(items, first);
    bool list = origins >= Origins::listed;
    cbor_.array(2 + (segments.empty() ? 0U : 1U) + (list ? 1U : 0U) + items.size());
    if (name == main_port) cbor_.null();
    else cbor_.text(name);
    cbor_.integer(static_cast<std::int64_t>(origins) + (segments.empty() ? 0 : some_apart));
    if (!segments.empty()) apart(segments);
    if (list) origin_list(items, origins == Origins::several);
    for (const auto& item : items) cbor_.value(item.json);
  }

  void apart(std::span<const Segment> segments) {
    cbor_.array(3 * segments.size());
    for (const auto& segment : segments) {
      cbor_.bytes(segment.blob.id.raw());
      cbor_.integer(static_cast<std::int64_t>(segment.blob.bytes));
      cbor_.integer(segment.items);
    }
  }

  void progress(const Progress& progress) {
    cbor_.array(3);
    cbor_.integer(progress.first);
    cbor_.integer(progress.count);
    output(*progress.output);
  }

  void origin_list(std::span<const Item> items, bool several) {
    cbor_.array(items.size());
    std::uint32_t expected = 0;
    for (const auto& item : items) {
      const auto* more = item.more_origins.get();
      if (several) cbor_.array(more ? 2 + more->size() : 1);
      origin(item.origin, expected);
      if (item.origin.index != Origin::none) expected = item.origin.index + 1;
      if (!more) continue;
      cbor_.null();  // tells "no list" from "an empty list"
      for (auto each : *more) origin(each, 0);
    }
  }

  void origin(Origin origin, std::uint32_t expected) {
    if (origin.index == Origin::none) cbor_.null();
    else cbor_.integer(std::int64_t{origin.index} - std::int64_t{expected});
  }

  // What is out of order or beyond the items there are is left out: a reader must be able to trust the lengths of runs.
  void verdict(const NodeOutput::Verdict& verdict, std::size_t items) {
    std::vector<std::uint32_t> runs;  // skip, take, skip, take…
    std::uint32_t next = 0;
    for (auto item : verdict.items) {
      if (item < next || item >= items) continue;
      if (runs.empty() || item != next) runs.insert(runs.end(), {item - next, 0});
      ++runs.back();
      next = item + 1;
    }
    cbor_.array(1 + runs.size());
    cbor_.integer(verdict.edge);
    for (auto run : runs) cbor_.integer(run);
  }

  void partial(const std::vector<ItemResult>& results) {
    cbor_.array(results.size());
    for (const auto& result : results) {
      cbor_.array(1 + result.ports.size());
      cbor_.integer(result.item);
      for (const auto& each : result.ports) port(each.name, {}, each.items, 0);
    }
  }

  void log(const std::vector<LogLine>& lines, Timestamp at) {
    cbor_.array(3 * lines.size());
    for (const auto& line : lines) {
      cbor_.integer(static_cast<std::int64_t>(line.level));
      cbor_.integer(distance(at, line.at));
      cbor_.text(line.text);
    }
  }

  void error(const Error& error) {
    bool retry = error.retry_after_ms != -1;
    bool at = retry || !error.at.empty();
    cbor_.array(3 + (at ? 1U : 0U) + (retry ? 1U : 0U));
    cbor_.integer(static_cast<std::int64_t>(error.kind));
    cbor_.text(error.code);
    cbor_.text(error.message);
    if (at) cbor_.text(error.at);
    if (retry) cbor_.integer(error.retry_after_ms);
  }

  CborWriter cbor_;
  const std::vector<std::string>& ids_;
  std::unordered_map<NodeIndex, std::int64_t> mentioned_;
  Timestamp at_{};
  std::uint32_t seq_ = 0;
};

}  // namespace

std::string encode_events(std::span<const Event> events, const std::vector<std::string>& ids) {
  std::string out;
  EventWriter(out, ids).chunk(events);
  return out;
}

std::string encode_items(std::span<const Item> items, std::size_t first) {
  const std::vector<std::string> no_ids;
  std::string out;
  EventWriter(out, no_ids).segment(items, first);
  return out;
}

}  // namespace mbflow
