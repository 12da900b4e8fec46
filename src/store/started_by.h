// What started an execution, in one column of SQL: its trigger and, behind a blank, its entry. A column of its own would stand behind
// the chunk, and SQLite reads all of that to get there.
#pragma once

#include "store/store.h"

namespace mbflow::store {

[[nodiscard]] inline std::string started_by(const ExecutionRecord& record) {
  return record.entry.empty() ? record.trigger : record.trigger + " " + record.entry;
}

inline void read_started_by(std::string_view text, ExecutionRecord& record) {
  const auto blank = std::min(text.find(' '), text.size());
  record.trigger = text.substr(0, blank);
  record.entry = text.substr(std::min(blank + 1, text.size()));
}

}  // namespace mbflow::store
