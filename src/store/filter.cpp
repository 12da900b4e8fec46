#include "store/filter.h"

#include "base/utf8.h"

#include <algorithm>

namespace mbflow::store {

namespace {

std::uint32_t decode(std::string_view sequence) {
  auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i])); };
  switch (sequence.size()) {
    case 1: return byte(0);
    case 2: return (byte(0) & 0x1FU) << 6 | (byte(1) & 0x3FU);
    case 3: return (byte(0) & 0x0FU) << 12 | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU);
    default: return (byte(0) & 0x07U) << 18 | (byte(1) & 0x3FU) << 12 | (byte(2) & 0x3FU) << 6 | (byte(3) & 0x3FU);
  }
}

bool within(std::uint32_t c, std::uint32_t first, std::uint32_t last) { return c >= first && c <= last; }

// Simple case mapping of the blocks where it is regular: enough for names people search by.
std::uint32_t lower(std::uint32_t c) {
  if (within(c, 'A', 'Z') || (within(c, 0xC0, 0xDE) && c != 0xD7)) return c + 32;
  if (within(c, 0x139, 0x148) || within(c, 0x179, 0x17E)) return c + (c & 1U);  // pairs that begin at an odd place
  if (within(c, 0x100, 0x137) && c != 0x130 && c != 0x131) return c | 1U;
  if (within(c, 0x14A, 0x177)) return c | 1U;
  if (c == 0x178) return 0xFF;
  if (within(c, 0x391, 0x3AB) && c != 0x3A2) return c + 32;
  if (within(c, 0x400, 0x40F)) return c + 80;
  if (within(c, 0x410, 0x42F)) return c + 32;
  if (within(c, 0x460, 0x481) || within(c, 0x48A, 0x4BF) || within(c, 0x4D0, 0x52F)) return c | 1U;
  return c;
}

}  // namespace

ExecutionId id_after(ExecutionId id) {
  for (std::size_t i = id.bytes.size(); i-- > 0;) {
    if (++id.bytes[i] != 0) break;
  }
  return id;
}

ExecutionId first_id_at(Timestamp instant) {
  ExecutionId id;
  auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, instant.time_since_epoch().count() / 1'000));
  for (int byte = 5; byte >= 0; --byte, ms >>= 8) id.bytes[static_cast<std::size_t>(byte)] = static_cast<std::uint8_t>(ms);
  return id;
}

namespace {

// The next id up (by 1) or down (by -1); nothing past the ends.
std::optional<ExecutionId> neighbour(ExecutionId id, int step) {
  const std::uint8_t wraps = step > 0 ? 0xff : 0;
  for (std::size_t i = id.bytes.size(); i-- > 0;) {
    const bool carries = id.bytes[i] == wraps;
    id.bytes[i] = static_cast<std::uint8_t>(id.bytes[i] + step);
    if (!carries) return id;
  }
  return std::nullopt;
}

}  // namespace

std::optional<IdRange> id_range(const ExecutionFilter& filter) {
  IdRange range;
  range.last.bytes.fill(0xff);
  if (filter.since != Timestamp{}) range.first = first_id_at(filter.since);
  if (filter.after) {
    const auto next = neighbour(*filter.after, 1);
    if (!next) return std::nullopt;
    range.first = std::max(range.first, *next);
  }
  const auto keep_below = [&](const ExecutionId& bound) {
    const auto greatest = neighbour(bound, -1);
    if (greatest) range.last = std::min(range.last, *greatest);
    return greatest.has_value();
  };
  if (filter.before && !keep_below(*filter.before)) return std::nullopt;
  if (filter.until != Timestamp{} && !keep_below(first_id_at(filter.until))) return std::nullopt;
  return range.first <= range.last ? std::optional(range) : std::nullopt;
}

std::vector<ExecutionRecord> merge_pages(std::vector<ExecutionRecord> pages, const ExecutionFilter& filter) {
  std::ranges::sort(pages, [&](const auto& a, const auto& b) { return filter.oldest_first ? a.id < b.id : b.id < a.id; });
  if (pages.size() > page_size(filter.limit)) pages.resize(page_size(filter.limit));
  return pages;
}

std::size_t page_size(int limit) { return static_cast<std::size_t>(std::clamp(limit, 0, list_limit)); }

std::string fold_case(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  while (!text.empty()) {
    auto size = utf8_sequence(text);
    if (size == 0) folded.push_back(text[0]);
    else utf8_append(folded, lower(decode(text.substr(0, size))));
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return folded;
}

WorkflowMatch::WorkflowMatch(const WorkflowFilter& filter)
    : name_(fold_case(filter.name_contains)), tag_(filter.tag), published_(filter.published) {}

bool WorkflowMatch::operator()(const WorkflowRecord& record) const {
  if (published_ && *published_ != (record.published_version != 0)) return false;
  if (!tag_.empty() && std::ranges::find(record.tags, tag_) == record.tags.end()) return false;
  return name_.empty() || fold_case(record.name).contains(name_);
}

}  // namespace mbflow::store
