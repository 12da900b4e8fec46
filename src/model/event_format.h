// A journal chunk, in CBOR:
//
//   chunk   = [format, event…]                             format = 1
//   event   = [head, field…]                               head = type + 32 × the set of fields present, in the order below
//   output  = [[port…], verdict…]
//   port    = [name | null, origins, (apart), (list), json…]   null = "main"; see Origins for the list
//   apart   = [blob, its bytes, items…]                    segments that come before the items here
//   progress = [first, count, output]
//   segment = [format, port]                               what a blob holds; its port has no name
//   verdict = [edge, skip, take, skip, take…]              runs of items that do not pass and that pass
//   partial = [[item, port…]…]
//   error   = [kind, code, message, (at), (retry_after_ms)]
//   log     = [level, at, text, level, at, text…]
//
// `at` is the distance from the event before, `until`, `started` and those of a log that from `at`, and a `seq` that follows its predecessor
// is left out. Types, statuses and kinds are written as their numbers: their order is part of the format.
// The number of bytes matters: every execution has such a chunk on disk, mostly of a handful of small events.
//
// Shared by event_encode.cpp and event_decode.cpp only.
#pragma once

#include "model/event.h"

#include <cstdint>
#include <string_view>

namespace mbflow::journal_format {

inline constexpr std::int64_t format = 1;
inline constexpr std::int64_t type_count = static_cast<std::int64_t>(EventType::node_progressed) + 1;
inline constexpr std::int64_t status_count = static_cast<std::int64_t>(ExecutionStatus::held) + 1;
inline constexpr std::int64_t level_count = static_cast<std::int64_t>(LogLevel::error) + 1;
inline constexpr std::int64_t kind_count = static_cast<std::int64_t>(Kind::internal) + 1;
inline constexpr std::string_view main_port = "main";

// Bits of the head, in the order the fields are written; frequent ones first keeps the head short.
enum Field : std::uint32_t {
  at_field = 1,
  node_field = 2,      // the node's id: first mention within the chunk
  known_field = 4,     // its position among the ids mentioned so far
  output_field = 8,
  attempt_field = 16,
  seq_field = 32,
  data_field = 64,
  status_field = 128,
  error_field = 256,
  until_field = 512,
  response_field = 1024,
  partial_field = 2048,
  started_field = 4096,
  progress_field = 8192,
  tried_field = 16384,
  log_field = 32768,
};
inline constexpr std::int64_t head_limit = std::int64_t{32} * 65536;

// Where the items of a port came from. Added to it: that some are kept apart.
inline constexpr std::int64_t some_apart = 4;
enum class Origins : std::int64_t {
  none = 0,      // no item says
  same = 1,      // item i comes from input i
  listed = 2,    // [distance from the origin before plus one | null, …]
  several = 3,   // [[distance | null, further origin | null…]…]
};

// Distances wrap around, so that no bytes, however damaged, overflow a signed number.
inline std::int64_t distance(Timestamp from, Timestamp to) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(to.time_since_epoch().count()) -
                                   static_cast<std::uint64_t>(from.time_since_epoch().count()));
}
inline Timestamp moved(Timestamp from, std::int64_t by) {
  auto ticks = static_cast<std::uint64_t>(from.time_since_epoch().count()) + static_cast<std::uint64_t>(by);
  return Timestamp(Duration(static_cast<std::int64_t>(ticks)));
}

}  // namespace mbflow::journal_format
