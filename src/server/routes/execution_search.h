// What a list of executions is asked for, and how its rows look. Shared by the files of that resource.
#pragma once

#include "server/api.h"

namespace mbflow::server {

struct ExecutionSearch {
  store::ExecutionFilter filter;
  std::vector<std::string> triggers;  // one of these; none: any
  std::string text;                   // in the data that went in or came out
  std::optional<ExecutionId> from;    // the row that the page follows
  bool back = false;                  // it precedes that row instead
};

[[nodiscard]] Result<ExecutionSearch> read_search(const Call& call);
// {"workflow_id", "status", "since", "until"}; `usual` are the statuses when none are given.
[[nodiscard]] Result<store::ExecutionFilter> read_filter(const Value& json, std::vector<ExecutionStatus> usual);
// The names of their workflows as they are now.
[[nodiscard]] Task<Result<std::vector<std::string>>> names_of(Api& api, TenantId tenant, const std::vector<store::ExecutionRecord>& records);

// executions.cpp
[[nodiscard]] Value summary_to_json(const store::ExecutionRecord& record, std::string_view workflow_name);

}  // namespace mbflow::server
