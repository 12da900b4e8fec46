// Threads that read, each with a connection of its own. A read sees all that was reported as written before it was
// asked for. One that loses its connection is done again.
#pragma once

#include "store/postgres/call.h"
#include "store/postgres/link.h"

#include <thread>
#include <vector>

namespace mbflow::store::postgres {

class Readers {
 public:
  Readers(std::vector<std::unique_ptr<Connection>> connections, std::size_t queue_limit,
          std::chrono::milliseconds patience);
  ~Readers() { close(); }
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  [[nodiscard]] CallQueue& queue() { return queue_; }
  void close();  // answers what is queued, and ends the threads; one thread calls it

 private:
  void work(Link& link);
  static void read(Link& link, DatabaseCall& call);

  CallQueue queue_;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<std::thread> threads_;
};

}  // namespace mbflow::store::postgres
