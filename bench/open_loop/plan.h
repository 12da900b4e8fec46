// What is asked for on the command line, and what was seen of it.
#pragma once

#include "histogram.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace open_loop {

using Micros = std::int64_t;  // of the monotonic clock

struct Second {  // of the schedule: what was due in it
  std::uint64_t accepted = 0, refused = 0;
  Histogram latency;
};

// Requests to one path at one rate; request number i is due i/rate seconds after the begin.
struct Stream {
  std::string path;
  double rate = 0;
  std::uint64_t total = 0, next = 0;  // requests of the schedule; the one that is due next
  std::map<int, std::uint64_t> statuses;
  std::uint64_t cut = 0;          // the connection went before an answer came: whether it was taken is not known
  std::uint64_t not_connected = 0;  // the connection was refused
  std::uint64_t timed_out = 0;      // sent and not answered for so long: likewise not known
  std::uint64_t given_up = 0;     // no connection was free for so long: never sent
  std::uint64_t no_retry_after = 0;  // 429 or 503 that does not say when to come again
  Histogram accepted;             // from the time it was due to the answer, 2xx
  Histogram accepted_service;     // from the time it was sent
  Histogram refused_service;      // likewise, other answers
  std::vector<Second> seconds;

  [[nodiscard]] Micros due(std::uint64_t number) const { return static_cast<Micros>(static_cast<double>(number) * 1e6 / rate); }
};

struct Plan {
  int port = 0;
  int seconds = 10;
  int connections = 200;
  Micros patience = 10'000'000;  // with one request: to find a connection, then to be answered
  std::size_t padding = 200;
  std::uint64_t count = UINT64_MAX;  // of a stream, at most
  std::string acknowledged;      // file: a line "stream number id" for each 2xx; empty: none
  std::vector<Stream> streams;
};

}  // namespace open_loop
