#include "runtime/outcomes.h"

namespace mbflow::runtime {

Outcomes::Outcomes(const Node& node, std::span<const Item> items, bool each, bool last, std::size_t first)
    : node_(node), items_(items), each_(each), last_(last), first_(first), slots_(each ? items.size() : 1) {}

void Outcomes::take(const std::vector<ItemResult>& earlier) {
  for (const auto& result : earlier) {
    if (result.item < first_ || result.item - first_ >= slots_.size()) continue;
    slots_[result.item - first_] = Slot{true, true, result.ports};
    for (const auto& port : result.ports) failed_ += port.name == "error" ? 1 : 0;
  }
}

void Outcomes::cut(std::size_t count) {
  for (std::size_t i = count; i < slots_.size(); ++i) {
    for (const auto& port : slots_[i].ports) failed_ -= port.name == "error" ? 1 : 0;
  }
  slots_.resize(count);
}

void Outcomes::add(std::size_t slot, Result<Output> outcome) {
  if (!outcome) return add_error(slot, std::move(outcome).error());
  if (outcome->wake_at()) {
    if (each_) {
      return add_error(slot, fail(Kind::internal, "node.sleep", "a node that runs once per item cannot sleep; set run: once"));
    }
    wake_at_ = outcome->wake_at();
    return;
  }
  slots_[slot].done = true;
  slots_[slot].ports = std::move(outcome->ports());
  if (response_.is_null()) response_ = outcome->response();
  if (!each_) return;
  for (auto& port : slots_[slot].ports) {
    for (auto& item : port.items) {
      bytes_ += item.json.memory();
      if (item.origin.index == Origin::none) item.origin.index = static_cast<std::uint32_t>(first_ + slot);
    }
  }
}

void Outcomes::add_error(std::size_t slot, Error error) {
  const bool curable = is_retryable(error.kind) && !last_;
  if (curable) {
    if (!again_) again_ = std::make_shared<const Error>(std::move(error));
    return;
  }
  if (node_.on_error == OnError::fail) {
    if (!fatal_) fatal_ = std::make_shared<const Error>(std::move(error));
    return;
  }
  add_error_item(slot, error);
  if (!passed_) passed_ = std::make_shared<const Error>(std::move(error));
}

void Outcomes::add_error_item(std::size_t slot, const Error& error) {
  ++failed_;
  const bool has_item = slot < items_.size();
  Item item{error_item(has_item ? items_[slot].json : Value::object(), error), {}, {}};
  if (has_item) item.origin.index = static_cast<std::uint32_t>(first_ + slot);
  bytes_ += item.json.memory();
  slots_[slot].done = true;
  slots_[slot].ports = {Output::Port{node_.on_error == OnError::port ? "error" : "main", {std::move(item)}}};
}

std::shared_ptr<NodeOutput> Outcomes::join() {
  auto output = std::make_shared<NodeOutput>();
  if (slots_.size() == 1) {
    for (auto& port : slots_.front().ports) output->ports.push_back({std::move(port.name), std::move(port.items), {}});
    return output;
  }
  for (auto& slot : slots_) {
    for (auto& port : slot.ports) {
      NodeOutput::Port* target = nullptr;
      for (auto& known : output->ports) {
        if (known.name == port.name) target = &known;
      }
      if (!target) target = &output->ports.emplace_back(NodeOutput::Port{port.name, {}, {}});
      target->items.insert(target->items.end(), std::make_move_iterator(port.items.begin()),
                           std::make_move_iterator(port.items.end()));
    }
  }
  return output;
}

engine::NodeEnded Outcomes::finish() {
  engine::NodeEnded ended;
  ended.wake_at = wake_at_;
  if (wake_at_) return ended;
  ended.error = fatal_ ? fatal_ : again_ ? again_ : passed_;
  if (!fatal_ && !again_) {
    ended.all_failed = failed_ > 0 && failed_ == slots_.size();
    ended.response = std::move(response_);
    ended.output = join();
    return ended;
  }
  // What is done stays done: a retry runs the other items only.
  auto partial = std::make_shared<std::vector<ItemResult>>();
  for (std::size_t i = 0; each_ && i < slots_.size(); ++i) {
    if (slots_[i].done && !slots_[i].earlier) {
      partial->push_back(ItemResult{static_cast<std::uint32_t>(first_ + i), std::move(slots_[i].ports)});
    }
  }
  if (!partial->empty()) ended.partial = std::move(partial);
  return ended;
}

Value error_item(const Value& json, const Error& error) {
  Value described = Value::object({{"code", error.code},
                                   {"message", error.message},
                                   {"kind", to_string(error.kind)}});
  return json.with("error", std::move(described));
}

}  // namespace mbflow::runtime
