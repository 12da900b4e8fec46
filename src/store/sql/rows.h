// Reading rows, the same over both databases. A Rows is a backend's query under way.
#pragma once

#include <mbflow/result.h>

#include <optional>
#include <vector>

namespace mbflow::store::sql {

// All rows, each as `read` reads it.
template <class Rows, class Read>
auto all_of(Rows& rows, Read read) -> Result<std::vector<decltype(read(rows))>> {
  std::vector<decltype(read(rows))> list;
  while (rows.next()) list.push_back(read(rows));
  MBF_CHECK(rows.status());
  return list;
}
template <class Rows, class Read>
auto one_of(Rows& rows, Read read) -> Result<std::optional<decltype(read(rows))>> {
  std::optional<decltype(read(rows))> found;
  if (rows.next()) found = read(rows);
  MBF_CHECK(rows.status());
  return found;
}
// Runs it to its end; whether there was a row.
template <class Rows>
Result<bool> any(Rows rows) {
  const bool found = rows.next();
  MBF_CHECK(rows.status());
  return found;
}

}  // namespace mbflow::store::sql
