// Messages and who subscribes to them. Not synchronised: the store's lock guards it.
#pragma once

#include "store/store.h"

#include <map>

namespace mbflow::store {

class MemoryMessages {
 public:
  void replace(TenantId tenant, WorkflowId workflow, int version, std::vector<Subscription> subscriptions);
  [[nodiscard]] const std::vector<Subscription>& subscriptions() const { return subscriptions_; }

  Result<std::uint64_t> add(Message message);
  [[nodiscard]] std::vector<Message> open(std::size_t limit) const;
  void hand_on(const std::vector<std::uint64_t>& numbers);
  [[nodiscard]] std::vector<Message> list(TenantId tenant, std::uint64_t before, std::size_t limit) const;
  int forget(Timestamp before, std::size_t limit);

 private:
  std::vector<Subscription> subscriptions_;
  std::map<std::uint64_t, Message> messages_;
  std::uint64_t last_ = 0;
};

}  // namespace mbflow::store
