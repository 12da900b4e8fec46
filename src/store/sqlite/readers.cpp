#include "store/sqlite/readers.h"

#include <algorithm>

namespace mbflow::store::sqlite {

Result<std::unique_ptr<Readers>> Readers::open(const std::string& path, std::size_t count, std::size_t queue_limit,
                                                std::size_t queue_bytes) {
  std::unique_ptr<Readers> readers(new Readers(queue_limit, queue_bytes));
  for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
    MBF_TRY(auto connection, Connection::open(path, Connection::Mode::read));
    readers->connections_.push_back(std::move(connection));
  }
  for (auto& connection : readers->connections_)
    readers->threads_.emplace_back([self = readers.get(), db = connection.get()] { self->work(*db); });
  return readers;
}

Readers::~Readers() { close(); }

void Readers::close() {
  queue_.close();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  connections_.clear();
}

void Readers::work(Connection& db) {
  Delivery delivery;
  for (;;) {
    auto calls = queue_.take(1);
    auto call = calls.pop();
    if (!call) return;
    db.clear_fault();
    run(*call, db);
    delivery.add(std::move(call));
    delivery.send();
  }
}

}  // namespace mbflow::store::sqlite
