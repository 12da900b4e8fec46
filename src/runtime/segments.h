// Segments of lists, in memory for a while: those that were read last, within bounds. Of one loop.
#pragma once

#include "model/event.h"
#include "store/store.h"

#include <list>
#include <memory>
#include <vector>

namespace mbflow::runtime {

using Items = std::shared_ptr<const std::vector<Item>>;

class Segments {
 public:
  // Null: it must be read first.
  [[nodiscard]] Items find(const Segment& segment);
  // Reads it unless it is here. Errors: store.*, journal.damaged.
  [[nodiscard]] Task<Result<Items>> read(store::Store& store, Segment segment);

 private:
  struct Kept {
    Segment segment;
    Items items;
    std::size_t bytes;
  };
  void keep(const Segment& segment, Items items);

  std::list<Kept> kept_;  // the one used last is first
  std::size_t bytes_ = 0;
};

// Reads items of a port one by one. What must be read from the store first is noted in `wanted`, and the error segment.wanted.
class PortReader {
 public:
  PortReader(Segments& segments, std::vector<Segment>& wanted) : segments_(segments), wanted_(wanted) {}
  // Valid until the next read.
  [[nodiscard]] Result<const Item*> at(const NodeOutput::Port& port, std::size_t index) const;

 private:
  Segments& segments_;
  std::vector<Segment>& wanted_;
};

}  // namespace mbflow::runtime
