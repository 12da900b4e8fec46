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
