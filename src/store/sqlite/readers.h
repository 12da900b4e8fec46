// Threads that read, each with a connection of its own that cannot write. A read sees all that was reported as written
// before it was asked for.
#pragma once

#include "store/sqlite/call.h"

#include <string>
#include <thread>
#include <vector>

namespace mbflow::store::sqlite {

class Readers {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Readers>> open(const std::string& path, std::size_t count, std::size_t queue_limit,
                                                              std::size_t queue_bytes = std::size_t{1} << 30);
  ~Readers();  // close()

  [[nodiscard]] CallQueue& queue() { return queue_; }
  void close();  // answers what is queued, and ends the threads; one thread calls it

 private:
  Readers(std::size_t queue_limit, std::size_t queue_bytes) : queue_(queue_limit, queue_bytes) {}
  void work(Connection& db);

  CallQueue queue_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::thread> threads_;
};

}  // namespace mbflow::store::sqlite
