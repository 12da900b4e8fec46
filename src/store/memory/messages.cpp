#include "store/memory/messages.h"

#include "store/faults.h"

#include <algorithm>

namespace mbflow::store {

void MemoryMessages::replace(TenantId tenant, WorkflowId workflow, int version, std::vector<Subscription> subscriptions) {
  std::erase_if(subscriptions_, [&](const Subscription& one) { return one.tenant == tenant && one.workflow == workflow; });
  for (auto& one : subscriptions) {
    one.tenant = tenant;
    one.workflow = workflow;
    one.version = version;
    subscriptions_.push_back(std::move(one));
  }
}

Result<std::uint64_t> MemoryMessages::add(Message message) {
  const auto is_same = [&](const auto& entry) {
    const Message& other = entry.second;
    return other.tenant == message.tenant && other.source == message.source && other.key == message.key;
  };
  if (!message.key.empty() && std::ranges::any_of(messages_, is_same)) return message_exists();
  message.number = ++last_;
  message.handed_on = false;
  messages_.emplace(last_, std::move(message));
  return last_;
}

std::vector<Message> MemoryMessages::open(std::size_t limit) const {
  std::vector<Message> list;
  for (auto place = messages_.begin(); place != messages_.end() && list.size() < limit; ++place) {
    if (!place->second.handed_on) list.push_back(place->second);
  }
  return list;
}

void MemoryMessages::hand_on(const std::vector<std::uint64_t>& numbers) {
  for (const auto number : numbers) {
    if (const auto found = messages_.find(number); found != messages_.end()) found->second.handed_on = true;
  }
}

std::vector<Message> MemoryMessages::list(TenantId tenant, std::uint64_t before, std::size_t limit) const {
  std::vector<Message> list;
  for (auto place = before == 0 ? messages_.end() : messages_.lower_bound(before); place != messages_.begin() && list.size() < limit;) {
    --place;
    if (place->second.tenant == tenant) list.push_back(place->second);
  }
  return list;
}

int MemoryMessages::forget(Timestamp before, std::size_t limit) {
  std::size_t count = 0;
  for (auto place = messages_.begin(); place != messages_.end() && count < limit;) {
    const bool goes = place->second.handed_on && place->second.at < before;
    place = goes ? messages_.erase(place) : std::next(place);
    count += goes ? 1 : 0;
  }
  return static_cast<int>(count);
}

}  // namespace mbflow::store
