#include <mbflow/node.h>

#include <algorithm>
#include <utility>

namespace mbflow {

void Output::add_to(std::string_view port, Item item) {
  const auto found = std::ranges::find(ports_, port, &Port::name);
  if (found != ports_.end()) {
    found->items.push_back(std::move(item));
    return;
  }
  Port& fresh = ports_.emplace_back();
  fresh.name = port;
  fresh.items.push_back(std::move(item));
}

Output Output::sleep_until(std::chrono::sys_time<std::chrono::microseconds> instant) {
  Output output;
  output.wake_at_ = instant;
  return output;
}

NodeTable::NodeTable(std::vector<NodeType> types) : types_(std::move(types)) {
  std::ranges::sort(types_, {}, &NodeType::type);
}

const NodeType* NodeTable::find(std::string_view type) const {
  const auto found = std::ranges::lower_bound(types_, type, {}, &NodeType::type);
  return found != types_.end() && found->type == type ? &*found : nullptr;
}

}  // namespace mbflow
