// The number that changes with what processes keep in memory, as far as this process knows it; and the thread that
// learns of other processes' changes. A notice from the server is only a hint to look at once; it looks every second in
// any case.
#pragma once

#include "store/postgres/link.h"

#include <atomic>
#include <thread>

namespace mbflow::store::postgres {

class Catalog {
 public:
  [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  // Answers may overtake each other: an older one changes nothing.
  void raise(std::int64_t version);

 private:
  std::atomic<std::uint64_t> version_{0};
};

// Inside the transaction that changes the catalog, before all else: others who would change it wait. Gives the new
// version.
[[nodiscard]] Result<std::int64_t> alter_catalog(Connection& db);
[[nodiscard]] Result<std::int64_t> catalog_version(Connection& db);

class CatalogWatch {
 public:
  CatalogWatch(std::unique_ptr<Connection> db, Catalog& catalog);
  ~CatalogWatch() { stop(); }
  CatalogWatch(const CatalogWatch&) = delete;
  CatalogWatch& operator=(const CatalogWatch&) = delete;
  void stop();  // one thread calls it

 private:
  void work();
  [[nodiscard]] bool listening();

  Catalog& catalog_;
  std::atomic<bool> stopping_{false};
  int stop_fd_;
  Link link_;
  bool listens_ = false;
  std::thread thread_;
};

}  // namespace mbflow::store::postgres
