#include "runtime/segments.h"

#include "runtime/worker.h"

#include <algorithm>

namespace mbflow::runtime {
namespace {

constexpr std::size_t most_bytes = 16 << 20;
constexpr Duration again_after = std::chrono::milliseconds(500);
constexpr std::size_t least_kept = 4;  // however large: what one expression looks at should fit

}  // namespace

Items Segments::find(const Segment& segment) {
  const auto found = std::ranges::find(kept_, segment, &Kept::segment);
  if (found == kept_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, found);
  return found->items;
}

void Segments::keep(const Segment& segment, Items items) {
  std::size_t bytes = 0;
  for (const auto& item : *items) bytes += sizeof item + item.json.memory();
  kept_.push_front({segment, std::move(items), bytes});
  bytes_ += bytes;
  while (bytes_ > most_bytes && kept_.size() > least_kept) {
    bytes_ -= kept_.back().bytes;
    kept_.pop_back();
  }
}

Task<Result<Items>> Segments::read(store::Store& store, Segment segment) {
  if (auto here = find(segment)) co_return here;
  MBF_CO_TRY(const std::string bytes, co_await store.blob(segment.blob.id));
  MBF_CO_TRY(auto items, decode_items(bytes, segment.first, segment.items));
  auto shared = std::make_shared<const std::vector<Item>>(std::move(items));
  keep(segment, shared);
  co_return Items(std::move(shared));
}

Task<Result<Items>> read_patiently(Worker& worker, Segment segment) {
  while (true) {
    auto items = co_await worker.segments.read(worker.services.store, segment);
    const bool passing = !items && items.error().kind == Kind::unavailable && items.error().code != "store.blob_missing";
    if (!passing || worker.stopping) co_return items;
    co_await sleep_for(worker.loop, again_after, std::stop_token());
  }
}

Result<const Item*> PortReader::at(const NodeOutput::Port& port, std::size_t index) const {
  const std::size_t apart = port.apart_count();
  if (index >= apart) return &port.items[index - apart];
  const auto segment = std::ranges::upper_bound(port.apart, index, {}, &Segment::end);
  if (const auto items = segments_.find(*segment)) return &(*items)[index - segment->first];
  wanted_.push_back(*segment);
  return fail(Kind::unavailable, "segment.wanted", "it is read from the store first");
}

}  // namespace mbflow::runtime
