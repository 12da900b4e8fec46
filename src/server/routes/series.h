// The newest executions of a window of time, and how many of them ended how in each part of it.
#pragma once

#include "store/store.h"

#include <algorithm>
#include <array>

namespace mbflow::server {

struct Window {
  Timestamp since{}, until{};
};

class Series {
 public:
  explicit Series(Window window) : window_(window) {}

  void add(const store::ExecutionRecord& record) {
    const auto part = (record.created_at - window_.since).count() * parts / std::max<std::int64_t>(1, (window_.until - window_.since).count());
    auto& counts = counts_[static_cast<std::size_t>(std::clamp<std::int64_t>(part, 0, parts - 1))];
    if (record.status == ExecutionStatus::succeeded) ++counts.succeeded;
    else if (record.status == ExecutionStatus::failed) ++counts.failed;
    else ++counts.other;
  }
  [[nodiscard]] Value to_json() const {
    std::vector<Value> list;
    for (std::int64_t i = 0; i < parts; ++i) {
      const auto& counts = counts_[static_cast<std::size_t>(i)];
      list.push_back(Value::object({{"at", format_timestamp(window_.since + (window_.until - window_.since) * i / parts)},
                                    {"succeeded", counts.succeeded},
                                    {"failed", counts.failed},
                                    {"other", counts.other}}));
    }
    return Value::array(std::move(list));
  }

 private:
  static constexpr std::int64_t parts = 24;
  struct Counts {
    std::int64_t succeeded = 0, failed = 0, other = 0;
  };
  Window window_;
  std::array<Counts, parts> counts_{};
};

// Gives `each` the executions of the window, the newest first; whether these were all, for there is a bound.
template <class Each>
Task<Result<bool>> each_newest(store::Store& store, TenantId tenant, std::optional<WorkflowId> workflow, Window window, Each& each) {
  constexpr int page_rows = 1'000;
  constexpr int most_rows = 20'000;
  store::ExecutionFilter filter;
  filter.workflow = workflow;
  filter.since = window.since;
  filter.limit = page_rows;
  for (int rows = 0; rows < most_rows; rows += page_rows) {
    MBF_CO_TRY(auto records, co_await store.executions(tenant, filter));
    std::ranges::for_each(records, std::ref(each));
    if (records.size() < page_rows) co_return true;
    filter.before = records.back().id;
  }
  co_return false;
}

}  // namespace mbflow::server
