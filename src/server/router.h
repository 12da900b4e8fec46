// Finds the row of the route table for a request. Exact: one normalised path, no suffixes, no case folding.
#pragma once

#include "server/route.h"

namespace mbflow::server {

struct Match {
  const Route* route = nullptr;
  std::vector<std::string> params;
  std::string allowed;  // no route, but the path exists for these methods: "GET, PUT"
};

[[nodiscard]] Match find_route(std::string_view method, std::string_view path);

// A page number, a limit: query parameters that must be whole numbers within bounds. Error request.query.
[[nodiscard]] Result<int> int_query(const Call& call, std::string_view name, int otherwise, int low, int high);
[[nodiscard]] Result<Duration> duration_query(const Call& call, std::string_view name, Duration otherwise, Duration most);
// Error request.query for any parameter not among `known`.
[[nodiscard]] Result<void> only_queries(const Call& call, std::initializer_list<std::string_view> known);
// Error request.unknown_field for any member of the body not among `known`, request.body when it is not an object.
[[nodiscard]] Result<void> only_fields(const Value& body, std::initializer_list<std::string_view> known);

// An id from the path. What is no id is no one's: the same answer as for an unknown one.
template <class Id>
[[nodiscard]] Result<Id> id_param(const Call& call, std::size_t index, std::string_view what) {
  auto id = Id::parse(call.params[index]);
  if (id) return *id;
  return fail(Kind::not_found, "store.not_found", "there is no " + std::string(what) + " with this id");
}

}  // namespace mbflow::server
