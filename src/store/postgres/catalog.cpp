#include "store/postgres/catalog.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace mbflow::store::postgres {

namespace {

constexpr int look_every_ms = 1000;

}  // namespace

void Catalog::raise(std::int64_t version) {
  const auto next = static_cast<std::uint64_t>(version);
  auto known = version_.load(std::memory_order_relaxed);
  while (known < next && !version_.compare_exchange_weak(known, next, std::memory_order_acq_rel)) {
  }
}

Result<std::int64_t> alter_catalog(Connection& db) {
  MBF_TRY(auto version, db.number("UPDATE catalog SET version = version + 1 RETURNING version"));
  MBF_CHECK(db.run("SELECT pg_notify('mbflow_catalog', '')"));
  return version;
}

Result<std::int64_t> catalog_version(Connection& db) { return db.number("SELECT version FROM catalog"); }

CatalogWatch::CatalogWatch(std::unique_ptr<Connection> db, Catalog& catalog)
    : catalog_(catalog),
      stop_fd_(::eventfd(0, EFD_CLOEXEC)),
      link_(std::move(db), std::chrono::hours(1), [this] { return stopping_.load(); }) {
  thread_ = std::thread([this] { work(); });
}

void CatalogWatch::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  const std::uint64_t one = 1;
  (void)!::write(stop_fd_, &one, sizeof one);
  thread_.join();
  ::close(stop_fd_);
}

bool CatalogWatch::listening() {
  auto& db = link_.db();
  if (!db.connected()) listens_ = false;
  if (!link_.ready()) return false;
  if (!listens_) listens_ = db.execute("LISTEN mbflow_catalog").ok();
  return listens_;
}

void CatalogWatch::work() {
  while (!stopping_) {
    auto& db = link_.db();
    if (!listening()) continue;
    // Looked after LISTEN: what changed before has been seen, what changes later sends a notice.
    if (auto version = catalog_version(db)) catalog_.raise(*version);
    if (db.connected()) (void)db.wait_for_notice(stop_fd_, look_every_ms);
    db.clear_fault();
  }
}

}  // namespace mbflow::store::postgres
