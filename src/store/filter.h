// The filters of lists that are not worth an index, the same for every backend. Pure functions.
#pragma once

#include "store/store.h"

#include <string>
#include <string_view>

namespace mbflow::store {

inline constexpr int list_limit = 1000;  // more in one page is not given
[[nodiscard]] std::size_t page_size(int limit);

// No id made at that instant or later is less (version 7, RFC 9562 §5.7).
[[nodiscard]] ExecutionId first_id_at(Timestamp instant);

// The least id that is greater.
[[nodiscard]] ExecutionId id_after(ExecutionId id);
// The ids that a list may hold, the first and the last included; nothing: none can be.
struct IdRange {
  ExecutionId first, last;
};
[[nodiscard]] std::optional<IdRange> id_range(const ExecutionFilter& filter);
// Lists of single statuses as one, in the order of the filter and of its length: an index serves each, none serves several.
[[nodiscard]] std::vector<ExecutionRecord> merge_pages(std::vector<ExecutionRecord> pages, const ExecutionFilter& filter);

// Lower case for comparing: Latin, Greek and Cyrillic letters; what is not UTF-8 stays as it is.
[[nodiscard]] std::string fold_case(std::string_view text);

// Name, tag and publication; the keyset is the caller's.
class WorkflowMatch {
 public:
  explicit WorkflowMatch(const WorkflowFilter& filter);
  [[nodiscard]] bool operator()(const WorkflowRecord& record) const;

 private:
  std::string name_;  // folded
  std::string tag_;
  std::optional<bool> published_;
};

}  // namespace mbflow::store
